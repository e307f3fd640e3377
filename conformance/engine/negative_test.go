package engine_test

import (
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// selects judges some operations only.
func selects(patterns ...string) func(*engine.Options) {
	return func(o *engine.Options) { o.Run = patterns }
}

func faulty(s *mock.Scenario) func(*mock.Options) {
	return func(o *mock.Options) { o.Scenario = s }
}

func TestANegativeThatIsAcceptedIsAFindingOnItAlone(t *testing.T) {
	gateway, merchant := catalogue.RoleGateway, catalogue.RoleMerchant
	for _, tt := range []struct {
		role      catalogue.Role
		operation string
		clause    string
		probes    []string
	}{
		{gateway, create, "SIG-12", []string{"sig-missing"}},
		{gateway, create, "SIG-14", []string{"salt-missing"}},
		{gateway, status, "SIG-12", []string{"sig-missing"}},
		{gateway, status, "SIG-13", []string{"sig-tampered", "sig-other-secret", "sig-other-script", "sig-other-fields"}},
		{gateway, cardInit, "CARD-1", []string{"unknown-token"}},
		{gateway, cardPay, "SIG-12", []string{"sig-missing"}},
		{gateway, cardPay, "SIG-13", []string{"sig-tampered", "sig-other-secret", "sig-other-script", "sig-other-fields"}},
		{gateway, cardPay, "CARD-3", []string{"second-pay"}},
		{gateway, billPay, "JWS-1", []string{"jws-missing"}},
		{gateway, billPay, "JWS-5", []string{"jws-other-path"}},
		{gateway, billPay, "INV-5", []string{"second-pay"}},
		{gateway, partnerGet, "PRT-3", []string{"unknown-payment"}},
		{gateway, partnerPut, "JWS-6", []string{"jws-other-method"}},
		{merchant, checkCB, "CB-3", []string{"sig-missing", "sig-tampered", "sig-other-secret", "sig-other-script", "sig-other-fields"}},
		{merchant, checkCB, "CB-4", []string{"unknown-order"}},
		{merchant, resultCB, "CB-3", []string{"sig-missing", "sig-tampered", "sig-other-secret", "sig-other-script", "sig-other-fields"}},
	} {
		t.Run(tt.operation+" "+tt.clause, func(t *testing.T) {
			b := bench{role: tt.role, seed: 1, mock: faulty(waives(tt.role, tt.operation, tt.clause)), options: selects(tt.operation)}
			r, _ := b.run(t)
			only(t, r, report.Fail, refused(tt.operation, tt.probes...)...)
			only(t, r, report.Warn)
			only(t, r, report.Inconclusive)
			only(t, r, report.Error)
			ends(t, r, report.Pass, tt.operation+"/valid/req.accepted")
			for _, probe := range tt.probes {
				f := result(t, r, tt.operation+"/"+probe+"/req.refused").Findings[0]
				if f.Clause != tt.clause {
					t.Errorf("%s: clause %s, want %s", probe, f.Clause, tt.clause)
				}
			}
			if r.Exit() != 1 {
				t.Errorf("exit code %d, want 1", r.Exit())
			}
		})
	}
}

// On operations that create, each negative has an order id of its own.
func TestOnAnOperationThatCreatesEveryRequestHasAnOrderOfItsOwn(t *testing.T) {
	for _, op := range []string{create, cardInit, billInit} {
		b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, op, "SIG-12", "JWS-1")), options: selects(op)}
		_, all := b.run(t)
		name, probes := "pg_order_id", map[string]string{}
		if op == billInit {
			name = "order_id"
		}
		for _, s := range all {
			order := s.field(name)
			switch s.probe {
			case "repeated-order", "same-key", "field-missing:" + name, "wrong-type:" + name:
				continue // the first two are about the order that was sent before
			}
			if order == "" {
				t.Errorf("%s: %s has no %s", op, s.id, name)
			}
			if before, ok := probes[order]; ok {
				t.Errorf("%s: %s and %s share the order %s", op, before, s.probe, order)
			}
			probes[order] = s.probe
		}
		if len(probes) < 10 {
			t.Errorf("%s: %d requests", op, len(probes))
		}
	}
}

// On operations that use something up, the negatives go first and the control after them, over the
// same payment.
func TestTheControlComesAfterItsNegativesAndOverTheirState(t *testing.T) {
	for op, field := range map[string]string{cardPay: "pg_payment_id", billPay: "customer"} {
		b := bench{seed: 1, options: selects(op)}
		_, all := b.run(t)
		var before []sent
		state := ""
		for _, s := range all {
			if s.operation != op {
				continue
			}
			if s.probe == "valid" {
				state = s.field(field)
				break
			}
			before = append(before, s)
		}
		if len(before) < 5 {
			t.Fatalf("%s: %d negatives before the control, want 5 or more", op, len(before))
		}
		for _, s := range before {
			switch s.probe {
			case "field-missing:" + field, "wrong-type:" + field, "unknown-payment":
				continue // the step is about the very field
			}
			if strings.HasPrefix(s.probe, "limit-beyond:"+field) {
				continue
			}
			if got := s.field(field); got != state {
				t.Errorf("%s is about %s, the control about %s", s.id, got, state)
			}
		}
		if n := count(all, func(s sent) bool { return s.setup && s.operation != op }); n < 1 {
			t.Errorf("%s: no state was brought about", op)
		}
	}
}

