package wire

import (
	"errors"
	"fmt"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// A Scheme is one way of authorising requests. Its two directions stand side by side: what a
// client applies, a mock judges by, and a test runs each Judge over its own application.
type Scheme struct {
	Name catalogue.Auth

	// fields signs within the fields, before they are encoded; header over the encoded body.
	fields func(d *Draft, r *Request, c *Credentials, readings map[string]string, salt func() string) error
	header func(d *Draft, r *Request, c *Credentials, readings map[string]string) error

	// Judge returns nil if r, as received, is authorised by c; readings as for the client.
	// Its errors are those of package sig or jws, bare or wrapped.
	Judge func(o *catalogue.Operation, r *Request, c *Credentials, readings map[string]string) error
}

// Schemes has one entry for every auth name that an operation of the catalogue uses.
var Schemes = []Scheme{
	{Name: catalogue.AuthSig, fields: signFields, Judge: judgeFields},
	{Name: catalogue.AuthJWSPartner, header: signHeader, Judge: judgeHeader},
	{Name: catalogue.AuthJWSMerchant, header: signHeader, Judge: judgeHeader},
	{Name: "none", Judge: judgeNothing},
	{Name: "unknown", Judge: judgeNothing}, // PRT-1: the page names no authorisation
}

// SchemeNamed returns the scheme of that name.
func SchemeNamed(name catalogue.Auth) (*Scheme, bool) {
	for i := range Schemes {
		if Schemes[i].Name == name {
			return &Schemes[i], true
		}
	}
	return nil, false
}

func schemeOf(o *catalogue.Operation, readings map[string]string) *Scheme {
	name := o.Auth
	if o.ID == partnerGet && readings[TopicPartnerGetAuth] == "jws" {
		name = catalogue.AuthJWSPartner
	}
	s, _ := SchemeNamed(name)
	return s
}

// JudgeBy judges a received request by the scheme that the readings make of the operation's.
func JudgeBy(o *catalogue.Operation, r *Request, c *Credentials, readings map[string]string) error {
	s := schemeOf(o, readings)
	if s == nil {
		return fmt.Errorf("wire: %s: no way of authorising is called %q", o.ID, o.Auth)
	}
	return s.Judge(o, r, c, readings)
}

func signFields(d *Draft, r *Request, c *Credentials, readings map[string]string, salt func() string) error {
	if d.Signing.Omit {
		return nil
	}
	key, ok := c.SigKeys[d.Operation.Key]
	if d.Signing.Key != nil {
		key, ok = *d.Signing.Key, true
	}
	if !ok {
		return fmt.Errorf("wire: %s: no %s", d.ID, c.Missing(d.Operation))
	}
	scheme := SchemeBy(readings)
	if d.Signing.Scheme != nil {
		scheme = *d.Signing.Scheme
	}
	if scheme.Salt == nil {
		scheme.Salt = salt
	}
	if d.Signing.Script != "" || d.Signing.ScriptSet {
		r.Script = d.Signing.Script
	}
	if d.Signing.NoSalt {
		sum := scheme.Sum(r.Script, r.Fields, key)
		r.Fields = append(r.Fields, sig.Leaf(sig.FieldSig, sum.String()))
		return nil
	}
	signed, err := scheme.Sign(r.Script, r.Fields, key)
	if err != nil {
		return fmt.Errorf("wire: %s: %w", d.ID, err)
	}
	r.Fields = signed
	return nil
}

func judgeFields(o *catalogue.Operation, r *Request, c *Credentials, readings map[string]string) error {
	if r.Bad != nil {
		return r.Bad
	}
	key, ok := c.SigKeys[o.Key]
	if !ok {
		return fmt.Errorf("wire: no %s to judge by", c.Missing(o))
	}
	return SchemeBy(readings).Verify(r.Script, r.Fields, key)
}

func signHeader(d *Draft, r *Request, c *Credentials, readings map[string]string) error {
	if d.Signing.Omit {
		return nil
	}
	p, ok := profileBy(d.Operation, readings)
	if d.Signing.Profile != nil {
		p, ok = *d.Signing.Profile, true
	}
	if !ok {
		return fmt.Errorf("wire: %s: no JWS profile", d.ID)
	}
	key := c.JWSKey
	if d.Signing.JWSKey != nil {
		key = *d.Signing.JWSKey
	}
	about := headerRequest(r, p, c)
	if d.Signing.Method != "" {
		about.Method = d.Signing.Method
	}
	if d.Signing.Path != "" {
		about.Path = d.Signing.Path
	}
	if d.Signing.Identity != "" {
		about.Identity = d.Signing.Identity
	}
	token, err := p.Sign(about, key)
	if err != nil {
		return fmt.Errorf("wire: %s: %w", d.ID, err)
	}
	r.Header.Set(jws.HeaderName, token)
	return nil
}

// headerRequest is what a JWS header must say about r.
func headerRequest(r *Request, p jws.Profile, c *Credentials) jws.Request {
	return jws.Request{Method: r.Method, Path: r.URL.EscapedPath(), Identity: c.Identity(p), Body: r.Body}
}

func judgeHeader(o *catalogue.Operation, r *Request, c *Credentials, readings map[string]string) error {
	p, ok := profileBy(o, readings)
	if !ok {
		return fmt.Errorf("wire: %s: no JWS profile", o.ID)
	}
	tokens := r.Header.Values(jws.HeaderName)
	switch len(tokens) {
	case 0:
		return ErrNoToken
	case 1:
	default:
		return ErrManyTokens
	}
	_, err := p.Verify(tokens[0], headerRequest(r, p, c), c.JWSKey)
	return err
}

// What can be wrong with the header before jws looks at the token.
var (
	ErrNoToken    = errors.New("wire: no " + jws.HeaderName)
	ErrManyTokens = errors.New("wire: more than one " + jws.HeaderName)
)

func judgeNothing(*catalogue.Operation, *Request, *Credentials, map[string]string) error { return nil }
