package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fpconform/fpconform/jws"
)

// jwsFlags are the flags of sign, verify and explain that are about X-JWS-Signature.
type jwsFlags struct {
	on         bool
	method     string
	path       string
	id         string
	alg        string
	memberPath string
	memberID   string
	idNumber   bool
	token      string
	key        keySource
}

// Flags that only one of the two schemes has.
var (
	flagsOfSig = []string{"content-type", "script", "secret-file", "order", "as", "no-salt"}
	flagsOfJWS = []string{"method", "path", "id", "alg", "member-path", "member-id", "id-number", "token", "jws-key-file"}
)

// add adds the flags. received says that the command looks at a token that came.
func (j *jwsFlags) add(c *cobra.Command, received bool) {
	method, alg, memberPath, memberID := " (default POST)", " (default HS256)", " (default uri)", " (default auth_id)"
	if received {
		method, alg, memberPath, memberID = "", "", "", ""
	}
	f := c.Flags()
	f.BoolVar(&j.on, "jws", false, "X-JWS-Signature instead of pg_sig; the flags below are for it")
	f.StringVar(&j.method, "method", "", "`METHOD` of the request"+method)
	f.StringVar(&j.path, "path", "", "`PATH` of the request, as sent")
	f.StringVar(&j.id, "id", "", "auth_id or merchant_id of the caller, the `ID`")
	f.StringVar(&j.alg, "alg", "", "`ALG` of the signature: HS256 or HS512"+alg)
	f.StringVar(&j.memberPath, "member-path", "", "header `MEMBER` with the path: uri or path"+memberPath)
	f.StringVar(&j.memberID, "member-id", "", "header `MEMBER` with the id: auth_id or merchant_id"+memberID)
	f.BoolVar(&j.idNumber, "id-number", false, "the id is a JSON number, which without this flag a merchant_id is and an auth_id is not")
	if received {
		f.StringVar(&j.token, "token", "", "the `TOKEN`: the value of the HTTP header as received")
	}
	j.key = keySource{flag: "jws-key-file", env: "FPCONFORM_JWS_KEY"}
	j.key.add(c, "read the key from `FILE` (default is $FPCONFORM_JWS_KEY)")
	f.SortFlags = false // first what both schemes have, then what is for one
	complete(c, "alg", "HS256", "HS512")
	complete(c, "member-path", "uri", "path")
	complete(c, "member-id", "auth_id", "merchant_id")
}

// fit refuses flags that do not belong together.
func (j *jwsFlags) fit(c *cobra.Command) error {
	others, why := flagsOfJWS, "goes with --jws"
	if j.on {
		others, why = flagsOfSig, "is about pg_sig and has no place beside --jws"
	}
	var wrong error
	c.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(others, f.Name) && wrong == nil {
			wrong = fmt.Errorf("--%s %s", f.Name, why)
		}
	})
	if wrong != nil || !j.on {
		return wrong
	}
	for _, choice := range []struct{ flag, value, a, b string }{
		{"alg", j.alg, string(jws.HS256), string(jws.HS512)},
		{"member-path", j.memberPath, "uri", "path"},
		{"member-id", j.memberID, "auth_id", "merchant_id"},
	} {
		if c.Flags().Changed(choice.flag) && choice.value != choice.a && choice.value != choice.b {
			return fmt.Errorf("--%s %s: neither %s nor %s", choice.flag, quote(choice.value), choice.a, choice.b)
		}
	}
	for _, flag := range []string{"method", "path", "id"} {
		if c.Flags().Changed(flag) && c.Flags().Lookup(flag).Value.String() == "" {
			return fmt.Errorf("--%s is empty", flag)
		}
	}
	if c.Flags().Changed("path") && c.Flags().Changed("url") {
		return errors.New("--path and --url both say the path; give one of them")
	}
	return nil
}

