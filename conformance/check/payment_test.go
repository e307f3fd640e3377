package check_test

import (
	"net/http"
	"testing"

	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// seen is an accepted answer about an order, beside a control about another or the same one.
func seen(s *check.Scope, order, controlOrder string, fields, controlFields sig.Message) *check.Seen {
	answer := func(id, order string, fields sig.Message) *wire.Exchange {
		return &wire.Exchange{ID: id, Operation: s.Operation, Known: wire.Known{"order": order},
			Response: &wire.Response{Status: http.StatusOK, Fields: fields}}
	}
	return &check.Seen{
		Exchange: answer(s.Operation.ID+"/optional:x", order, fields),
		Control:  answer(s.Operation.ID+"/valid", controlOrder, controlFields),
		Outcome:  check.OutAccepted,
	}
}

// An id that is handed out again for another order is no id: whoever pays the one pays the other.
func TestWhatAnOrderGetsIsItsOwn(t *testing.T) {
	payment := func(id string) sig.Message { return sig.Message{sig.Leaf("pg_payment_id", id)} }
	invoice := func(qr string) sig.Message { return sig.Message{sig.Branch("invoice_methods", sig.Leaf("qr", qr))} }
	for name, c := range map[string]struct {
		operation, check    string
		order, controlOrder string
		fields, before      sig.Message
		clause              string
	}{
		"another payment id for another order is right": {"merchant.purchase.create", "pay.id", "A", "B", payment("12"), payment("13"), ""},
		"the same payment id for another order is not":  {"merchant.purchase.create", "pay.id", "A", "B", payment("12"), payment("12"), "PAY-1"},
		"the same payment id for the same order is":     {"merchant.purchase.create", "pay.id", "A", "A", payment("12"), payment("12"), ""},
		"a word is no payment id":                       {"merchant.purchase.create", "pay.id", "A", "B", payment("x1"), payment("13"), "PAY-1"},
		"zero is no payment id":                         {"merchant.card.init_cvc", "pay.id", "A", "B", payment("0"), payment("13"), "PAY-1"},
		"another customer for another invoice is right": {"invoice.merchant.init", "inv.customer", "A", "B", invoice("q"), invoice("r"), ""},
		"the same customer for another invoice is not":  {"invoice.merchant.init", "inv.customer", "A", "B", invoice("q"), invoice("q"), "INV-2"},
		"an invoice without a customer cannot be paid":  {"invoice.merchant.init", "inv.customer", "A", "B", invoice(""), invoice(""), "INV-2"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range scopes(t) {
				if s.Operation.ID != c.operation {
					continue
				}
				k, ok := check.CheckNamed(c.check)
				if !ok {
					t.Fatalf("there is no check %s", c.check)
				}
				found, skip := k.Look(s, seen(s, c.order, c.controlOrder, c.fields, c.before))
				got := ""
				for _, f := range found {
					got += f.Clause
				}
				if got != c.clause || skip != "" {
					t.Errorf("got %q (skip %q), want %q", got, skip, c.clause)
				}
			}
		})
	}
}
