package check

import (
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
)

// handedOut is the request field whose value another operation hands out, or that only the target
// knows and that is no card token.
func handedOut(s *Scope) *catalogue.Field {
	for _, f := range request(s.Operation) {
		if f.From != "" || f.Given && !token(f) {
			return f
		}
	}
	return nil
}

func token(f *catalogue.Field) bool { return strings.HasSuffix(f.Name, "card_token") }

func takesPayment(s *Scope) []string { return when(gateway(s) && handedOut(s) != nil) }

// unknownPayment asks about a payment that was never handed out, of the same shape.
func unknownPayment(s *Scope, d *wire.Draft, _ string) {
	f := handedOut(s)
	set(d, f.Name, stranger(get(d, f.Name)))
}

// stranger keeps the shape of an id and changes what it says: its digits and letters are mirrored.
func stranger(id string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= '1' && r <= '9':
			return '1' + '9' - r
		case r >= 'a' && r <= 'f':
			return 'a' + 'f' - r
		case r >= 'g' && r <= 'z':
			return 'g' + 'z' - r
		}
		return r
	}, id)
	if out == id {
		return id + "9"
	}
	return out
}

// takesToken is for operations that take a card token, where one is known to be right: with a
// made-up one the control itself would be this negative.
func takesToken(s *Scope) []string {
	for _, f := range request(s.Operation) {
		if token(f) && s.Values[f.Name] != "" && s.Operation.ID == cardInit {
			return when(true)
		}
	}
	return nil
}

func unknownToken(s *Scope, d *wire.Draft, _ string) {
	for _, f := range request(s.Operation) {
		if token(f) {
			set(d, f.Name, stranger(get(d, f.Name)))
		}
	}
}

// again is no step at all: the same request, signed anew.
func again(*Scope, *wire.Draft, string) {}

// addOtherOrder names an order that is not the payment's; beside pg_payment_id it is ignored (PAY-6).
func addOtherOrder(s *Scope, d *wire.Draft, _ string) {
	known := d.Known
	set(d, "pg_order_id", "fpconform-no-order-"+s.Seed)
	d.Known = known // the answer is about the payment
}

// orderAlone asks by the order id alone, which one page rules out and integrations do (PAY-7).
func orderAlone(s *Scope, d *wire.Draft, _ string) {
	drop(d, "pg_payment_id")
	set(d, "pg_order_id", d.Known[string(catalogue.EchoOrder)])
}
