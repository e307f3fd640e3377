package fptest

import (
	"errors"
	"testing"

	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/vectors"
)

// jwsErrors has all but "member", which is a *jws.MemberError.
var jwsErrors = map[string]error{
	"unsigned":     jws.ErrUnsigned,
	"space":        jws.ErrSpace,
	"parts":        jws.ErrParts,
	"not-detached": jws.ErrNotDetached,
	"alphabet":     jws.ErrAlphabet,
	"padding":      jws.ErrPadding,
	"stray-bits":   jws.ErrStrayBits,
	"header":       jws.ErrHeader,
	"trailing":     jws.ErrTrailing,
	"duplicate":    jws.ErrDuplicate,
	"unencoded":    jws.ErrUnencoded,
	"critical":     jws.ErrCritical,
	"algorithm":    jws.ErrAlg,
	"mismatch":     jws.ErrMismatch,
}

func eachJWS(t *testing.T, f func(*testing.T, vectors.JWS)) {
	t.Helper()
	files, err := vectors.LoadJWS()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		for _, v := range file.Tests {
			n++
			t.Run(v.ID, func(t *testing.T) { f(t, v) })
		}
	}
	if n < 30 {
		t.Errorf("got %d tests, want 30 or more", n)
	}
}

func profile(p vectors.Profile) jws.Profile {
	return jws.Profile{Alg: jws.Alg(p.Alg), Target: p.Target, Identity: p.Identity, Number: p.Number}
}

func request(v vectors.JWS) jws.Request {
	r := v.Request
	return jws.Request{Method: r.Method, Path: r.Path, Params: r.Params, Identity: r.Identity, Body: []byte(v.Body)}
}

func TestJWSVerifiesTheVectorsAsTheySay(t *testing.T) {
	seen := map[string]int{}
	eachJWS(t, func(t *testing.T, v vectors.JWS) {
		seen[v.Error]++
		k := jws.NewKey([]byte(v.Secret))
		header, err := profile(v.Profile).Verify(v.JWS, request(v), k)
		refused(t, "verify", err, v.Error, v.Member)
		if (err == nil) != (header != nil) {
			t.Errorf("got a header %v with the error %v", header, err)
		}
		for _, r := range v.Readings {
			_, err := profile(r.Profile).Verify(v.JWS, request(v), k)
			refused(t, "under "+profile(r.Profile).String(), err, r.Error, r.Member)
		}
	})
	for name := range jwsErrors {
		if seen[name] == 0 {
			t.Errorf("no vector has the error %s", name)
		}
	}
	if seen["member"] == 0 || seen[""] == 0 {
		t.Errorf("got %d with a wrong member and %d to be accepted", seen["member"], seen[""])
	}
}

// refused fails unless err is what a vector calls name, nothing if that is empty.
func refused(t *testing.T, what string, err error, name, member string) {
	t.Helper()
	switch name {
	case "":
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	case "member":
		var e *jws.MemberError
		if !errors.As(err, &e) || e.Name != member {
			t.Errorf("%s: got %v, want one about %s", what, err, member)
		}
	default:
		if want := jwsErrors[name]; want == nil || !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
}

func TestJWSMakesTheTokensOfTheVectors(t *testing.T) {
	assembled, signed := 0, 0
	eachJWS(t, func(t *testing.T, v vectors.JWS) {
		if v.Result == vectors.Invalid {
			return
		}
		k := jws.NewKey([]byte(v.Secret))
		got, err := jws.Assemble(jws.Alg(v.Profile.Alg), []byte(v.Header), []byte(v.Body), k)
		if err != nil || got != v.JWS {
			t.Errorf("assemble: got %s, %v\nwant %s", got, err, v.JWS)
		}
		assembled++
		usual, err := profile(v.Profile).Header(request(v)).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if string(usual) != v.Header {
			return // written in another way, which is what the vector is about
		}
		if got, err := profile(v.Profile).Sign(request(v), k); err != nil || got != v.JWS {
			t.Errorf("sign: got %s, %v\nwant %s", got, err, v.JWS)
		}
		signed++
	})
	if assembled < 30 || signed < 20 {
		t.Errorf("assembled %d and signed %d, want 30 and 20 or more", assembled, signed)
	}
}

func TestJWSExplainsTheVectorsInTheirStages(t *testing.T) {
	explained := 0
	eachJWS(t, func(t *testing.T, v vectors.JWS) {
		if v.Header == "" || v.Error == "space" || v.Error == "parts" {
			return
		}
		explained++
		s, _ := jws.Explain(v.JWS, []byte(v.Body)) // of a wrong token, what could be read
		if string(s.Protected) != v.Header {
			t.Errorf("header: got %q, want %q", s.Protected, v.Header)
		}
		if s.Input != v.Input {
			t.Errorf("input: got %s, want %s", s.Input, v.Input)
		}
	})
	if explained < 30 {
		t.Errorf("explained %d, want 30 or more", explained)
	}
}
