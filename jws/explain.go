package jws

import (
	"encoding/base64"
	"encoding/json"
)

// Decode reads the protected header of a detached token without a key, so nobody vouches for
// what it says. It returns an error for whatever [Profile.Verify] would refuse the form for.
func Decode(compact string) (Header, error) {
	t, err := readToken(compact)
	if err != nil {
		return nil, err
	}
	return t.header, nil
}

// Claimed returns the profile and the request that h itself speaks of, for tools that show a
// token and are not told what to expect. What a receiver demands must not come from here: the
// sender would choose the algorithm. uri comes before path and auth_id before merchant_id where
// h has both. What is missing, or of a type that no profile writes, stays empty; the body is
// never known.
func (h Header) Claimed() (Profile, Request) {
	var p Profile
	var r Request
	for _, name := range []string{"uri", "path"} {
		if s, ok := h.text(name); ok {
			p.Target, r.Path = name, s
			break
		}
	}
identity:
	for _, name := range []string{"auth_id", "merchant_id"} {
		v, _ := h.Get(name)
		switch v := v.(type) {
		case string:
			p.Identity, r.Identity = name, v
			break identity
		case json.Number:
			p.Identity, r.Identity, p.Number = name, string(v), true
			break identity
		}
	}
	r.Method, _ = h.text("method")
	r.Params, _ = h.text("params")
	alg, _ := h.text("alg")
	p.Alg = Alg(alg)
	return p, r
}

func (h Header) text(name string) (string, bool) {
	v, _ := h.Get(name)
	s, ok := v.(string)
	return s, ok
}

// Stages is how a token comes about, for a person to read. It holds no secret and no signature
// but a received one; it does hold the body.
type Stages struct {
	Protected []byte // the header's bytes, before base64url
	Header    Header // its members; nil where Protected is no proper header
	Part      string // Protected in base64url: the token's first part
	Payload   string // the body in base64url: the part that is signed and cut out
	Input     string // what is signed: Part, a dot, Payload
	Signature string // the token's third part as received; empty before signing
}

// Explain takes a received token and the body that it is said to be for into stages. Where the
// token's form is wrong it returns the error as well as the stages it could still read; a
// payload that was not cut out is left aside in favour of body. It verifies nothing.
func Explain(compact string, body []byte) (Stages, error) {
	t, err := readToken(compact)
	s := Stages{Protected: t.protected, Header: t.header, Part: t.part[0], Signature: t.part[2]}
	s.cover(body)
	return s, err
}

// Explain returns the stages by which [Profile.Sign] makes r's token, all but the last: it
// needs no key. Errors are those of Sign.
func (p Profile) Explain(r Request) (Stages, error) {
	if err := p.checkRequest(r); err != nil {
		return Stages{}, err
	}
	protected, err := p.protected(r, nil)
	if err != nil {
		return Stages{}, err
	}
	s := Stages{Protected: protected, Header: p.Header(r), Part: base64.RawURLEncoding.EncodeToString(protected)}
	s.cover(r.Body)
	return s, nil
}

func (s *Stages) cover(body []byte) {
	s.Payload = base64.RawURLEncoding.EncodeToString(body)
	s.Input = s.Part + "." + s.Payload
}
