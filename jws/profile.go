package jws

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Profile is what one family of operations puts into the protected header. There is no
// default: the zero Profile is refused with [ErrProfile].
type Profile struct {
	Alg      Alg    // HS256 or HS512; any other is refused before the key is used
	Target   string // the member that carries the path: "uri" or "path" (JWS-8)
	Identity string // the member that names the caller: "auth_id" or "merchant_id" (JWS-7)
	Number   bool   // the identity is written as a JSON number (JWS-9)
}

// A Request is what the protected header speaks about.
type Request struct {
	Method   string // as on the request line: "POST"
	Path     string // of the called address, as sent: "/v5/g2g/create"; no page says whether a query belongs to it
	Params   string // reserved: "" in every published example (JWS-10)
	Identity string // the caller's auth_id or merchant_id; digits where the profile writes a number
	Body     []byte // exact bytes as sent; nil and empty are the same
}

// ParseProfile reads the name of a profile as the catalogue writes it:
// jws-<target>-<identity>-<algorithm>, for instance "jws-uri-auth_id-HS256" or
// "jws-path-merchant_id-HS512". A merchant_id is then a number and an auth_id text, as in the
// published tokens; "-text" or "-number" after the algorithm says otherwise. Anything else is
// [ErrProfile].
func ParseProfile(name string) (Profile, error) {
	part := strings.Split(name, "-")
	if len(part) < 4 || len(part) > 5 || part[0] != "jws" {
		return Profile{}, fmt.Errorf("%w: %s is not jws-<target>-<identity>-<algorithm>", ErrProfile, cut(name))
	}
	p := Profile{Target: part[1], Identity: part[2], Alg: Alg(part[3])}
	p.Number = p.numberByDefault()
	if len(part) == 5 {
		switch part[4] {
		case "number":
			p.Number = true
		case "text":
			p.Number = false
		default:
			return Profile{}, fmt.Errorf("%w: %s ends in %s, not in number or text", ErrProfile, cut(name), cut(part[4]))
		}
	}
	if err := p.check(); err != nil {
		return Profile{}, err
	}
	return p, nil
}

// String returns the name that [ParseProfile] reads, the shortest there is.
func (p Profile) String() string {
	s := "jws-" + p.Target + "-" + p.Identity + "-" + string(p.Alg)
	switch {
	case p.Number == p.numberByDefault():
		return s
	case p.Number:
		return s + "-number"
	}
	return s + "-text"
}

// numberByDefault: the only published token with a merchant_id has it as a number, all those
// with an auth_id have it as text (JWS-9).
func (p Profile) numberByDefault() bool { return p.Identity == "merchant_id" }

func (p Profile) check() error {
	switch {
	case !p.Alg.permitted():
		return fmt.Errorf("%w: algorithm %s is neither HS256 nor HS512", ErrProfile, cut(string(p.Alg)))
	case p.Target != "uri" && p.Target != "path":
		return fmt.Errorf("%w: target %s is neither uri nor path", ErrProfile, cut(p.Target))
	case p.Identity != "auth_id" && p.Identity != "merchant_id":
		return fmt.Errorf("%w: identity %s is neither auth_id nor merchant_id", ErrProfile, cut(p.Identity))
	}
	return nil
}

// checkCall returns what is wrong with the caller's own part: profile, request or key.
func (p Profile) checkCall(r Request, k Key) error {
	if err := p.checkRequest(r); err != nil {
		return err
	}
	if k.len() == 0 {
		return ErrKey
	}
	return nil
}

func (p Profile) checkRequest(r Request) error {
	if err := p.check(); err != nil {
		return err
	}
	// An empty expectation would be met by an empty member.
	switch {
	case r.Method == "":
		return fmt.Errorf("%w: no method", ErrRequest)
	case r.Path == "":
		return fmt.Errorf("%w: no path", ErrRequest)
	case r.Identity == "":
		return fmt.Errorf("%w: no identity for %s", ErrRequest, p.Identity)
	case p.Number && !isInteger(r.Identity):
		return fmt.Errorf("%w: %s is to be a JSON number, not %s", ErrRequest, p.Identity, cut(r.Identity))
	}
	return nil
}

// isInteger says whether s is a non-negative integer as JSON writes it, without a leading zero,
// and has no more digits than 64 bits: what readers make of longer ones differs.
func isInteger(s string) bool {
	if s == "" || len(s) > 20 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Header returns the members that p writes for r, in the order of the published tokens:
// target, identity, method, params, alg. It checks nothing; [Profile.Sign] does.
func (p Profile) Header(r Request) Header {
	var id any = r.Identity
	if p.Number {
		id = json.Number(r.Identity) // JWS-9
	}
	return Header{
		{p.Target, r.Path},     // JWS-5, JWS-8
		{p.Identity, id},       // JWS-7
		{"method", r.Method},   // JWS-6
		{"params", r.Params},   // JWS-10
		{"alg", string(p.Alg)}, // JWS-4
	}
}

// Compare returns in which members h disagrees with r, in the order of [Profile.Header]; nil
// if in none. Members that p does not have may be there. Numbers are compared as written:
// 123456.0 is not 123456. It knows nothing of signatures: over a header from [Decode] it says
// what a token claims, not what is true.
func (p Profile) Compare(h Header, r Request) []*MemberError {
	var diff []*MemberError
	for _, want := range p.Header(r) {
		// Text is never equal to a number: the types differ (JWS-9).
		if got, _ := h.Get(want.Name); got != want.Value {
			diff = append(diff, &MemberError{Name: want.Name, Got: got, Want: want.Value})
		}
	}
	return diff
}
