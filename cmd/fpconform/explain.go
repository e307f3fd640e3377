package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/vectors"
)

// An explanation is the answer of explain.
type explanation struct {
	Script string         `json:"script"`
	Format format         `json:"format"`
	Fields []vectors.Node `json:"fields"` // as received; null if only PHP would read them
	// PHP is what a program in PHP sees, where that is something else.
	PHP []vectors.Node `json:"php,omitempty"`
	// Readings are the strings that may be hashed, the default first. Ways to sign that come
	// to the same string are one.
	Readings []reading `json:"readings"`
	// Verdict is there if a key was given.
	Verdict *verdict `json:"verdict,omitempty"`
}

// A reading is one string to hash, and the ways that lead to it.
type reading struct {
	View      string   `json:"view"`
	Orders    []string `json:"orders"`
	Names     []string `json:"names"` // the flattened names in signing order, of the first of Orders
	Canonical string   `json:"canonical"`
	Digest    string   `json:"digest,omitempty"`  // its first and last four digits, or all of it
	Matches   *bool    `json:"matches,omitempty"` // whether pg_sig is this digest

	parts []sig.Part
}

type explaining struct {
	source
	jws    jwsFlags
	secret keySource
	order  orderFlag
	output outputFlag
	reveal bool
}

func newExplain(s *streams) *cobra.Command {
	e := explaining{secret: keySource{flag: "secret-file", env: "FPCONFORM_SECRET"}}
	c := &cobra.Command{
		Use:   "explain [flags] NAME=VALUE...|-",
		Short: "Show how the signature of a message comes about",
		Long: `Show the stages of a pg_sig: the fields as received beside what a program in PHP
sees of a form, the flattened names in signing order, and the string that is
hashed, with {secret_key} in place of the secret. Orders that come to another
string are shown too; --order leaves one.

With a key (--secret-file or FPCONFORM_SECRET) the digest follows, by its first
and last four digits, and whether the message's pg_sig matches. --reveal shows
signatures whole. The exit code says nothing about the signature.

A message is given as for sign. With --jws the stages are those of a token: its
header, what is signed, and whether it matches. --token is the token that came;
without it the stages are those of signing.`,
		Example: `  fpconform explain --script init_payment.php pg_amount=25 pg_order_id=17
  fpconform explain --url https://shop.example/result --file callback.txt \
      --secret-file secret.txt
  fpconform explain --jws --token "$TOKEN" --file body.json`,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := e.jws.fit(c); err != nil {
				return err
			}
			if e.jws.on {
				return e.runJWS(c, args, s)
			}
			return e.run(c, args, s)
		},
	}
	e.source.add(c)
	e.secret.add(c, "read the secret from `FILE` (default is $FPCONFORM_SECRET)")
	e.order.add(c, "explain only this `ORDER`: reference, documented or alphabetical")
	c.Flags().BoolVar(&e.reveal, "reveal", false, "show signatures whole")
	e.jws.add(c, true)
	e.output.add(c)
	return c
}

// errReveal is returned where there is nothing to reveal.
var errReveal = errors.New("--reveal needs a key to sign with")

func (e *explaining) run(c *cobra.Command, args []string, s *streams) error {
	e.secret.set = c.Flags().Changed("secret-file")
	script, err := e.scriptName(c, s)
	if err != nil {
		return err
	}
	m, err := e.read(c, args, s)
	if err != nil {
		return err
	}
	var key *sig.Key
	switch secret, err := e.secret.read(s); {
	case err == nil:
		k := sig.NewKey(string(secret))
		key = &k
	case !errors.Is(err, errNoKey):
		return err
	case e.reveal:
		return fmt.Errorf("%w: give --secret-file FILE, or set FPCONFORM_SECRET", errReveal)
	}
	mask := newMasker(m, script, key, e.reveal)
	x := &explanation{Script: script, Format: m.format}
	for _, view := range m.views() {
		for _, order := range e.order.orders() {
			x.add(view, order, key, mask)
		}
	}
	if key != nil {
		x.Verdict = judge(m, script, *key, e.order.orders())
	}
	exact, php := mask.fields(m.exact), mask.fields(m.php)
	if !e.output.json() {
		x.print(s.out, m, exact, php)
		return nil
	}
	if !isText(exact) || !isText(php) {
		return errNotUTF8
	}
	if m.exactErr == nil {
		x.Fields = nodes(exact)
	}
	if m.phpDiffers() {
		x.PHP = nodes(php)
	}
	return writeJSON(s.out, x)
}