// body returns the exact bytes that are signed.
func (j *jwsFlags) body(c *cobra.Command, src *source, args []string, s *streams) ([]byte, error) {
	body, given, err := src.bytes(c, args, s)
	if err != nil {
		return nil, err
	}
	if !given {
		if len(args) > 0 {
			return nil, errors.New("--jws signs a body, not arguments: give --file FILE or -")
		}
		complain(s.err, "note: ", errors.New("no --file and no -: the body is empty"))
	}
	return body, nil
}

// readKey returns the key, or an error if there is none.
func (j *jwsFlags) readKey(c *cobra.Command, s *streams) (jws.Key, error) {
	j.key.set = c.Flags().Changed(j.key.flag)
	b, err := j.key.read(s)
	if err != nil {
		return jws.Key{}, err
	}
	return jws.NewKey(b), nil
}

// calledPath returns the path that --path or --url says, or "".
func (j *jwsFlags) calledPath(c *cobra.Command, src *source, s *streams) string {
	if !c.Flags().Changed("url") {
		return j.path
	}
	target, _, _ := strings.Cut(src.url, "#")
	if i := strings.Index(target, "://"); i >= 0 && !strings.ContainsAny(target[:i], "/?") {
		host := target[i+3:]
		slash := strings.IndexAny(host, "/?")
		if slash < 0 {
			return "/"
		}
		target = host[slash:]
	}
	path, query, has := strings.Cut(target, "?")
	if has && query != "" {
		complain(s.err, "note: ", errors.New("the query of --url is not signed; no page says whether it is part of the path, and --path can say so"))
	}
	if path == "" {
		return "/"
	}
	return path
}

// said returns profile and request as the flags say them. What they do not say is empty.
func (j *jwsFlags) said(c *cobra.Command, src *source, body []byte, s *streams) (jws.Profile, jws.Request) {
	p := jws.Profile{Alg: jws.Alg(j.alg), Target: j.memberPath, Identity: j.memberID}
	r := jws.Request{Method: j.method, Path: j.calledPath(c, src, s), Identity: j.id, Body: body}
	return p, r
}

// byDefault fills in what the flags of sign do not say.
func (j *jwsFlags) byDefault(c *cobra.Command, p *jws.Profile, r *jws.Request) error {
	setDefault(&p.Alg, jws.HS256)
	setDefault(&p.Target, "uri")
	setDefault(&p.Identity, "auth_id")
	setDefault(&r.Method, "POST")
	// JWS-9: merchant_id is a number in the only published token that has one.
	p.Number = p.Identity == "merchant_id"
	if c.Flags().Changed("id-number") {
		p.Number = j.idNumber
	}
	switch {
	case r.Path == "":
		return errors.New("no path: give --path PATH or --url URL")
	case r.Identity == "":
		return errors.New("no identity: give --id ID")
	}
	return nil
}

func setDefault[T ~string](v *T, value T) {
	if *v == "" {
		*v = value
	}
}

// A claim is what was taken from a token's own header.
type claim struct {
	Member string `json:"member"`
	Value  any    `json:"value"`
}

// claimed fills in from the header what the flags do not say, and returns what that was.
// What the header has not either is replaced by something that no header can equal.
func (j *jwsFlags) claimed(c *cobra.Command, h jws.Header, p *jws.Profile, r *jws.Request) (taken []claim, missing []string) {
	hp, hr := h.Claimed()
	take := func(name string, ok bool) {
		if v, has := h.Get(name); has && ok {
			taken = append(taken, claim{name, v})
		} else {
			missing = append(missing, name)
		}
	}
	// Where the flags name a member, the value of the other one is not for it.
	if p.Target == "" {
		p.Target = hp.Target
		setDefault(&p.Target, "uri")
		if r.Path != "" {
			taken = append(taken, claim{"member-path", p.Target})
		}
	}
	if r.Path == "" {
		path, _ := h.Get(p.Target)
		r.Path, _ = path.(string)
		take(p.Target, r.Path != "")
		setDefault(&r.Path, "\x00")
	}
	if p.Identity == "" {
		p.Identity = hp.Identity
		setDefault(&p.Identity, "auth_id")
		if r.Identity != "" {
			taken = append(taken, claim{"member-id", p.Identity})
		}
	}
	value, _ := h.Get(p.Identity)
	_, p.Number = value.(json.Number)
	if c.Flags().Changed("id-number") {
		p.Number = j.idNumber
	}
	if r.Identity == "" {
		switch v := value.(type) {
		case string:
			r.Identity = v
		case json.Number:
			r.Identity = string(v)
		}
		take(p.Identity, r.Identity != "")
		if r.Identity == "" {
			r.Identity, p.Number = "\x00", false
		}
	}
	if r.Method == "" {
		r.Method = hr.Method
		take("method", r.Method != "")
		setDefault(&r.Method, "\x00")
	}
	if p.Alg == "" {
		p.Alg = hp.Alg
		take("alg", p.Alg != "")
	}
	return taken, missing
}

