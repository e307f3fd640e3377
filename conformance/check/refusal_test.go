package check_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A refusal is unsigned, or rightly signed; half a signature is neither.
func TestARefusalIsUnsignedOrRightlySigned(t *testing.T) {
	refusal := sig.Message{sig.Leaf("pg_status", "error"), sig.Leaf("pg_error_code", "9998")}
	sign := func(script, secret string) sig.Message {
		m, err := sig.Sign(script, refusal, sig.NewKey(secret))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	right := sign("init_payment.php", "the test secret")
	value, _ := right.Get(sig.FieldSig)
	upper := append(append(sig.Message{}, right.Without(sig.FieldSig)...), sig.Leaf(sig.FieldSig, strings.ToUpper(value)))
	for name, c := range map[string]struct {
		fields sig.Message
		broken bool
	}{
		"unsigned is lawful":                      {refusal, false},
		"rightly signed is lawful":                {right, false},
		"right in capitals is wrongly written":    {upper, true},
		"another secret is neither":               {sign("init_payment.php", "another"), true},
		"another script name is neither":          {sign("get_status3.php", "the test secret"), true},
		"two signatures are neither":              {append(right, right[len(right)-1]), true},
		"an empty signature is neither":           {append(append(sig.Message{}, refusal...), sig.Leaf(sig.FieldSig, "")), true},
		"a word in place of a signature, neither": {append(append(sig.Message{}, refusal...), sig.Leaf(sig.FieldSig, "unsigned")), true},
	} {
		t.Run(name, func(t *testing.T) {
			k, ok := check.CheckNamed("sig.refusal-signed")
			if !ok {
				t.Fatal("there is no such check")
			}
			for _, s := range scopes(t) {
				if s.Operation.ID != "merchant.purchase.create" {
					continue
				}
				found, skip := k.Look(s, &check.Seen{Outcome: check.OutRefused, Exchange: &wire.Exchange{
					Operation: s.Operation,
					Intent:    wire.Intent{Probe: "sig-tampered", Expect: wire.Refused},
					Request:   wire.Request{URL: &url.URL{Path: "/init_payment.php"}},
					Response:  &wire.Response{Status: http.StatusOK, Fields: c.fields},
				}})
				if (len(found) > 0) != c.broken || skip != "" {
					t.Errorf("found %v, skip %q; want broken %v", found, skip, c.broken)
				}
			}
		})
	}
}
