package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// at makes the target of a bench look as if it stood elsewhere; the peer stays the embedded one.
func at(url string, allow []catalogue.Effect, production bool) func(*engine.Options) {
	return func(o *engine.Options) {
		o.Target.Handler = nil
		if o.Target.Base != nil {
			o.Target.Base = mustURL(url)
		}
		for id := range o.Target.Callbacks {
			o.Target.Callbacks[id] = mustURL(url + "/" + strings.TrimPrefix(id, "callback."))
		}
		o.Target.Allow, o.Target.Production = allow, production
	}
}

const (
	toRead, toCreate, toCharge = catalogue.Reads, catalogue.Creates, catalogue.Charges
)

// Which requests are sent follows from the kind of host, from --allow and from --production; what is
// not sent is skipped with that reason, and nothing that is not allowed reaches the peer.
func TestNothingIsSentThatIsNotAllowed(t *testing.T) {
	type effects = []catalogue.Effect
	hosts := []struct {
		url  string
		kind string
	}{
		{"http://127.0.0.1:8080", "loopback"}, {"http://localhost:8080", "loopback"}, {"http://[::1]:8080", "loopback"},
		{"https://test-api.freedompay.kz", "elsewhere"}, {"https://gateway.example", "elsewhere"}, {"http://10.0.0.7", "elsewhere"},
		{"https://localhost.example", "elsewhere"}, {"https://127.0.0.1.example", "elsewhere"}, {"http://0.0.0.0:1", "elsewhere"},
		{"https://api.freedompay.kz", "production"}, {"https://API.FreedomPay.KZ:443/base", "production"}, {"https://api.freedompay.kz.", "production"},
		{"https://customer.freedompay.uz", "production"}, {"https://api.paybox.money", "production"},
	}
	rows := []struct {
		kind       string
		allow      effects
		production bool
		want       effects
	}{
		{"loopback", nil, false, effects{toRead, toCreate, toCharge}},
		{"loopback", nil, true, effects{toRead, toCreate, toCharge}},
		{"loopback", effects{toRead}, false, effects{toRead}},
		{"loopback", effects{toRead, toCreate}, false, effects{toRead, toCreate}},
		{"loopback", effects{}, false, nil},
		{"elsewhere", nil, false, effects{toRead, toCreate}},
		{"elsewhere", nil, true, effects{toRead, toCreate}},
		{"elsewhere", effects{toRead}, false, effects{toRead}},
		{"elsewhere", effects{toCharge}, false, effects{toCharge}},
		{"elsewhere", effects{toRead, toCreate, toCharge}, false, effects{toRead, toCreate, toCharge}},
		{"production", nil, false, nil},
		{"production", effects{toRead, toCreate, toCharge}, false, nil},
		{"production", nil, true, effects{toRead}},
		{"production", effects{toRead, toCreate}, true, effects{toRead, toCreate}},
		{"production", effects{toRead, toCreate, toCharge}, true, effects{toRead, toCreate, toCharge}},
	}
	tried := 0
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		for _, row := range rows {
			for i, host := range hosts {
				if host.kind != row.kind || row.allow != nil && i%3 != 0 {
					continue
				}
				tried++
				b := bench{role: role, seed: 1, options: func(o *engine.Options) {
					at(host.url, row.allow, row.production)(o)
					o.Run = []string{"**/valid", "**/sig-missing", "**/jws-missing", "**/after-pay", "**/second-pay", "**/failed", "**/repeated"}
				}}
				r, all := b.run(t)
				name := string(role) + " " + host.url
				for _, s := range all {
					if !slices.Contains(row.want, s.effect) {
						t.Errorf("%s, allow %v, production %v: %s was sent, effect %s", name, row.allow, row.production, s.id, s.effect)
					}
					if s.effect != effectOf(t, s) {
						t.Errorf("%s is told to have effect %s, want %s", s.id, s.effect, effectOf(t, s))
					}
				}
				if (len(all) == 0) != !sendsAny(role, row.want) {
					t.Errorf("%s, allow %v, production %v: %d requests, allowed is %v", name, row.allow, row.production, len(all), row.want)
				}
				for _, res := range r.Results {
					switch res.Status {
					case report.Fail, report.Inconclusive, report.Error, report.Warn:
						t.Errorf("%s, allow %v: %s: %s %s %v", name, row.allow, res.ID, res.Status, res.Reason, res.Findings)
					case report.Skip:
						if res.Exchange == "" && !strings.Contains(res.Reason, "not allowed") && !strings.Contains(res.Reason, "production host") && !strings.Contains(res.Reason, "orders: any") && !strings.Contains(res.Reason, "values: has no") {
							t.Errorf("%s, allow %v: %s: skipped because %q", name, row.allow, res.ID, res.Reason)
						}
					}
				}
				// What may be sent is.
				for id, needs := range map[string]effects{
					create + "/valid": {toCreate}, create + "/sig-missing": {toCreate}, billInit + "/valid": {toCreate},
					status + "/valid": {toRead, toCreate}, status + "/after-pay": {toCharge, toCreate},
					cardPay + "/valid": {toCharge, toCreate}, cardPay + "/sig-missing": {toCharge, toCreate}, billPay + "/second-pay": {toCharge, toCreate},
					partnerPut + "/valid": {toRead, toCreate},
					checkCB + "/valid":    {toRead}, checkCB + "/sig-missing": {toRead}, resultCB + "/valid": {toCharge}, resultCB + "/failed": {toRead}, resultCB + "/repeated": {toCharge},
				} {
					op, _ := theCatalogue(t).Operation(strings.Split(id, "/")[0])
					if op.Role() != role {
						continue
					}
					want := true
					for _, e := range needs {
						want = want && slices.Contains(row.want, e)
					}
					if id == partnerPut+"/valid" && !slices.Contains(row.want, toCreate) {
						continue // a made-up id is tried
					}
					sent := count(all, func(s sent) bool { return s.operation+"/"+s.probe == id && !s.setup }) > 0
					if id == status+"/after-pay" && slices.Contains(row.want, toCharge) && !slices.Contains(row.want, toRead) {
						continue
					}
					if sent != want {
						t.Errorf("%s, allow %v, production %v: %s sent: %v, want %v", name, row.allow, row.production, id, sent, want)
					}
				}
			}
		}
	}
	if tried < 60 {
		t.Errorf("%d combinations tried", tried)
	}
}

