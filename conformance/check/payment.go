package check

import (
	"net/url"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
)

// What payments, invoices and the partner's reads have beyond the general form.

func paymentID(s *Scope, x *Seen) ([]report.Finding, string) {
	id, n := x.Response.Fields.Get("pg_payment_id")
	if n != 1 || id == "" || id == "0" || strings.Trim(id, "0123456789") != "" {
		return s.one("PAY-1", "response/pg_payment_id", "not a payment id", cut(id), "a positive integer")
	}
	if other, ok := handedOutBefore(x, "pg_payment_id"); ok && other == id {
		return s.one("PAY-1", "response/pg_payment_id", "the id that another order got", cut(id), "an id of its own for each order")
	}
	return nil, ""
}

func redirectURL(s *Scope, x *Seen) ([]report.Finding, string) {
	raw, n := x.Response.Fields.Get("pg_redirect_url")
	u, err := url.Parse(raw)
	if n == 1 && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return nil, ""
	}
	return s.one("PAY-2", "response/pg_redirect_url", "not an absolute address", cut(raw), "the address of the payment page")
}

// handedOutBefore is what the control got in a field, if the control was about another order.
func handedOutBefore(x *Seen, field string) (string, bool) {
	order := string(catalogue.EchoOrder)
	if x.Control == nil || x.Control.ID == x.ID || x.Control.Response == nil || x.Control.Known[order] == x.Known[order] {
		return "", false
	}
	return ValueAt(x.Control.Response.Fields, field)
}

// samePayment compares the payment ids of two requests with the same key and fields.
func samePayment(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Before == nil || x.Before.Response == nil {
		return nil, "there is no request before to compare with"
	}
	got, _ := x.Response.Fields.Get("pg_payment_id")
	want, _ := x.Before.Response.Fields.Get("pg_payment_id")
	if got != want {
		return s.one("PAY-4", "response/pg_payment_id", "another payment for the same pg_idempotency_key", cut(got), want)
	}
	return nil, ""
}

// repeatedOrder: the same payment, a new one, or a refusal that says that the order id or the
// payment's state is the reason.
func repeatedOrder(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Outcome == OutUnclear {
		return nil, "the answer says neither that the request was accepted nor that it was refused"
	}
	if x.Outcome == OutRefused {
		code, ok := s.Catalogue.ErrorCode(Code(x.Exchange))
		if ok && !code.Is(x.Intent.Classes...) {
			return s.one("PAY-3", "response/pg_error_code", "refused for another reason than the repeated order", code.Code+" ("+code.Text+")", "a code about the order id or the payment's state")
		}
	}
	return nil, ""
}

func showsRepeatedOrder(_ *Scope, x *Seen) map[string]string {
	switch x.Outcome {
	case OutRefused:
		return map[string]string{"repeated-order": "refused"}
	case OutAccepted:
		if x.Before == nil || x.Before.Response == nil {
			return nil
		}
		got, _ := x.Response.Fields.Get("pg_payment_id")
		want, _ := x.Before.Response.Fields.Get("pg_payment_id")
		if got == want {
			return map[string]string{"repeated-order": "same"}
		}
		return map[string]string{"repeated-order": "new"}
	}
	return nil
}

// byOrder: PAY-7 is disputed, but an answer to the order id alone must be about that order.
func byOrder(s *Scope, x *Seen) ([]report.Finding, string) {
	want, known := x.Known[string(catalogue.EchoPayment)]
	got, n := x.Response.Fields.Get("pg_payment_id")
	if x.Outcome == OutAccepted && known && n > 0 && got != want {
		return s.one("PAY-5", "response/pg_payment_id", "about another payment than the order's", cut(got), want)
	}
	return nil, ""
}

func showsByOrder(_ *Scope, x *Seen) map[string]string {
	switch x.Outcome {
	case OutRefused:
		return map[string]string{"status-by-order-id": "refused"}
	case OutAccepted:
		return map[string]string{"status-by-order-id": "answered"}
	}
	return nil
}

// paymentStatus: success means paid, so an unpaid payment must not have it, and a paid one must
// not look as if nothing had happened. Which other word a gateway uses is not listed anywhere
// completely, so it is not judged.
func paymentStatus(s *Scope, x *Seen) ([]report.Finding, string) {
	got, n := x.Response.Fields.Get("pg_payment_status")
	paid, known := x.Known["paid"]
	switch {
	case n == 0:
		return nil, "the answer has no pg_payment_status"
	case !known:
		return nil, "it is not known whether the payment was paid"
	case paid == "no" && got == "success":
		return s.one("PAY-9", "response/pg_payment_status", "paid before anyone paid", got, "new, or another word for not paid")
	case paid == "yes" && (got == "new" || got == "incomplete"):
		return s.one("PAY-9", "response/pg_payment_status", "not paid after pay was accepted", got, "success, or a word for being in progress")
	}
	return nil, ""
}

func invoiceCustomer(s *Scope, x *Seen) ([]report.Finding, string) {
	v, ok := ValueAt(x.Response.Fields, "invoice_methods/qr")
	if other, had := handedOutBefore(x, "invoice_methods/qr"); ok && had && other == v && v != "" {
		return s.one("INV-2", "response/invoice_methods/qr", "what another order got", cut(v), "a value of its own for each order")
	}
	if ok && v != "" {
		return nil, ""
	}
	return s.one("INV-2", "response/invoice_methods/qr", "an invoice without what pay takes", "nothing", "a value for customer")
}

func invoiceStatus(s *Scope, x *Seen) ([]report.Finding, string) {
	return listed(s, x, "INV-3", "invoice_status")
}

func invoiceTime(s *Scope, x *Seen) ([]report.Finding, string) {
	v, n := x.Response.Fields.Get("dt")
	if _, err := time.Parse("2006-01-02T15:04:05Z07:00", v); n == 1 && err == nil {
		return nil, ""
	}
	return s.one("INV-4", "response/dt", "no date-time with its offset", cut(v), "YYYY-MM-DDThh:mm:ss±hh:mm")
}
