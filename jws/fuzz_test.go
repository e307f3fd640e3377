package jws_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

// naive makes a token from RFC 7515's text and nothing of this package.
func naive(a jws.Alg, protected, body, secret []byte) string {
	h := map[jws.Alg]func() hash.Hash{jws.HS256: sha256.New, jws.HS512: sha512.New}[a]
	e := base64.RawURLEncoding.EncodeToString
	mac := hmac.New(h, secret)
	mac.Write([]byte(e(protected) + "." + e(body)))
	return e(protected) + ".." + e(mac.Sum(nil))
}

// Whatever arrives: no panic, an error of a known kind, and what is accepted is right by the
// naive reading too.
func FuzzVerify(f *testing.F) {
	n := 0
	for _, e := range verifying {
		f.Add(e.token, e.request.Body, []byte(e.key))
		n++
	}
	for _, c := range refusals(f) {
		if len(c.token) < 4096 {
			f.Add(c.token, []byte(goodBody), []byte(goodSecret))
			n++
		}
	}
	for _, token := range []string{placeholder, ratesHeader + "." + ratesPayload + "." + ratesSignature, invoiceToken} {
		f.Add(token, []byte(goodBody), bytes.Repeat([]byte("k"), 64))
		n++
	}
	if n < 70 {
		f.Fatalf("%d seeds, want at least 70", n)
	}
	profiles := []jws.Profile{
		profile(f, "jws-uri-auth_id-HS256"), profile(f, "jws-uri-auth_id-HS512"),
		profile(f, "jws-path-merchant_id-HS512"), profile(f, "jws-uri-merchant_id-HS256-text"),
	}
	f.Fuzz(func(t *testing.T, token string, body, secret []byte) {
		k := jws.NewKey(secret)
		h, formErr := jws.Decode(token)
		s, err := jws.Explain(token, body)
		if (err == nil) != (formErr == nil) || err != nil && err.Error() != formErr.Error() {
			t.Fatalf("Explain says %v, Decode %v", err, formErr)
		}
		// What the token itself says, so that more than the form is reached.
		claimed, r := h.Claimed()
		r.Body = body
		for _, p := range append(profiles, claimed) {
			verified, err := p.Verify(token, r, k)
			if err == nil {
				if want := naive(p.Alg, s.Protected, body, secret); token != want {
					t.Fatalf("%s is accepted, and is %s by hand", token, want)
				}
				if len(secret) >= 64 {
					if err := joseVerify(p.Alg, token, body, secret); err != nil {
						t.Fatalf("%s is accepted, and go-jose says %v", token, err)
					}
				}
				if diff := p.Compare(verified, r); diff != nil {
					t.Fatalf("%s is accepted, though %v", token, diff[0])
				}
				continue
			}
			if verified != nil {
				t.Fatalf("%v with a header: %v", err, verified)
			}
			checkKnown(t, err)
			if formErr != nil && !errors.Is(err, jws.ErrKey) && !errors.Is(err, jws.ErrProfile) && !errors.Is(err, jws.ErrRequest) && err.Error() != formErr.Error() {
				t.Fatalf("Verify says %v, Decode %v", err, formErr)
			}
		}
	})
}

func checkKnown(t *testing.T, err error) {
	t.Helper()
	if len(err.Error()) > 512 {
		t.Fatalf("an error of %d bytes: %v", len(err.Error()), err)
	}
	n := 0
	for _, e := range append(tokenErrors, jws.ErrKey, jws.ErrProfile, jws.ErrRequest) {
		if errors.Is(err, e) {
			n++
		}
	}
	var member *jws.MemberError
	if errors.As(err, &member) {
		n++
	}
	if n != 1 {
		t.Fatalf("%v is %d of the known errors", err, n)
	}
}