// add adds the reading of one view in one order, or the order to a reading of the same string.
func (x *explanation) add(v view, order sig.Order, key *sig.Key, mask *masker) {
	var canonical strings.Builder
	scheme := sig.Scheme{Order: order}
	scheme.Explain(&canonical, x.Script, v.message) // a Builder has no errors
	text := mask.text(canonical.String())
	for i := range x.Readings {
		if r := &x.Readings[i]; r.View == v.name && r.Canonical == text {
			r.Orders = append(r.Orders, order.String())
			return
		}
	}
	r := reading{View: v.name, Orders: []string{order.String()}, Names: []string{}, Canonical: text}
	for part := range order.Parts(v.message) {
		r.parts = append(r.parts, part)
		r.Names = append(r.Names, part.SortName)
	}
	for i := range r.parts {
		f := *r.parts[i].Field
		f.Value = mask.text(f.Value)
		r.parts[i].Field = &f
	}
	if key != nil {
		r.Digest = mask.digest(scheme.Sum(x.Script, v.message, *key).String())
		if _, n := v.message.Get(sig.FieldSig); n > 0 {
			matches := scheme.Verify(x.Script, v.message, *key) == nil
			r.Matches = &matches
		}
	}
	x.Readings = append(x.Readings, r)
}

// A masker hides signatures that are right, wherever in a message they stand.
type masker struct {
	reveal bool
	right  *regexp.Regexp // any of the right signatures; nil for none
}

func newMasker(m *received, script string, key *sig.Key, reveal bool) *masker {
	mask := &masker{reveal: reveal}
	if key == nil || reveal {
		return mask
	}
	var right []string
	for _, view := range m.views() {
		for _, order := range []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical} {
			for _, drop := range []bool{false, true} {
				right = append(right, sig.Scheme{Order: order, DropEmpty: drop}.Sum(script, view.message, *key).String())
			}
		}
	}
	mask.right = regexp.MustCompile("(?i)" + strings.Join(right, "|")) // hexadecimal digits
	return mask
}

// digest returns s by its first and last four characters, or whole if that was asked for.
func (mask *masker) digest(s string) string {
	if mask.reveal || len(s) < 16 { // what is shorter is no signature
		return s
	}
	return ends4(s)
}

// ends4 leaves the first and last four bytes of s, if these are plain characters.
func ends4(s string) string {
	return strings.ToValidUTF8(s[:4], "") + "…" + strings.ToValidUTF8(s[len(s)-4:], "")
}

// text returns s with every right signature in it masked, in capitals too.
func (mask *masker) text(s string) string {
	if mask.right == nil {
		return s
	}
	return mask.right.ReplaceAllStringFunc(s, ends4)
}

// fields returns a copy of m in which a pg_sig and every right signature is masked.
func (mask *masker) fields(m []sig.Field) sig.Message {
	if m == nil {
		return nil
	}
	out := make(sig.Message, len(m))
	for i, f := range m {
		f.Value = mask.text(f.Value)
		if f.Name == sig.FieldSig {
			f.Value = mask.digest(f.Value)
		}
		if f.Children != nil {
			f.Children = mask.fields(f.Children)
		}
		out[i] = f
	}
	return out
}

// print writes the stages one below the other, and the two views of a form side by side.
func (x *explanation) print(w io.Writer, m *received, exact, php sig.Message) {
	fmt.Fprintf(w, "script name: %s\n\n", visible(x.Script))
	left, right := lines(exact), lines(php)
	leftHead, rightHead := fmt.Sprintf("fields as received (%s)", m.format), "as PHP reads the form"
	switch {
	case m.exactErr != nil:
		left = []string{"cannot be read"}
	case !m.format.form():
		right, rightHead = nil, ""
	case m.phpErr != nil:
		right = []string{"cannot be read: " + oneLine(m.phpErr.Error())}
	case !m.phpDiffers():
		right = []string{"the same"}
	}
	columns(w, leftHead, rightHead, left, right)
	for i := range x.Readings {
		fmt.Fprintln(w)
		x.Readings[i].print(w, len(x.Readings) > 1)
	}
	fmt.Fprintln(w)
	switch {
	case x.Verdict == nil:
		fmt.Fprintln(w, "no digest: no key was given")
	case x.Verdict.Right:
		fmt.Fprintf(w, "pg_sig matches the fields %s\n", x.Verdict.how())
	default:
		fmt.Fprintf(w, "pg_sig does not match: %s\n", x.Verdict.Text)
		if x.Verdict.Hint != "" {
			fmt.Fprintf(w, "hint: %s\n", x.Verdict.Hint)
		}
	}
}

