package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
)

func merchant(edit func(*engine.Options)) bench {
	return bench{role: catalogue.RoleMerchant, seed: 1, options: edit}
}

// takesAny is an embedded merchant that takes every order.
func takesAny(readings map[string]string) func(*mock.Options) {
	return func(o *mock.Options) { o.Orders, o.Readings = nil, readings }
}

func withOrders(n int) func(*engine.Options) {
	return func(o *engine.Options) { o.Target.Orders = selftest.Orders()[:n] }
}

// A control and its negatives share an order; each control takes the next one of the configuration,
// and a failed result one of its own.
func TestEachControlTakesTheNextUnusedOrder(t *testing.T) {
	b := merchant(nil)
	_, all := b.run(t)
	at := map[string]map[string]bool{}
	for _, s := range all {
		key := s.operation
		switch {
		case s.probe == "failed":
			key += " failed"
		case s.probe == "unknown-order":
			continue
		case strings.Contains(s.probe, "pg_order_id"):
			continue // the step is about the very field
		}
		if at[key] == nil {
			at[key] = map[string]bool{}
		}
		at[key][s.field("pg_order_id")] = true
	}
	for i, key := range []string{checkCB, resultCB, resultCB + " failed"} {
		want := selftest.Orders()[i].ID
		if len(at[key]) != 1 || !at[key][want] {
			t.Errorf("%s is about %v, want %s alone", key, at[key], want)
		}
	}
}

// Amount and currency are the order's, as the configuration writes them.
func TestACallbackHasTheAmountOfItsOrder(t *testing.T) {
	b := merchant(selects("**/valid"))
	_, all := b.run(t)
	for _, s := range all {
		for _, order := range selftest.Orders() {
			if s.field("pg_order_id") == order.ID && (s.field("pg_amount") != order.Amount || s.field("pg_currency") != order.Currency) {
				t.Errorf("%s: %s %s, want %s %s", s.id, s.field("pg_amount"), s.field("pg_currency"), order.Amount, order.Currency)
			}
		}
	}
	if len(all) != 2 {
		t.Errorf("%d requests, want 2", len(all))
	}
}

func TestWhereTheOrdersRunOutTheCasesAreInconclusiveAndSayHowManyAreNeeded(t *testing.T) {
	for n := 1; n <= 2; n++ {
		b := merchant(withOrders(n))
		r, all := b.run(t)
		only(t, r, report.Fail)
		only(t, r, report.Error)
		if got := len(verdicts(r, checkCB, report.Inconclusive)); got != 0 {
			t.Errorf("%d orders: %d cases of the check are inconclusive, want none", n, got)
		}
		want := map[int]report.Status{1: report.Inconclusive, 2: report.Pass}[n]
		ends(t, r, want, resultCB+"/valid/req.accepted")
		res := result(t, r, resultCB+"/failed/req.accepted")
		if res.Status != report.Inconclusive || !strings.Contains(res.Reason, "must name 3") {
			t.Errorf("%d orders: %s: %s %q, want inconclusive, and that 3 are needed", n, res.ID, res.Status, res.Reason)
		}
		if count(all, func(s sent) bool { return s.probe == "failed" }) != 0 {
			t.Error("a failed result was sent without an order")
		}
		if r.Exit() != 3 {
			t.Errorf("exit code %d, want 3", r.Exit())
		}
	}
}

// An accepted negative uses an order up, so more may be needed than planned.
func TestOrdersThatRunOutInTheMiddleTakeNothingBack(t *testing.T) {
	b := merchant(func(o *engine.Options) { withOrders(2)(o); o.Run = []string{resultCB} })
	b.mock = faulty(waives(catalogue.RoleMerchant, resultCB, "CB-3"))
	r, _ := b.run(t)
	if got := verdicts(r, resultCB, report.Fail); len(got) != 2 {
		t.Errorf("findings on %v, want the two that had an order", got)
	}
	for _, p := range negatives(t, r, resultCB) {
		if res := result(t, r, resultCB+"/"+p+"/req.refused"); res.Status != report.Fail && res.Status != report.Inconclusive {
			t.Errorf("%s: %s %s", res.ID, res.Status, res.Reason)
		}
	}
	ends(t, r, report.Inconclusive, resultCB+"/valid/req.accepted")
}

