package jws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/fpconform/fpconform/jws"
)

// go-jose with its own HMAC is a second witness, which has nothing of this package but the
// header's members. It needs a key as long as the hash.

func joseSign(t testing.TB, p jws.Profile, r jws.Request, secret []byte) string {
	t.Helper()
	o := &jose.SignerOptions{}
	for _, m := range p.Header(r) {
		v := m.Value
		if n, ok := v.(json.Number); ok { // which go-jose's own JSON package writes as text
			i, err := n.Int64()
			if err != nil {
				t.Fatal(err)
			}
			v = i
		}
		if m.Name != "alg" {
			o.WithHeader(jose.HeaderKey(m.Name), v)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(p.Alg), Key: secret}, o)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.DetachedCompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func joseVerify(a jws.Alg, token string, body, secret []byte) error {
	if body == nil {
		body = []byte{}
	}
	parsed, err := jose.ParseDetached(token, body, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a)})
	if err != nil {
		return err
	}
	return parsed.DetachedVerify(body, secret)
}

func TestGoJoseAgreesBothWays(t *testing.T) {
	n := 0
	for _, name := range []string{"jws-uri-auth_id-HS256", "jws-path-merchant_id-HS512", "jws-uri-auth_id-HS512", "jws-uri-merchant_id-HS256-text"} {
		p := profile(t, name)
		for _, size := range []int{32, 33, 63, 64, 65, 127, 128, 129, 1000} {
			secret := make([]byte, size)
			for i := range secret {
				secret[i] = byte(i*7 + size)
			}
			k := jws.NewKey(secret)
			if k.Short(p.Alg) {
				continue // 32 to 63 bytes are too few for HS512
			}
			n++
			t.Run(fmt.Sprintf("%s with a key of %d bytes", name, size), func(t *testing.T) {
				for _, body := range [][]byte{[]byte(goodBody), {}, bytes.Repeat([]byte{0xff, 0, '\n'}, 1000)} {
					r := goodRequest
					r.Body = body
					theirs := joseSign(t, p, r, secret)
					if _, err := p.Verify(theirs, r, k); err != nil {
						t.Errorf("we refuse %s: %v", theirs, err)
					}
					ours, err := p.Sign(r, k)
					if err != nil {
						t.Fatal(err)
					}
					if err := joseVerify(p.Alg, ours, body, secret); err != nil {
						t.Errorf("go-jose refuses %s: %v", ours, err)
					}
					// It writes the members alphabetically; over its header we make its token.
					s, err := jws.Explain(theirs, body)
					if err != nil {
						t.Fatal(err)
					}
					if got, err := jws.Assemble(p.Alg, s.Protected, body, k); err != nil || got != theirs {
						t.Errorf("over go-jose's header: got %s, %v, want %s", got, err, theirs)
					}
					r.Body = append(bytes.Clone(body), ' ')
					if _, err := p.Verify(theirs, r, k); !errors.Is(err, jws.ErrMismatch) {
						t.Errorf("with a blank more: got %v, want %v", err, jws.ErrMismatch)
					}
				}
			})
		}
	}
	if n < 20 {
		t.Errorf("%d keys were tried, want at least 20", n)
	}
}

// Why the HMAC is not go-jose's: it would refuse every published token that verifies.
func TestGoJoseAloneRefusesPublishedKeys(t *testing.T) {
	for _, e := range verifying {
		p := profile(t, e.profile)
		if !jws.NewKey([]byte(e.key)).Short(p.Alg) {
			t.Errorf("%s: the key is not short", e.name)
		}
		if err := joseVerify(p.Alg, e.token, e.request.Body, []byte(e.key)); err == nil {
			t.Errorf("%s: go-jose takes the key; use its HMAC", e.name)
		}
	}
}

// A payload signed unencoded is a right JWS to go-jose, and never to us.
func TestUnencodedPayloadOfGoJoseIsRefused(t *testing.T) {
	secret := bytes.Repeat([]byte("k"), 64)
	o := (&jose.SignerOptions{}).WithBase64(false)
	for _, m := range partner.Header(goodRequest) {
		if m.Name != "alg" {
			o.WithHeader(jose.HeaderKey(m.Name), m.Value)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, o)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(goodRequest.Body)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.DetachedCompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	if err := joseVerify(jws.HS256, token, goodRequest.Body, secret); err != nil {
		t.Fatalf("go-jose refuses its own token: %v", err)
	}
	if _, err := partner.Verify(token, goodRequest, jws.NewKey(secret)); !errors.Is(err, jws.ErrUnencoded) {
		t.Errorf("got %v, want %v", err, jws.ErrUnencoded)
	}
	// Nor where crit does not name it, which go-jose honours all the same.
	noCrit := strings.Replace(goodHeader, "{", `{"b64":false,`, 1)
	if token, err = jws.Assemble(jws.HS256, []byte(noCrit), goodRequest.Body, jws.NewKey(secret)); err != nil {
		t.Fatal(err)
	}
	if err := joseVerify(jws.HS256, token, goodRequest.Body, secret); err == nil {
		t.Error("go-jose does not honour b64 without crit any more")
	}
	if _, err := partner.Verify(token, goodRequest, jws.NewKey(secret)); !errors.Is(err, jws.ErrUnencoded) {
		t.Errorf("without crit: got %v, want %v", err, jws.ErrUnencoded)
	}
}
