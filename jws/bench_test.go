package jws_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/fpconform/fpconform/jws"
)

// A body of 144 bytes, as a small call has; the key is long enough for go-jose alone.
var (
	benchBody    = []byte(`{"order_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","merchant_id":123456,"amount":100,"description":"` + strings.Repeat("d", 42) + `"}`)
	benchSecret  = []byte(strings.Repeat("k", 64))
	benchRequest = jws.Request{Method: "POST", Path: "/v5/merchant/invoice/init", Identity: "123456", Body: benchBody}
	benchHash    = map[jws.Alg]func() hash.Hash{jws.HS256: sha256.New, jws.HS512: sha512.New}
	sink         string
)

func benchProfiles(b *testing.B, f func(b *testing.B, p jws.Profile)) {
	if len(benchBody) != 144 {
		b.Fatalf("the body has %d bytes, want 144", len(benchBody))
	}
	for _, a := range []jws.Alg{jws.HS256, jws.HS512} {
		b.Run(string(a), func(b *testing.B) {
			b.ReportAllocs()
			f(b, jws.Profile{Alg: a, Target: "path", Identity: "merchant_id", Number: true})
		})
	}
}

// BenchmarkRaw is the least there is to do: HMAC and base64url over a ready header, joined as
// one would by hand.
func BenchmarkRaw(b *testing.B) {
	benchProfiles(b, func(b *testing.B, p jws.Profile) {
		protected, err := p.Header(benchRequest).MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		e := base64.RawURLEncoding
		for b.Loop() {
			header := e.EncodeToString(protected)
			mac := hmac.New(benchHash[p.Alg], benchSecret)
			mac.Write([]byte(header + "." + e.EncodeToString(benchBody)))
			sink = header + ".." + e.EncodeToString(mac.Sum(nil))
		}
	})
}

func BenchmarkSign(b *testing.B) {
	k := jws.NewKey(benchSecret)
	benchProfiles(b, func(b *testing.B, p jws.Profile) {
		var err error
		for b.Loop() {
			if sink, err = p.Sign(benchRequest, k); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	k := jws.NewKey(benchSecret)
	benchProfiles(b, func(b *testing.B, p jws.Profile) {
		token, err := p.Sign(benchRequest, k)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := p.Verify(token, benchRequest, k); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGoJoseVerify is what Verify rests on: parsed and checked, no member looked at.
func BenchmarkGoJoseVerify(b *testing.B) {
	k := jws.NewKey(benchSecret)
	benchProfiles(b, func(b *testing.B, p jws.Profile) {
		token, err := p.Sign(benchRequest, k)
		if err != nil {
			b.Fatal(err)
		}
		algs := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(p.Alg)}
		for b.Loop() {
			parsed, err := jose.ParseDetached(token, benchBody, algs)
			if err != nil {
				b.Fatal(err)
			}
			if err := parsed.DetachedVerify(benchBody, benchSecret); err != nil {
				b.Fatal(err)
			}
		}
	})
}