// A header rightly signed is never a mismatch: it is accepted or refused for what it says.
func FuzzHeader(f *testing.F) {
	seeds := []string{goodHeader, goodHeader + "\n", goodHeader + "{}", "", "{}", "[]", "null", `{"alg":"HS256"`, `{"a":[[[[{}]]]]}`}
	for _, e := range verifying {
		seeds = append(seeds, e.header)
	}
	for _, m := range []string{`"typ":"JWT"`, `"b64":false`, `"crit":["b64"]`, `"kid":1`, `"jwk":{"kty":"oct","k":"AA"}`, `"x5c":["AA"]`,
		`"nonce":""`, `"x":1e999`, `"alg":"none"`, `"\u0061lg":"none"`, `"x":"\ud800"`, `"x":{"y":{"y":1},"y":2}`} {
		seeds = append(seeds, strings.Replace(goodHeader, "{", "{"+m+",", 1))
	}
	if len(seeds) < 25 {
		f.Fatalf("%d seeds, want at least 25", len(seeds))
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	long := []byte(strings.Repeat("k", 64))
	k := jws.NewKey(long)
	f.Fuzz(func(t *testing.T, protected []byte) {
		token, err := jws.Assemble(jws.HS256, protected, goodRequest.Body, k)
		if err != nil {
			t.Fatal(err)
		}
		if want := naive(jws.HS256, protected, goodRequest.Body, long); token != want {
			t.Fatalf("got %s, by hand %s", token, want)
		}
		h, err := partner.Verify(token, goodRequest, k)
		if err == nil {
			// Another reader of JSON finds the same members.
			var m map[string]any
			if err := json.Unmarshal(protected, &m); err != nil {
				t.Fatalf("%q is accepted: %v", protected, err)
			}
			if len(m) != len(h) {
				t.Fatalf("%q has %d members, want %d", protected, len(h), len(m))
			}
			for _, name := range []string{"uri", "auth_id", "method", "params", "alg"} {
				if v, _ := h.Get(name); v != m[name] {
					t.Fatalf("%q: %s is %v, want %v", protected, name, v, m[name])
				}
			}
			if err := joseVerify(jws.HS256, token, goodRequest.Body, long); err != nil {
				t.Fatalf("%q is accepted, and go-jose says %v", protected, err)
			}
			return
		}
		if errors.Is(err, jws.ErrMismatch) {
			t.Fatalf("%q: a right signature is called wrong", protected)
		}
		checkKnown(t, err)
	})
}

// What is signed verifies, here and by go-jose alone, and no longer after any one-byte change
// of body, header or signature.
func FuzzSignThenChangeOneByte(f *testing.F) {
	type seed struct {
		secret, body                       []byte
		path, method, identity, params     string
		sha512, number, merchant, pathname bool
		at                                 uint16
		by                                 byte
	}
	var seeds []seed
	for i, e := range verifying {
		p := profile(f, e.profile)
		for _, at := range []uint16{0, 20, uint16(len(e.token)) - 1, uint16(len(e.token)), 1000} {
			seeds = append(seeds, seed{[]byte(e.key), e.request.Body, e.request.Path, "POST", e.request.Identity, "",
				p.Alg == jws.HS512, p.Number, p.Identity == "merchant_id", p.Target == "path", at, byte(1 << i)})
		}
	}
	seeds = append(seeds,
		seed{bytes.Repeat([]byte("k"), 64), nil, "/", "GET", "0", "", false, true, false, false, 3, 0x20},
		seed{bytes.Repeat([]byte("k"), 129), []byte("\xff\x00"), "/счет?a=<b>&c=\u2028", "DELETE", `"\`, "a=b", true, false, true, true, 90, 0x80},
	)
	if len(seeds) < 20 {
		f.Fatalf("%d seeds, want at least 20", len(seeds))
	}
	for _, s := range seeds {
		f.Add(s.secret, s.body, s.path, s.method, s.identity, s.params, s.sha512, s.number, s.merchant, s.pathname, s.at, s.by)
	}
	f.Fuzz(func(t *testing.T, secret, body []byte, path, method, identity, params string, sha512, number, merchant, pathname bool, at uint16, by byte) {
		p := jws.Profile{Alg: jws.HS256, Target: "uri", Identity: "auth_id", Number: number}
		if sha512 {
			p.Alg = jws.HS512
		}
		if merchant {
			p.Identity = "merchant_id"
		}
		if pathname {
			p.Target = "path"
		}
		r := jws.Request{Method: method, Path: path, Params: params, Identity: identity, Body: body}
		k := jws.NewKey(secret)
		token, err := p.Sign(r, k)
		if err != nil {
			checkKnown(t, err)
			return
		}
		if _, err := p.Verify(token, r, k); err != nil {
			t.Fatalf("%s: %v", token, err)
		}
		h, err := p.Header(r).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if want := naive(p.Alg, h, body, secret); token != want {
			t.Fatalf("got %s, by hand %s", token, want)
		}
		if !k.Short(p.Alg) {
			if err := joseVerify(p.Alg, token, body, secret); err != nil {
				t.Fatalf("go-jose refuses %s: %v", token, err)
			}
		}
		if by == 0 {
			return
		}
		// One byte of the token, or behind it of the body.
		changed, other := []byte(token), slices.Clone(body)
		i := int(at) % (len(changed) + len(other))
		if i < len(changed) {
			changed[i] ^= by
		} else {
			other[i-len(changed)] ^= by
		}
		r.Body = other
		if _, err := p.Verify(string(changed), r, k); err == nil {
			t.Fatalf("%s is accepted with byte %d changed by %#x", token, i, by)
		} else {
			checkKnown(t, err)
		}
	})
}
