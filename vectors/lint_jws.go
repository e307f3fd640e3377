package vectors

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strings"
	"unicode/utf8"
)

// jwsErrors are the reasons to refuse a token, in the order in which a verifier should look.
var jwsErrors = []string{
	"unsigned", "space", "parts", "not-detached", "alphabet", "padding", "stray-bits",
	"header", "trailing", "duplicate", "unencoded", "critical",
	"algorithm", "mismatch", "member",
}

// lintJWS looks whether header, body, key and token of a test belong together as its result
// says. Whether the header is lawful is for the tests against package jws to say.
func lintJWS(t JWS) []string {
	var bad complaints
	bad.profile("", t.Profile)
	if t.Request.Method == "" || t.Request.Path == "" || t.Request.Identity == "" || t.Secret == "" {
		bad.add("no method, path, identity or secret")
	}

	part, rest, _ := strings.Cut(t.JWS, ".")
	header, err := base64.RawURLEncoding.Strict().DecodeString(part)
	text := part != "" && err == nil && utf8.Valid(header) && !strings.ContainsAny(part, "\r\n")
	input := part + "." + base64.RawURLEncoding.EncodeToString([]byte(t.Body))
	switch {
	case !text && (t.Header != "" || t.Input != ""):
		bad.add("header and input are left out where the first part does not decode to text")
	case text && t.Header != string(header):
		bad.add("header is not the first part decoded")
	case text && t.Input != input:
		bad.add("input is not the first part, a dot and the body in base64url")
	}

	right := rest == sign(t.Profile.Alg, t.Secret, input)
	var differs []string
	if text {
		differs = members(t.Profile, t.Request, header)
	}
	switch t.Result {
	case Valid, Acceptable:
		if !right || !text {
			bad.add("%s, but the signature is not right", t.Result)
		}
		if len(differs) > 0 {
			bad.add("%s, but %v differ from the request", t.Result, differs)
		}
		if t.Error != "" || t.Member != "" {
			bad.add("%s with an error", t.Result)
		}
	case Invalid:
		if !slices.Contains(jwsErrors, t.Error) {
			bad.add("error %s is none of %v", cut(t.Error), jwsErrors)
		}
		if t.Error == "mismatch" && right {
			bad.add("mismatch, but the signature is right")
		}
		if t.Error == "member" && (!right || !slices.Equal(differs, []string{t.Member})) {
			bad.add("member %s, but %v differ from the request, or the signature is wrong", cut(t.Member), differs)
		}
		if t.Error != "member" && t.Member != "" {
			bad.add("a member, but the error is another")
		}
	default:
		bad.add("result %s is not valid, invalid or acceptable", cut(string(t.Result)))
	}

	if (t.Result == Acceptable) != (len(t.Readings) > 0) {
		bad.add("acceptable tests have readings, others none")
	}
	for i, r := range t.Readings {
		at := fmt.Sprintf("readings: %d: ", i)
		bad.profile(at, r.Profile)
		if d := members(r.Profile, t.Request, header); r.Error != "member" || !slices.Contains(d, r.Member) {
			bad.add("%smember %s, but %v differ from the request", at, cut(r.Member), d)
		}
	}
	return bad
}

func (c *complaints) profile(at string, p Profile) {
	if p.Alg != "HS256" && p.Alg != "HS512" || p.Target != "uri" && p.Target != "path" ||
		p.Identity != "auth_id" && p.Identity != "merchant_id" {
		c.add("%sprofile is not HS256 or HS512, uri or path, auth_id or merchant_id", at)
	}
}

func sign(alg, secret, input string) string {
	h := map[string]func() hash.Hash{"HS256": sha256.New, "HS512": sha512.New}[alg]
	if h == nil {
		return ""
	}
	mac := hmac.New(h, []byte(secret))
	mac.Write([]byte(input))
	return "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// members returns the names of those that are missing or disagree with the request.
func members(p Profile, r Request, header []byte) (differ []string) {
	var have map[string]json.RawMessage
	if err := json.Unmarshal(header, &have); err != nil {
		return []string{"not an object"}
	}
	id := any(r.Identity)
	if p.Number {
		id = json.Number(r.Identity)
	}
	for _, m := range []struct {
		name string
		want any
	}{{p.Target, r.Path}, {p.Identity, id}, {"method", r.Method}, {"params", r.Params}, {"alg", p.Alg}} {
		var text string
		got := have[m.name]
		if n, ok := m.want.(json.Number); ok {
			if string(got) != n.String() {
				differ = append(differ, m.name)
			}
		} else if err := json.Unmarshal(got, &text); err != nil || got[0] != '"' || text != m.want {
			differ = append(differ, m.name)
		}
	}
	return differ
}