// jwsReasons are the names that the vectors have for what Verify returns.
var jwsReasons = []struct {
	err  error
	name string
}{
	{jws.ErrUnsigned, "unsigned"},
	{jws.ErrSpace, "space"},
	{jws.ErrParts, "parts"},
	{jws.ErrTooLong, "too-long"},
	{jws.ErrNotDetached, "not-detached"},
	{jws.ErrAlphabet, "alphabet"},
	{jws.ErrPadding, "padding"},
	{jws.ErrStrayBits, "stray-bits"},
	{jws.ErrHeader, "header"},
	{jws.ErrTrailing, "trailing"},
	{jws.ErrDuplicate, "duplicate"},
	{jws.ErrUnencoded, "unencoded"},
	{jws.ErrCritical, "critical"},
	{jws.ErrAlg, "algorithm"},
	{jws.ErrRegistered, "registered"},
	{jws.ErrMismatch, "mismatch"},
}

// A jwsVerdict is the answer of verify --jws.
type jwsVerdict struct {
	Right bool `json:"right"`
	// Reason as in the vectors; empty if right.
	Reason string `json:"reason,omitempty"`
	Member string `json:"member,omitempty"` // of the reason "member"
	Text   string `json:"text,omitempty"`
	Hint   string `json:"hint,omitempty"`
	// FromHeader is what no flag said and the token's own header did.
	FromHeader []claim `json:"from_header"`
}

// judgeToken verifies the token. The error is about the call, not about the token.
func (j *jwsFlags) judgeToken(c *cobra.Command, p jws.Profile, r jws.Request, key jws.Key) (*jwsVerdict, error) {
	answer := &jwsVerdict{FromHeader: []claim{}}
	h, err := jws.Decode(j.token)
	if err != nil {
		answer.refuse(err)
		return answer, nil
	}
	taken, missing := j.claimed(c, h, &p, &r)
	answer.FromHeader = append(answer.FromHeader, taken...)
	if !c.Flags().Changed("alg") && p.Alg != jws.HS256 && p.Alg != jws.HS512 { // JWS-4
		answer.refuse(fmt.Errorf("%w: it is neither HS256 nor HS512", jws.ErrAlg))
		return answer, nil
	}
	_, err = p.Verify(j.token, r, key)
	var member *jws.MemberError
	switch {
	case err == nil:
		answer.Right = true
	case errors.As(err, &member) && slices.Contains(missing, member.Name):
		answer.Reason, answer.Member = "member", member.Name
		answer.Text = fmt.Sprintf("the header has no %s, or none of use", member.Name)
	case errors.As(err, &member):
		answer.Reason, answer.Member = "member", member.Name
		answer.Text = strings.TrimPrefix(err.Error(), "jws: ")
	case errors.Is(err, jws.ErrRequest) && j.id == "":
		// The header's own number is none that a profile may have.
		answer.Reason, answer.Member = "member", p.Identity
		answer.Text = strings.TrimPrefix(err.Error(), "jws: unusable request: ")
	case errors.Is(err, jws.ErrRequest), errors.Is(err, jws.ErrProfile), errors.Is(err, jws.ErrKey):
		return nil, err
	default:
		answer.refuse(err)
		if errors.Is(err, jws.ErrMismatch) {
			answer.Hint = hintBody(j.token, p, r, key)
		}
	}
	return answer, nil
}

