package check_test

import (
	"bytes"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// target is one that all operations can be sent to.
func target() *wire.Target {
	base := &url.URL{Scheme: "http", Host: "gateway.test"}
	return &wire.Target{
		Base: base,
		Callbacks: map[string]*url.URL{
			"callback.check":  {Scheme: "http", Host: "shop.test", Path: "/check", RawQuery: "session=7"},
			"callback.result": {Scheme: "http", Host: "shop.test", Path: "/result"},
		},
		Credentials: wire.Credentials{
			MerchantID: "500001", SigKeys: map[string]sig.Key{"": sig.NewKey("the test secret")},
			JWSID: "123456", JWSKey: jws.NewKey(bytes.Repeat([]byte("k"), 64)),
		},
		Values: map[string]string{"pg_card_token": "ef741cfc-f85e-41a0-84e6-2ba964912182", "card_token": "ef741cfc-f85e-41a0-84e6-2ba964912182"},
	}
}

func scopes(t *testing.T) []*check.Scope {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	tg := target()
	var out []*check.Scope
	for _, op := range c.Operations {
		if op.Sendable() {
			out = append(out, &check.Scope{Catalogue: c, Operation: op, Credentials: &tg.Credentials, Values: tg.Values, Seed: "1"})
		}
	}
	if len(out) != 10 {
		t.Fatalf("%d operations can be sent, want 10", len(out))
	}
	return out
}

// given is a state, the same for a control and its negatives.
func given(s *check.Scope) check.Given {
	if s.Operation.Role() == catalogue.RoleMerchant {
		return check.Callback(s, wire.Order{ID: "A-17", Amount: "100.00", Currency: "KZT"}, "1234567890", "2026-01-02 03:04:05")
	}
	g := check.Given{Values: map[string]string{}, Known: wire.Known{"order": "fpc-order-1"}, RequestID: "01978cb8-60f4-7b04-8b8d-8075a11d56a3"}
	if s.Operation.Unique != "" {
		g.Values[s.Operation.Unique] = "fpc-order-1"
	}
	for _, f := range s.Operation.Request.Fields {
		if f.From != "" {
			g.Values[f.Name] = "1234567890"
		}
	}
	return g
}

// flat writes a request as bytes, with the signature apart.
func flat(r *wire.Request) (text []byte, signature string) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if strings.EqualFold(name, jws.HeaderName) {
			signature += r.Header.Get(name)
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", name, r.Header.Get(name))
	}
	b.Write(r.Body)
	text = b.Bytes()
	if s, n := r.Fields.Get(sig.FieldSig); n > 0 {
		signature += s
		text = bytes.ReplaceAll(text, []byte(s), []byte("SIGNATURE"))
	}
	return text, signature
}

// middle is where two texts differ: what is left of each without their common beginning and end.
func middle(a, b []byte) (string, string) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return string(a), string(b)
}