// A merchant that takes every order id: by the configuration, or found by asking about one.
func TestAMerchantThatTakesEveryOrder(t *testing.T) {
	for name, edit := range map[string]func(*engine.Options){
		"orders: any":     func(o *engine.Options) { o.Target.Orders, o.Target.AnyOrder = nil, true },
		"found":           func(o *engine.Options) { o.Target.Orders = nil },
		"found by result": func(o *engine.Options) { o.Target.Orders = nil; delete(o.Target.Callbacks, checkCB) },
	} {
		for _, readings := range []map[string]string{nil, {"callback-body": "urlencoded"}} {
			t.Run(fmt.Sprint(name, readings), func(t *testing.T) {
				b := merchant(edit)
				b.mock = takesAny(readings)
				r, all := b.run(t)
				only(t, r, report.Fail)
				only(t, r, report.Inconclusive)
				only(t, r, report.Error)
				ends(t, r, report.Pass, resultCB+"/failed/req.accepted")
				res := result(t, r, checkCB+"/unknown-order/req.refused")
				if name != "found by result" && (res.Status != report.Skip || !strings.Contains(res.Reason, "every order")) {
					t.Errorf("%s: %s %q, want a skip that says that every order is taken", res.ID, res.Status, res.Reason)
				}
				asked := count(all, func(s sent) bool { return s.setup })
				switch {
				case name == "orders: any" && asked != 0:
					t.Errorf("%d requests asked about orders, want none", asked)
				case name != "orders: any" && readings == nil && asked != 1:
					t.Errorf("%d requests asked about orders, want one", asked)
				}
				for _, s := range all {
					if s.setup && s.effect != catalogue.Reads {
						t.Errorf("%s, which only asks, has effect %s", s.id, s.effect)
					}
					if name == "found by result" && s.setup && s.field("pg_result") != "0" {
						t.Errorf("%s asks by a paid result", s.id)
					}
				}
				if r.Exit() != 0 {
					t.Errorf("exit code %d, want 0", r.Exit())
				}
			})
		}
	}
}

// A merchant that knows only its own orders, and a configuration that names none.
func TestWithoutOrdersNothingCanBeAskedOfAMerchantThatKnowsItsOwn(t *testing.T) {
	b := merchant(func(o *engine.Options) { o.Target.Orders = nil })
	r, all := b.run(t)
	only(t, r, report.Fail)
	ends(t, r, report.Inconclusive, checkCB+"/valid/req.accepted", resultCB+"/valid/req.accepted", resultCB+"/failed/req.accepted")
	for _, s := range all {
		if !s.setup {
			t.Errorf("%s was sent without an order", s.id)
		}
	}
	if r.Exit() != 3 {
		t.Errorf("exit code %d, want 3", r.Exit())
	}
}

// By whatever reading a failed result is the only thing that may be sent.
func TestAFailedResultIsSentByEveryReading(t *testing.T) {
	b := merchant(func(o *engine.Options) {
		at("https://shop.example", []catalogue.Effect{catalogue.Reads}, false)(o)
		delete(o.Target.Callbacks, checkCB)
	})
	b.mock = func(o *mock.Options) { o.Readings = map[string]string{"callback-body": "urlencoded"} }
	r, _ := b.run(t)
	ends(t, r, report.Warn, resultCB+"/failed/req.accepted")
	only(t, r, report.Inconclusive)
	ends(t, r, report.Skip, resultCB+"/valid/req.accepted")
}

// A shop that refuses a failed result while its checks show that the key is right.
func TestARefusedFailedResultHasAVerdictOfItsOwn(t *testing.T) {
	b := merchant(nil)
	b.bend = refusing("", func(d *wire.Draft) bool { return judged(d, resultCB, "failed") })
	r, _ := b.run(t)
	only(t, r, report.Fail, resultCB+"/failed/req.accepted")
}

// What has no address is skipped, in process too; a gateway in process needs none.
func TestWhatHasNoAddressIsSkipped(t *testing.T) {
	b := merchant(func(o *engine.Options) { delete(o.Target.Callbacks, checkCB) })
	r, _ := b.run(t)
	for _, res := range r.Results {
		if res.Operation == checkCB && (res.Status != report.Skip || !strings.Contains(res.Reason, "check_url")) {
			t.Errorf("%s: %s %q, want a skip that names check_url", res.ID, res.Status, res.Reason)
		}
	}
	only(t, r, report.Error)
	in := bench{seed: 1, options: func(o *engine.Options) {
		o.Target.Base = nil
		o.Peer = &wire.Client{Target: o.Target}
		o.Run = []string{create, status}
	}}
	r, _ = in.run(t)
	if r.Exit() != 0 {
		t.Errorf("a handler without a base: exit code %d, want 0", r.Exit())
	}
}