func (answer *jwsVerdict) refuse(err error) {
	answer.Text = strings.TrimPrefix(err.Error(), "jws: ")
	for _, reason := range jwsReasons {
		if errors.Is(err, reason.err) {
			answer.Reason = reason.name
			return
		}
	}
}

// hintBody looks whether another form of the same body was signed. JWS-3 has the exact bytes
// signed, so that this makes nothing right.
func hintBody(token string, p jws.Profile, r jws.Request, key jws.Key) string {
	signed := func(body []byte) bool {
		r.Body = body
		_, err := p.Verify(token, r, key)
		var member *jws.MemberError
		return err == nil || errors.As(err, &member)
	}
	body := r.Body
	if cut := withoutLineBreak(body); len(cut) < len(body) && signed(cut) {
		return "it would be right over the body without the line break at its end"
	}
	var compact bytes.Buffer
	if json.Compact(&compact, body) == nil && !bytes.Equal(compact.Bytes(), body) && signed(compact.Bytes()) {
		return "it would be right over the body as JSON without white space; what is sent must be what is signed"
	}
	if signed(nil) && len(body) > 0 {
		return "it would be right over an empty body"
	}
	return ""
}

func (answer *jwsVerdict) print(s *streams) {
	if answer.Right {
		fmt.Fprintln(s.out, "right: the token matches header and body")
	} else {
		fmt.Fprintf(s.out, "wrong: %s\n", oneLine(answer.Text))
	}
	if answer.Hint != "" {
		fmt.Fprintf(s.out, "hint: %s\n", answer.Hint)
	}
	printClaims(s, answer.FromHeader)
}

// printClaims says what was taken from a header.
func printClaims(s *streams, taken []claim) {
	if len(taken) == 0 {
		return
	}
	var texts []string
	for _, t := range taken {
		texts = append(texts, t.Member+" "+claimText(t.Value))
	}
	fmt.Fprintf(s.out, "taken from the header: %s\n", strings.Join(texts, ", "))
}

// claimText shows text quoted and numbers bare.
func claimText(v any) string {
	if text, ok := v.(string); ok {
		return quote(text)
	}
	return fmt.Sprint(v)
}

// A jwsSignature is the answer of sign --jws.
type jwsSignature struct {
	Header string `json:"header"` // the HTTP header's name
	Token  string `json:"token"`
}

func (sn *signing) runJWS(c *cobra.Command, args []string, s *streams) error {
	body, err := sn.jws.body(c, &sn.source, args, s)
	if err != nil {
		return err
	}
	p, r := sn.jws.said(c, &sn.source, body, s)
	if err := sn.jws.byDefault(c, &p, &r); err != nil {
		return err
	}
	key, err := sn.jws.readKey(c, s)
	if err != nil {
		return err
	}
	token, err := p.Sign(r, key)
	if err != nil {
		return err
	}
	if sn.output.json() {
		return writeJSON(s.out, jwsSignature{jws.HeaderName, token})
	}
	fmt.Fprintln(s.out, token)
	return nil
}

func (v *verifying) runJWS(c *cobra.Command, args []string, s *streams) error {
	if !c.Flags().Changed("token") {
		return errors.New("no token: give --token TOKEN, the value of the header X-JWS-Signature")
	}
	body, err := v.jws.body(c, &v.source, args, s)
	if err != nil {
		return err
	}
	key, err := v.jws.readKey(c, s)
	if err != nil {
		return err
	}
	p, r := v.jws.said(c, &v.source, body, s)
	answer, err := v.jws.judgeToken(c, p, r, key)
	if err != nil {
		return err
	}
	if v.output.json() {
		if err := writeJSON(s.out, answer); err != nil {
			return err
		}
	} else {
		answer.print(s)
	}
	if !answer.Right {
		return &exitError{code: exitFindings}
	}
	return nil
}