// A negative is the control less one step: with the same salt, order id and request id the two
// requests differ, byte by byte, in the signature and in the one place that the probe is about.
func TestANegativeIsTheControlLessOneStep(t *testing.T) {
	salt := func() string { return "fixedSalt1234567" }
	tg := target()
	pairs := 0
	for _, s := range scopes(t) {
		control, err := wire.Build(tg, check.Control(s, given(s)), salt)
		if err != nil {
			t.Fatal(err)
		}
		rightText, rightSignature := flat(control)
		for i := range check.Probes {
			p := &check.Probes[i]
			if p.Expect != wire.Refused || p.Follows != "" {
				continue
			}
			for _, variant := range p.For(s) {
				pairs++
				d := check.Draft(s, p, variant, given(s))
				t.Run(d.ID, func(t *testing.T) {
					r, err := wire.Build(tg, d, salt)
					if err != nil {
						t.Fatal(err)
					}
					text, signature := flat(r)
					was, is := middle(rightText, text)
					about := strings.SplitN(variant, ".", 2)[0]
					switch {
					case strings.HasSuffix(p.ID, "-missing") && variant == "" && p.ID != "salt-missing":
						// The signature is gone; of pg_sig the whole field.
						if signature != "" {
							t.Errorf("there still is a signature")
						}
						if p.ID == "jws-missing" && was+is != "" || p.ID == "sig-missing" && !strings.Contains(was, "SIGNATURE") {
							t.Errorf("more differs than the signature: %q became %q", was, is)
						}
					case p.ID == "jws-body-changed":
						if signature != rightSignature || was != "" || strings.TrimSpace(is) != "" || is == "" {
							t.Errorf("want white space behind the body and the same signature; %q became %q", was, is)
						}
					case strings.HasPrefix(p.ID, "sig-"), strings.HasPrefix(p.ID, "jws-"):
						if was+is != "" {
							t.Errorf("more differs than the signature: %q became %q", was, is)
						}
						if signature == rightSignature || signature == "" {
							t.Errorf("the signature is the right one, or none")
						}
					case p.ID == "salt-missing":
						if !strings.Contains(was, "fixedSalt") || fields(was) != 1 || is != "" {
							t.Errorf("want the salt gone and nothing else; %q became %q", was, is)
						}
					case p.ID == "unknown-merchant", p.ID == "path-identity":
						// The merchant is named in up to three places, and changes in each of them.
						if strings.ReplaceAll(string(text), "999999999999", "500001") != string(rightText) {
							t.Errorf("more differs than the merchant: %q became %q", was, is)
						}
					case p.ID == "other-amount":
						if strings.ReplaceAll(string(text), "101", "100.00") != string(rightText) {
							t.Errorf("more differs than the amount: %q became %q", was, is)
						}
					case p.ID == "header-missing":
						if !strings.Contains(was, variant+":") && !strings.Contains(was, strings.TrimPrefix(variant, "X")) || is != "" {
							t.Errorf("want the header gone; %q became %q", was, is)
						}
					case p.ID == "field-missing":
						if is != "" || fields(was) > 1 || was == "" {
							t.Errorf("want one field gone; %q became %q", was, is)
						}
					default:
						// A value changed in its place, or a field was added.
						if fields(was) > 0 || fields(is) > 1 || was+is == "" {
							t.Errorf("want the value of %s changed, or that field added; %q became %q", about, was, is)
						}
					}
				})
			}
		}
	}
	if pairs < 100 {
		t.Errorf("%d pairs, want 100 or more", pairs)
	}
}

// fields counts the fields that a piece of a multipart body begins.
func fields(piece string) int { return strings.Count(piece, "name=") }

func TestEveryProbeHasAnIDOfItsOwnAndAClauseThatThereIs(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scopes(t) {
		for i := range check.Probes {
			p := &check.Probes[i]
			for _, variant := range p.For(s) {
				intent := check.Intent(s, p, variant)
				id := s.Operation.ID + "/" + intent.Probe
				if seen[id] {
					t.Errorf("%s stands twice", id)
				}
				seen[id] = true
				if _, ok := s.Catalogue.Clause(intent.Clause); !ok {
					t.Errorf("%s: there is no clause %q", id, intent.Clause)
				}
				if strings.ContainsAny(intent.Probe, "/*& |!,()") {
					t.Errorf("%s cannot be selected by a pattern or a label filter", id)
				}
				if intent.Expect == wire.Refused && len(intent.Classes) == 0 && s.Operation.Role() == catalogue.RoleGateway {
					t.Errorf("%s: no class of codes fits it", id)
				}
			}
		}
	}
	for i, c := range check.Checks {
		for _, other := range check.Checks[:i] {
			if c.ID == other.ID {
				t.Errorf("check %s stands twice", c.ID)
			}
		}
		if c.Title == "" || c.Look == nil || c.For == nil {
			t.Errorf("check %s lacks a part", c.ID)
		}
	}
}
