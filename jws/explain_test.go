package jws_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/jws"
)

func TestExplainShowsHowPublishedTokensComeAbout(t *testing.T) {
	for _, e := range verifying {
		t.Run(e.name, func(t *testing.T) {
			p := profile(t, e.profile)
			received, err := jws.Explain(e.token, e.request.Body)
			if err != nil {
				t.Fatal(err)
			}
			made, err := p.Explain(e.request)
			if err != nil {
				t.Fatal(err)
			}
			part, signature, _ := strings.Cut(e.token, "..")
			payload := base64.RawURLEncoding.EncodeToString(e.request.Body)
			for what, s := range map[string]jws.Stages{"received": received, "made": made} {
				if string(s.Protected) != e.header || s.Part != part || s.Payload != payload || s.Input != part+"."+payload || len(s.Header) != 5 {
					t.Errorf("%s: got %+v", what, s)
				}
				if out := fmt.Sprintf("%+v", s); strings.Contains(out, e.key) && !strings.Contains(e.header+string(e.request.Body), e.key) {
					t.Errorf("%s: the key is shown: %s", what, out)
				}
			}
			if received.Signature != signature {
				t.Errorf("got %q, want the signature as received, %q", received.Signature, signature)
			}
			if made.Signature != "" {
				t.Errorf("got %q: without a key there is no signature", made.Signature)
			}
			if gotP, gotR := received.Header.Claimed(); gotP != p || gotR.Path != e.request.Path || gotR.Method != e.request.Method || gotR.Identity != e.request.Identity || gotR.Params != "" || gotR.Body != nil {
				t.Errorf("claims: got %v, %+v", gotP, gotR)
			}
		})
	}
}

// Of a token that is refused a person still sees what could be read.
func TestExplainShowsWhatItCanOfAWrongToken(t *testing.T) {
	s, err := jws.Explain(placeholder, []byte(`{}`))
	if !errors.Is(err, jws.ErrNotDetached) || string(s.Protected) != `{"alg":"RS256","kid":"123456"}` || len(s.Header) != 2 || s.Payload != "e30" {
		t.Errorf("with its payload: got %+v, %v", s, err)
	}
	s, err = jws.Explain(assemble(t, jws.HS256, `{"params":"" "alg":"HS256"}`), nil)
	if !errors.Is(err, jws.ErrHeader) || string(s.Protected) != `{"params":"" "alg":"HS256"}` || s.Header != nil || s.Payload != "" {
		t.Errorf("with a comma missing: got %+v, %v", s, err)
	}
	s, err = jws.Explain(asyncToken+"==", nil)
	if !errors.Is(err, jws.ErrPadding) || len(s.Header) != 5 {
		t.Errorf("with padding: got %+v, %v", s, err)
	}
	for _, c := range refusals(t) {
		s, _ := jws.Explain(c.token, []byte(goodBody))
		if s.Payload == "" {
			t.Errorf("%s: the body is not shown", c.name)
		}
	}
}

func TestClaimedTakesNothingForGranted(t *testing.T) {
	p, r := jws.Header{{"uri", []byte{1}}, {"auth_id", true}, {"alg", 5}, {"method", nil}}.Claimed()
	if p != (jws.Profile{}) || r.Path+r.Method+r.Identity+r.Params != "" {
		t.Errorf("got %v, %+v", p, r)
	}
	if p, r := (jws.Header)(nil).Claimed(); p != (jws.Profile{}) || r.Path != "" {
		t.Errorf("got %v, %+v of no header", p, r)
	}
}