// A negative that is accepted uses the state up; it is made anew for the rest, and each of them is
// still followed by an accepted request over the state that it was sent over.
func TestAfterANegativeThatWasAcceptedTheStateIsMadeAnew(t *testing.T) {
	b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, cardPay, "SIG-13")), options: selects(cardPay)}
	_, all := b.run(t)
	acceptedAt := map[string]string{}
	for _, s := range all {
		if s.operation != cardPay {
			continue
		}
		payment := s.field("pg_payment_id")
		if who, ok := acceptedAt[payment]; ok && s.probe != "second-pay" {
			t.Errorf("%s is about the payment that %s paid", s.id, who)
		}
		if status, _ := s.exchange.Response.Fields.Get("pg_status"); status == "ok" {
			acceptedAt[payment] = s.id
		}
	}
	if len(acceptedAt) < 5 {
		t.Errorf("%d payments were paid, want that of each accepted negative and of the control", len(acceptedAt))
	}
	for _, s := range all {
		if s.operation == cardPay && s.probe != "unknown-payment" && !strings.Contains(s.probe, ":pg_payment_id") && acceptedAt[s.field("pg_payment_id")] == "" {
			t.Errorf("%s: nothing was accepted over its state, so its refusal proves nothing", s.id)
		}
	}
}

// An accepted negative on a paid result is a delivery of goods: the next ones are about another order.
// One on a check changed nothing.
func TestAnAcceptedNegativeOnAPaidResultTakesANewOrder(t *testing.T) {
	for op, fresh := range map[string]bool{resultCB: true, checkCB: false} {
		b := bench{role: catalogue.RoleMerchant, seed: 1, mock: faulty(waives(catalogue.RoleMerchant, op, "CB-3")), options: selects(op)}
		_, all := b.run(t)
		orders := map[string]bool{}
		for _, s := range all {
			if strings.HasPrefix(s.probe, "sig-") {
				orders[s.field("pg_order_id")] = true
			}
		}
		if want := map[bool]int{true: 5, false: 1}[fresh]; len(orders) != want {
			t.Errorf("%s: the five accepted negatives are about %d orders, want %d", op, len(orders), want)
		}
	}
}

// A peer that pays and then says error: the batch's control is refused, one control alone is not, and
// the negatives are sent one by one. The one after which the control is refused was carried out.
func TestANegativeThatIsRefusedInWordsAndCarriedOutIsAFindingOnItAlone(t *testing.T) {
	for _, tt := range []struct {
		role             catalogue.Role
		operation, probe string
		clause           string
		mock             func(*mock.Options)
	}{
		{catalogue.RoleGateway, cardPay, "sig-tampered", "SIG-13", nil},
		{catalogue.RoleGateway, cardPay, "sig-missing", "SIG-12", nil},
		{catalogue.RoleGateway, billPay, "jws-missing", "JWS-1", nil},
		{catalogue.RoleGateway, billPay, "jws-none", "JWS-4", nil},
	} {
		t.Run(tt.operation+" "+tt.probe, func(t *testing.T) {
			seen := 0
			b := bench{role: tt.role, seed: 1, options: selects(tt.operation), mock: tt.mock}
			b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
				if !judged(d, tt.operation, tt.probe) {
					return nil
				}
				seen++
				send(right(d))
				if seen > 1 {
					return refuse(d, "9999") // no code is asked of what is sent by itself
				}
				return refuse(d, "1100")
			}
			r, all := b.run(t)
			if seen != 2 {
				t.Errorf("it was sent %d times, want twice: in the batch, and by itself", seen)
			}
			case_ := tt.operation + "/" + tt.probe + "/req.refused"
			only(t, r, report.Fail, case_)
			only(t, r, report.Warn)
			only(t, r, report.Inconclusive)
			only(t, r, report.Error)
			f := result(t, r, case_).Findings[0]
			if f.Clause != tt.clause || !strings.Contains(f.Message, "carried out") {
				t.Errorf("finding %+v, want %s, carried out", f, tt.clause)
			}
			ends(t, r, report.Pass, tt.operation+"/valid/req.accepted")
			for _, probe := range verdicts(r, tt.operation, report.Pass) {
				if strings.HasPrefix(probe, "sig-") || strings.HasPrefix(probe, "jws-") {
					ends(t, r, report.Skip, tt.operation+"/"+probe+"/err.code-fits")
				}
			}
			// Each negative that was sent by itself has a control of its own behind it.
			for i, s := range all {
				if !strings.HasSuffix(s.id, "/2") || s.operation != tt.operation || s.setup || s.probe == "valid" {
					continue
				}
				if i+1 == len(all) || all[i+1].id != tt.operation+"/"+s.probe+"/control" {
					t.Errorf("no control follows %s", s.id)
				}
			}
		})
	}
}