func (r *reading) print(w io.Writer, several bool) {
	what := strings.Join(r.Orders, ", ") + " order"
	if len(r.Orders) > 1 {
		what += "s"
	}
	if several && r.View == viewPHP {
		what += ", as PHP reads the form"
	} else if several {
		what += ", as received"
	}
	fmt.Fprintf(w, "signed in the %s\n", what)
	width := 0
	for _, name := range r.Names {
		width = max(width, min(len([]rune(visible(name))), 40))
	}
	for i, part := range r.parts {
		fmt.Fprintf(w, "  %3d  %-*s  %s\n", i+1, width, visible(r.Names[i]), visible(part.Field.Value))
	}
	if len(r.parts) == 0 {
		fmt.Fprintln(w, "  no fields")
	}
	fmt.Fprintf(w, "string\n  %s\n", visible(r.Canonical))
	if r.Digest != "" {
		fmt.Fprintf(w, "digest\n  %s\n", r.Digest)
	}
}

// lines shows the leaves of m, one each.
func lines(m sig.Message) []string {
	var out []string
	for path, f := range m.All() {
		out = append(out, oneLine(path.String())+" = "+visible(f.Value))
	}
	if len(out) == 0 {
		out = []string{"none"}
	}
	return out
}

// columns prints left and right beside each other. What they have in common at the beginning
// and at the end stands on the same lines.
func columns(w io.Writer, leftHead, rightHead string, left, right []string) {
	const widest = 40
	before, after := 0, 0
	for before < min(len(left), len(right)) && left[before] == right[before] {
		before++
	}
	for after < min(len(left), len(right))-before && left[len(left)-1-after] == right[len(right)-1-after] {
		after++
	}
	for len(left) < len(right) {
		left = slices.Insert(left, len(left)-after, "")
	}
	for len(right) < len(left) && len(right) > 1 { // a single line is a remark
		right = slices.Insert(right, len(right)-after, "")
	}
	width := len(leftHead)
	for _, l := range left {
		width = max(width, 2+min(utf8.RuneCountInString(l), widest))
	}
	row := func(l, r string) {
		if r == "" {
			fmt.Fprintln(w, strings.TrimRight(l, " "))
			return
		}
		fmt.Fprintf(w, "%-*s    %s\n", width, l, r)
	}
	row(leftHead, rightHead)
	for i, l := range left {
		r := ""
		if i < len(right) {
			r = right[i]
		}
		if l != "" {
			l = "  " + l
		} else {
			l = "  -"
		}
		if r != "" {
			r = "  " + r
		}
		row(l, r)
	}
}

// A jwsExplanation is the answer of explain --jws.
type jwsExplanation struct {
	Error     string          `json:"error,omitempty"` // why the token is none
	Protected string          `json:"protected"`       // the header as received, or as it would be signed
	Header    json.RawMessage `json:"header,omitempty"`
	Part      string          `json:"part"`    // Protected in base64url
	Payload   string          `json:"payload"` // the body in base64url, which is cut out of the token
	Input     string          `json:"input"`   // what is signed
	Signature string          `json:"signature,omitempty"`
	Short     bool            `json:"short_key,omitempty"` // shorter than RFC 7518 asks
	Verdict   *jwsVerdict     `json:"verdict,omitempty"`
	// Digest is the right signature: its ends, or all of it.
	Digest string `json:"digest,omitempty"`

	header jws.Header
	body   int
}