// effectOf is the effect that a request has if it is carried out, told from what was sent.
func effectOf(t testing.TB, s sent) catalogue.Effect {
	op, ok := theCatalogue(t).Operation(s.operation)
	if !ok {
		t.Fatalf("there is no operation %s", s.operation)
	}
	switch {
	case s.operation == resultCB && s.field("pg_result") == "0":
		return catalogue.Reads
	case s.operation == status && s.probe == "after-pay":
		return catalogue.Charges
	}
	return op.Effect
}

func sendsAny(role catalogue.Role, allowed []catalogue.Effect) bool {
	if role == catalogue.RoleMerchant {
		return slices.Contains(allowed, toRead) || slices.Contains(allowed, toCharge)
	}
	return slices.Contains(allowed, toRead) || slices.Contains(allowed, toCreate)
}

// A merchant is asked about a made-up order only by a request that is allowed.
func TestAMerchantIsNotAskedByWhatIsNotAllowed(t *testing.T) {
	b := bench{role: catalogue.RoleMerchant, seed: 1, options: func(o *engine.Options) {
		o.Target.Orders, o.Target.Allow = nil, []catalogue.Effect{toCharge}
	}}
	_, all := b.run(t)
	for _, s := range all {
		if s.effect != toCharge {
			t.Errorf("%s was sent, effect %s", s.id, s.effect)
		}
	}
}

// Without what it needs, an operation is skipped with a reason in the words of the configuration.
func TestWhatNeedsACredentialThatIsNotGivenIsSkipped(t *testing.T) {
	for _, tt := range []struct {
		takes func(*wire.Credentials)
		names string
		skips []string
	}{
		{func(c *wire.Credentials) { c.SigKeys = nil }, "secret", []string{create, status, cardInit, cardPay, partnerPut}},
		{func(c *wire.Credentials) { c.MerchantID = "" }, "merchant_id", []string{create, status, cardInit, cardPay, billInit, billPay}},
		{func(c *wire.Credentials) { c.JWSID = "" }, "jws_id", []string{partnerPut}},
		{func(c *wire.Credentials) { c.JWSKey = (wire.Credentials{}).JWSKey }, "jws_key", []string{billInit, billPay, partnerPut}},
	} {
		b := bench{seed: 1, options: func(o *engine.Options) { tt.takes(&o.Target.Credentials) }}
		r, all := b.run(t)
		for _, op := range tt.skips {
			for _, res := range r.Results {
				if res.Operation == op && (res.Status != report.Skip || !strings.Contains(res.Reason, tt.names)) {
					t.Errorf("without %s, %s: %s %q", tt.names, res.ID, res.Status, res.Reason)
					break
				}
			}
			if n := count(all, func(s sent) bool { return s.operation == op }); n > 0 {
				t.Errorf("without %s, %d requests of %s were sent", tt.names, n, op)
			}
		}
		only(t, r, report.Error)
		only(t, r, report.Fail)
	}
}
