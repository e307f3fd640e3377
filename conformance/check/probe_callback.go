package check

import (
	"math/big"
	"strings"

	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// reportFailure reports a payment that failed: nobody delivers goods on it.
func reportFailure(_ *Scope, d *wire.Draft, _ string) {
	set(d, "pg_result", "0")
	set(d, "pg_failure_code", "2")
	set(d, "pg_failure_description", "The payment failed.")
}

func addOwnField(_ *Scope, d *wire.Draft, _ string) {
	d.Fields = append(d.Fields, sig.Leaf("client_basket", "B-7/42"))
}

// unknownOrder asks about an order that no shop has.
func unknownOrder(s *Scope, d *wire.Draft, _ string) {
	set(d, "pg_order_id", "fpconform-no-order-"+s.Seed)
}

// otherAmount asks whether the order may be paid with one unit more than it costs.
func otherAmount(_ *Scope, d *wire.Draft, _ string) {
	amount, ok := new(big.Rat).SetString(get(d, "pg_amount"))
	if !ok {
		return
	}
	more := strings.TrimSuffix(amount.Add(amount, big.NewRat(1, 1)).FloatString(2), ".00")
	for _, name := range []string{"pg_amount", "pg_ps_amount", "pg_ps_full_amount"} {
		if _, n := d.Fields.Get(name); n > 0 {
			set(d, name, more)
		}
	}
}

// callbackFields are those that a callback always has; a merchant may take or refuse one that
// lacks them, as long as it answers properly.
func callbackFields(s *Scope) []string {
	if gateway(s) {
		return nil
	}
	return requiredNames(s)
}

func callbackLimits(s *Scope) []string {
	if gateway(s) {
		return nil
	}
	return beyondNames(s)
}

// Callback fills in a callback about an order that the merchant knows: the amounts and currencies
// are the order's, result is "1" for a paid and "0" for a failed payment.
func Callback(s *Scope, order wire.Order, payment, when string) Given {
	given := map[string]string{
		"pg_order_id":   order.ID,
		"pg_payment_id": payment,
		"pg_amount":     order.Amount,
		"pg_currency":   order.Currency,
	}
	if s.Operation.ID == resultNotify {
		for name, value := range map[string]string{
			"pg_result":                  "1",
			"pg_net_amount":              order.Amount,
			"pg_description":             "fpconform",
			"pg_payment_date":            when,
			"pg_can_reject":              "1",
			"pg_testing_mode":            "1",
			"pg_captured":                "1",
			"pg_payment_method":          "bankcard",
			"pg_need_phone_notification": "0",
			"pg_need_email_notification": "0",
		} {
			given[name] = value
		}
	}
	for _, name := range []string{"pg_ps_amount", "pg_ps_full_amount"} {
		given[name] = order.Amount
	}
	given["pg_ps_currency"] = order.Currency
	for name := range given {
		if _, ok := s.Operation.Request.Field(name); !ok {
			delete(given, name)
		}
	}
	return Given{Values: given}
}