// The control after an accepted negative is sent over another state. What was refused before it over
// the old one must not count as refused for that: here it was carried out.
func TestANegativeBeforeAnAcceptedOneIsStillFollowedByAControl(t *testing.T) {
	b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, cardPay, "CARD-2")), options: selects(cardPay)}
	b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		if !judged(d, cardPay, "sig-missing") {
			return nil
		}
		send(right(d))
		return refuse(d, "1100")
	}
	r, _ := b.run(t)
	ends(t, r, report.Fail, refused(cardPay, "sig-missing", "unknown-payment")...)
}

// A negative whose refusal names a code that fits none of the step's classes: a finding about codes,
// or a warning where that clause is disputed; the refusal itself stands.
func TestTheCodeOfARefusalMustFitTheStep(t *testing.T) {
	for _, tt := range []struct {
		probe, code string
		want        report.Status
	}{
		{"field-missing:pg_amount", "10015", report.Fail},
		{"field-missing:pg_amount", "9403", report.Pass},
		{"sig-tampered", "10015", report.Warn},
		{"sig-tampered", "100", report.Pass},
		{"salt-missing", "9403", report.Pass},
		{"field-missing:pg_merchant_id", "1100", report.Pass},
		{"unknown-merchant", "9403", report.Warn},
	} {
		b := bench{seed: 1, options: selects(create + "/" + tt.probe)}
		b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
			if judged(d, create, tt.probe) {
				return refuse(d, tt.code)
			}
			return nil
		}
		r, _ := b.run(t)
		ends(t, r, tt.want, create+"/"+tt.probe+"/err.code-fits")
		ends(t, r, report.Pass, create+"/"+tt.probe+"/req.refused")
	}
}

// An answer that says neither is inconclusive, whatever its form.
func TestAnAnswerThatSaysNeitherIsInconclusive(t *testing.T) {
	for name, answer := range map[string]wire.Response{
		"no status":      {Status: 200, Root: "response", Fields: sig.Message{sig.Leaf("other", "1")}},
		"unknown status": {Status: 200, Root: "response", Fields: sig.Message{sig.Leaf("pg_status", "perhaps")}},
		"HTML":           {Status: 200, Bad: wire.ErrEmptyBody},
	} {
		for _, probe := range []string{"sig-missing", "valid"} {
			b := bench{seed: 1, options: selects(status)}
			b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
				if judged(d, status, probe) {
					return built(d, &answer, nil)
				}
				return nil
			}
			r, _ := b.run(t)
			ck := "req.refused"
			if probe == "valid" {
				ck = "req.accepted"
				for _, p := range negatives(t, r, status) {
					if !strings.HasPrefix(p, "second") {
						ends(t, r, report.Inconclusive, refused(status, p)...)
					}
				}
			}
			res := result(t, r, status+"/"+probe+"/"+ck)
			if res.Status != report.Inconclusive {
				t.Errorf("%s, %s: %s", name, probe, res.Status)
			}
		}
	}
}

// A negative whose answer was lost is an error, and its neighbours are judged as ever.
func TestALostNegativeIsAnErrorOfItsOwnCases(t *testing.T) {
	for _, op := range []string{create, status, cardPay} {
		b := bench{seed: 1, options: selects(op)}
		b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
			if judged(d, op, "sig-tampered") {
				return lost(d)
			}
			return nil
		}
		r, _ := b.run(t)
		for _, res := range r.Results {
			want := report.Pass
			if res.Probe == "sig-tampered" {
				want = report.Error
			}
			if res.Status != want && res.Status != report.Skip {
				t.Errorf("%s: %s, want %s (%s)", res.ID, res.Status, want, res.Reason)
			}
		}
	}
}

// A shop that says error to a callback with a wrong signature and delivers all the same; the right one
// for that order finds it delivered.
func TestAShopThatDeliversOnARefusedCallbackIsFound(t *testing.T) {
	delivered := map[string]bool{}
	b := bench{role: catalogue.RoleMerchant, seed: 1, options: selects(resultCB)}
	b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		if d.Operation.ID != resultCB {
			return nil
		}
		order, _ := d.Fields.Get("pg_order_id")
		if d.Intent.Probe == "sig-other-secret" {
			delivered[order] = true
			return refuse(d, "")
		}
		if delivered[order] {
			return refuse(d, "")
		}
		return nil
	}
	r, _ := b.run(t)
	only(t, r, report.Fail, refused(resultCB, "sig-other-secret")...)
	only(t, r, report.Inconclusive)
	ends(t, r, report.Pass, accepted(resultCB, "valid", "repeated", "failed")...)
}
