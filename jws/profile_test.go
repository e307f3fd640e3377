package jws_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

func TestParseProfile(t *testing.T) {
	for name, want := range map[string]jws.Profile{
		"jws-uri-auth_id-HS256":             {Alg: jws.HS256, Target: "uri", Identity: "auth_id"},
		"jws-uri-auth_id-HS512":             {Alg: jws.HS512, Target: "uri", Identity: "auth_id"},
		"jws-path-merchant_id-HS512":        {Alg: jws.HS512, Target: "path", Identity: "merchant_id", Number: true},
		"jws-path-merchant_id-HS512-text":   {Alg: jws.HS512, Target: "path", Identity: "merchant_id"},
		"jws-uri-merchant_id-HS512":         {Alg: jws.HS512, Target: "uri", Identity: "merchant_id", Number: true},
		"jws-uri-merchant_id-HS512-text":    {Alg: jws.HS512, Target: "uri", Identity: "merchant_id"},
		"jws-uri-auth_id-HS256-number":      {Alg: jws.HS256, Target: "uri", Identity: "auth_id", Number: true},
		"jws-path-merchant_id-HS256-number": {Alg: jws.HS256, Target: "path", Identity: "merchant_id", Number: true},
		"jws-path-auth_id-HS256-text":       {Alg: jws.HS256, Target: "path", Identity: "auth_id"},
	} {
		got, err := jws.ParseProfile(name)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
		if again, err := jws.ParseProfile(got.String()); err != nil || again != want {
			t.Errorf("%s: its name %s reads as %+v, %v", name, got, again, err)
		}
		if short := got.String(); len(short) > len(name) {
			t.Errorf("%s: got the longer name %s", name, short)
		}
	}
	for _, name := range []string{"", "jws", "pg_sig", "jws-uri-auth_id", "jws-uri-auth_id-", "jws-uri-auth_id-none",
		"jws-uri-auth_id-HS384", "jws-uri-auth_id-RS256", "jws-uri-auth_id-hs256", "jws-url-auth_id-HS256", "jws--auth_id-HS256",
		"jws-uri-id-HS256", "JWS-uri-auth_id-HS256", "jws-uri-auth_id-HS256-", "jws-uri-auth_id-HS256-text-text",
		" jws-uri-auth_id-HS256", strings.Repeat("jws-", 1000)} {
		if p, err := jws.ParseProfile(name); !errors.Is(err, jws.ErrProfile) || p != (jws.Profile{}) {
			t.Errorf("%.40q: got %+v, %v, want %v", name, p, err, jws.ErrProfile)
		} else if len(err.Error()) > 200 {
			t.Errorf("%.40q: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func TestProfileCompare(t *testing.T) {
	h := jws.Header{{"alg", "HS512"}, {"uri", "/v5/g2g/edit"}, {"auth_id", json.Number("123456")}, {"method", "POST"}, {"typ", "JWT"}}
	var got []string
	for _, e := range partner.Compare(h, goodRequest) {
		got = append(got, e.Name)
	}
	if want := "uri auth_id params alg"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := partner.Compare(partner.Header(goodRequest), goodRequest); got != nil {
		t.Errorf("its own header: got %v", got)
	}
}

func TestSignRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"a path that is not UTF-8":           {"/\xff", jws.ErrRequest},
		"a token that no receiver will take": {"/" + strings.Repeat("a", jws.MaxToken), jws.ErrTooLong},
	} {
		r := goodRequest
		r.Path = c.path
		if got, err := partner.Sign(r, goodKey); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: got %.40q, %v, want %v", name, got, err, c.want)
		}
		if _, err := partner.Explain(r); !errors.Is(err, c.want) {
			t.Errorf("%s: Explain: got %v, want %v", name, err, c.want)
		}
	}
}

// The longest token that Sign makes is one that Verify takes, and one byte more is refused
// by both.
func TestSignAndVerifyAgreeOnTheLongestToken(t *testing.T) {
	r := goodRequest
	taken := 0
	for n := jws.MaxToken/4*3 - 200; n < jws.MaxToken/4*3; n++ {
		r.Path = "/" + strings.Repeat("a", n)
		token, err := partner.Sign(r, goodKey)
		if err == nil {
			taken++
			if _, err := partner.Verify(token, r, goodKey); err != nil {
				t.Fatalf("a token of %d bytes is signed and refused: %v", len(token), err)
			}
			continue
		}
		if !errors.Is(err, jws.ErrTooLong) {
			t.Fatal(err)
		}
		s := partner.Header(r)
		b, _ := s.MarshalJSON()
		long, err := jws.Assemble(jws.HS256, b, r.Body, goodKey)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := partner.Verify(long, r, goodKey); !errors.Is(err, jws.ErrTooLong) {
			t.Fatalf("a token of %d bytes is not signed and yet: %v", len(long), err)
		}
	}
	if taken == 0 || taken == 200 {
		t.Errorf("%d of 200 lengths were signed: the limit is not among them", taken)
	}
}

func TestAssembleMakesWhatSignRefuses(t *testing.T) {
	for _, c := range []struct {
		name      string
		alg       jws.Alg
		protected string
		key       jws.Key
		want      string // the end of the token, or nothing
		err       error
	}{
		{"none: no signature", jws.None, `{"alg":"none"}`, goodKey, "eyJhbGciOiJub25lIn0..", nil},
		{"no header", jws.None, ``, goodKey, "..", nil},
		{"an empty key on purpose", jws.HS256, `{}`, jws.NewKey(nil), "", nil},
		{"HS384", jws.HS384, `{}`, goodKey, "", nil},
		{"bytes that are no JSON", jws.HS512, "\xff", goodKey, "", nil},
		{"the zero key", jws.HS256, `{}`, jws.Key{}, "", jws.ErrKey},
		{"the zero key for none", jws.None, `{}`, jws.Key{}, "", jws.ErrKey},
		{"RS256", "RS256", `{}`, goodKey, "", jws.ErrAlg},
		{"no algorithm", "", `{}`, goodKey, "", jws.ErrAlg},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := jws.Assemble(c.alg, []byte(c.protected), []byte(goodBody), c.key)
			if !errors.Is(err, c.err) || !strings.HasSuffix(got, c.want) || (err == nil) != strings.Contains(got, "..") {
				t.Errorf("got %s, %v, want …%s, %v", got, err, c.want, c.err)
			}
		})
	}
}