func (e *explaining) runJWS(c *cobra.Command, args []string, s *streams) error {
	body, err := e.jws.body(c, &e.source, args, s)
	if err != nil {
		return err
	}
	key, err := e.jws.readKey(c, s)
	given := err == nil
	switch {
	case given:
	case !errors.Is(err, errNoKey):
		return err
	case e.reveal:
		return fmt.Errorf("%w: give --jws-key-file FILE, or set FPCONFORM_JWS_KEY", errReveal)
	}
	p, r := e.jws.said(c, &e.source, body, s)
	mask := &masker{reveal: e.reveal}
	x := &jwsExplanation{body: len(body)}
	if c.Flags().Changed("token") {
		stages, wrong := jws.Explain(e.jws.token, body)
		x.fill(stages, mask)
		if wrong != nil {
			x.Error = strings.TrimPrefix(wrong.Error(), "jws: ")
		} else {
			x.Digest = digestOver(stages, key, given, mask)
		}
		if given {
			if x.Verdict, err = e.jws.judgeToken(c, p, r, key); err != nil {
				return err
			}
		}
		p.Alg = algOf(stages.Header, p.Alg)
	} else {
		if err := e.jws.byDefault(c, &p, &r); err != nil {
			return err
		}
		stages, err := p.Explain(r)
		if err != nil {
			return err
		}
		x.fill(stages, mask)
		if given {
			token, err := p.Sign(r, key)
			if err != nil {
				return err
			}
			x.Digest = mask.digest(token[strings.LastIndexByte(token, '.')+1:])
		}
	}
	x.Short = given && key.Short(p.Alg)
	if e.output.json() {
		return writeJSON(s.out, x)
	}
	x.print(s, given)
	return nil
}

// algOf returns the algorithm that h names, or else.
func algOf(h jws.Header, otherwise jws.Alg) jws.Alg {
	if otherwise != "" {
		return otherwise
	}
	p, _ := h.Claimed()
	return p.Alg
}

// digestOver returns the signature that is right for a received header, if it names an
// algorithm of this scheme.
func digestOver(stages jws.Stages, key jws.Key, given bool, mask *masker) string {
	p, _ := stages.Header.Claimed()
	if !given || p.Alg != jws.HS256 && p.Alg != jws.HS512 {
		return ""
	}
	body, err := base64.RawURLEncoding.DecodeString(stages.Payload)
	if err != nil {
		return ""
	}
	token, err := jws.Assemble(p.Alg, stages.Protected, body, key)
	if err != nil {
		return ""
	}
	return mask.digest(token[strings.LastIndexByte(token, '.')+1:])
}

func (x *jwsExplanation) fill(stages jws.Stages, mask *masker) {
	x.Protected = string(stages.Protected)
	x.header = stages.Header
	if stages.Header != nil {
		x.Header, _ = stages.Header.MarshalJSON() // it was read from JSON or made by Explain
	}
	x.Part, x.Payload, x.Input = stages.Part, stages.Payload, stages.Input
	x.Signature = mask.digest(stages.Signature)
}

func (x *jwsExplanation) print(s *streams, given bool) {
	w := s.out
	if x.Error != "" {
		fmt.Fprintf(w, "the token is none: %s\n\n", oneLine(x.Error))
	}
	fmt.Fprintf(w, "header, decoded\n  %s\n", visible(x.Protected))
	for _, m := range x.header {
		fmt.Fprintf(w, "    %-12s %s\n", visible(m.Name), claimShown(m.Value))
	}
	fmt.Fprintf(w, "header in base64url\n  %s\n", visible(x.Part))
	fmt.Fprintf(w, "body in base64url, cut out of the token (%d bytes)\n  %s\n", x.body, visible(x.Payload))
	fmt.Fprintf(w, "signed is the one, a dot, the other\n  %s\n", visible(x.Input))
	if x.Signature != "" {
		fmt.Fprintf(w, "signature as received\n  %s\n", visible(x.Signature))
	}
	if x.Digest != "" {
		fmt.Fprintf(w, "signature that is right for header and body\n  %s\n", x.Digest)
	}
	fmt.Fprintln(w)
	if x.Short {
		fmt.Fprintln(w, "the key is shorter than RFC 7518 section 3.2 asks")
	}
	switch {
	case x.Verdict != nil && x.Verdict.Right:
		fmt.Fprintln(w, "the token matches")
	case x.Error != "": // said above
	case x.Verdict != nil:
		fmt.Fprintf(w, "the token does not match: %s\n", oneLine(x.Verdict.Text))
	case !given:
		fmt.Fprintln(w, "no signature: no key was given")
	}
	if x.Verdict != nil {
		if x.Verdict.Hint != "" {
			fmt.Fprintf(w, "hint: %s\n", x.Verdict.Hint)
		}
		printClaims(s, x.Verdict.FromHeader)
	}
}

// claimShown is claimText on one line and whole.
func claimShown(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case json.RawMessage:
		return oneLine(string(v))
	}
	return fmt.Sprint(v)
}
