package mock

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

func TestTheStatusFollowsWhatHappened(t *testing.T) {
	b := newBench(t, Options{Seed: 1})
	init := b.ok(opCardInit)
	id := init.value("pg_payment_id")
	status := func(want, partner string) {
		t.Helper()
		// pg_payment_status is optional, so it may take a few answers to see one.
		for range 20 {
			a := b.ok(opStatus, set("pg_payment_id", id))
			if got := a.value("pg_payment_status"); got != "" {
				if got != want {
					t.Errorf("pg_payment_status %q, want %q", got, want)
				}
				break
			}
		}
		if got := b.ok(opPartnerGet, set("payment_id", id)).value("paymentStatus"); got != partner {
			t.Errorf("paymentStatus %q, want %q", got, partner)
		}
	}
	status("new", "waiting")
	b.ok(opCardPay, set("pg_payment_id", id))
	status("success", "success")
	d := b.valid(opCardPay)
	set("pg_payment_id", id)(d)
	if a := b.do(d); a.code() != "10015" {
		t.Errorf("a second pay: %s", a.Response.Body)
	}
	status("success", "success")
}

func TestARefusedRequestChangesNothing(t *testing.T) {
	b := newBench(t, Options{})
	id := b.ok(opCardInit).value("pg_payment_id")
	other := sig.NewKey("another secret")
	for range 3 {
		d := b.valid(opCardPay)
		set("pg_payment_id", id)(d)
		d.Signing.Key = &other
		if b.do(d).accepted() {
			t.Fatal("a wrong signature is accepted")
		}
	}
	b.ok(opCardPay, set("pg_payment_id", id))
}

func TestAnswersTellWhatWasSent(t *testing.T) {
	b := newBench(t, Options{Plain: true})
	order := "заказ 7 & <b>"
	id := b.ok(opCreate, set("pg_order_id", order), set("pg_amount", "1234.5"), set("pg_currency", "UZS")).value("pg_payment_id")
	a := b.ok(opStatus, set("pg_payment_id", id))
	for name, want := range map[string]string{"pg_payment_id": id, "pg_order_id": order, "pg_amount": "1234.5", "pg_currency": "UZS"} {
		if got := a.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	a = b.ok(opPartnerGet, set("payment_id", id))
	for name, want := range map[string]string{"orderId": order, "amount": "1234.5", "currency": "UZS", "merchantId": merchantID} {
		if got := a.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	qr := b.ok(opInvoiceInit, set("order_id", order), set("amount", "0.10")).branch("invoice_methods", "qr")
	if link, err := base64.StdEncoding.DecodeString(qr); err != nil || !strings.HasPrefix(string(link), "https://") {
		t.Errorf("qr %q is no link in base64", qr)
	}
	a = b.ok(opInvoicePay, set("customer", qr))
	for name, want := range map[string]string{"order_id": order, "amount": "0.10", "currency": "KZT", "invoice_status": "ok"} {
		if got := a.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := time.Parse("2006-01-02T15:04:05-07:00", a.value("dt")); err != nil {
		t.Error(err)
	}
}

func TestAnIdempotencyKeyGivesTheSamePayment(t *testing.T) {
	for _, repeated := range []string{"same", "new", "refused"} {
		b := newBench(t, Options{Readings: map[string]string{"repeated-order": repeated}})
		d := b.valid(opCreate)
		set("pg_idempotency_key", "k-1")(d)
		first := b.do(d)
		again := b.do(d)
		if !again.accepted() || first.value("pg_payment_id") != again.value("pg_payment_id") {
			t.Errorf("repeated-order=%s: %s\n%s", repeated, first.Response.Body, again.Response.Body)
		}
		if first.value("pg_redirect_url") != again.value("pg_redirect_url") {
			t.Errorf("repeated-order=%s: two addresses for one payment", repeated)
		}
		other := b.valid(opCreate)
		set("pg_idempotency_key", "k-1")(other)
		a := b.do(other)
		if code, ok := b.c.ErrorCode(a.code()); a.accepted() || !ok || !code.Is(catalogue.ClassField) {
			t.Errorf("the key with other fields: %s", a.Response.Body)
		}
	}
}

func TestThePaymentIDWinsOverTheOrderID(t *testing.T) {
	b := newBench(t, Options{})
	first, second := b.valid(opCreate), b.valid(opCreate)
	id := b.do(first).value("pg_payment_id")
	b.do(second)
	theirs, _ := second.Fields.Get("pg_order_id")
	mine, _ := first.Fields.Get("pg_order_id")
	if got := b.ok(opStatus, set("pg_payment_id", id), set("pg_order_id", theirs)).value("pg_order_id"); got != mine {
		t.Errorf("the answer is about order %q, want %q", got, mine)
	}
}

func TestTheLastPaymentOfAnOrderIsTheOneThatTheOrderMeans(t *testing.T) {
	b := newBench(t, Options{Readings: map[string]string{"repeated-order": "new", "status-by-order-id": "answered"}})
	b.ok(opCreate, set("pg_order_id", "A"))
	last := b.ok(opCreate, set("pg_order_id", "A")).value("pg_payment_id")
	a := b.ok(opStatus, without("pg_payment_id"), set("pg_order_id", "A"))
	if got := a.value("pg_payment_id"); got != last {
		t.Errorf("payment %q, want %q", got, last)
	}
	d := b.valid(opStatus)
	without("pg_payment_id")(d)
	set("pg_order_id", "none")(d)
	if a := b.do(d); a.code() != "11068" {
		t.Errorf("an order that is not there: %s", a.Response.Body)
	}
}

func TestThePaymentOfAnotherMerchantIsNotFound(t *testing.T) {
	b := newBench(t, Options{Readings: map[string]string{"status-by-order-id": "answered"}})
	id := b.gateway.foreign.id
	for op, field := range map[string]string{opStatus: "pg_payment_id", opCardPay: "pg_payment_id", opPartnerGet: "payment_id", opPartnerPost: "id"} {
		d := b.valid(op)
		set(field, id)(d)
		if a := b.do(d); a.code() != "11068" || strings.Contains(string(a.Response.Body), b.gateway.foreign.order) {
			t.Errorf("%s: %s", op, a.Response.Body)
		}
	}
}

func TestIDsOfTheOptionsArePaymentsFromTheStart(t *testing.T) {
	b := newBench(t, Options{IDs: []string{"b4c5", "777"}})
	if a := b.ok(opPartnerGet, set("payment_id", "777")); a.value("paymentStatus") != "success" {
		t.Errorf("%s", a.Response.Body)
	}
	b.ok(opPartnerPost, set("id", "b4c5"))
}

func TestTheSameRequestIDGetsTheSameAnswer(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	b := newBench(t, Options{Seed: 4, Now: func() time.Time { now = now.Add(time.Minute); return now }})
	d := b.valid(opPartnerPost)
	first, again := b.do(d), b.do(d)
	if first.outcome() != again.outcome() {
		t.Errorf("%s\n%s", first.outcome(), again.outcome())
	}
	fresh := b.valid(opPartnerPost)
	if a := b.do(fresh); a.Response.Header.Get("X-Datetime") == first.Response.Header.Get("X-Datetime") {
		t.Error("another X-Request-Id got the same X-Datetime")
	}
	// A refusal is not kept: the same id may then be used rightly.
	third := b.valid(opPartnerPost)
	third.Signing.Omit = true
	if a := b.do(third); a.accepted() || a.Response.Header.Get("X-Request-Status") != "error" || a.Response.Header.Get("X-Request-Id") == "" {
		t.Errorf("unsigned: %v %s", a.Response.Header, a.Response.Body)
	}
	third.Signing.Omit = false
	if a := b.do(third); !a.accepted() {
		t.Errorf("%s", a.Response.Body)
	}
}

func TestARepeatedResultGetsTheSameAnswerButForItsSalt(t *testing.T) {
	for seed := range uint64(10) {
		b := newBench(t, Options{Seed: seed})
		d := b.valid(opResult)
		first := b.do(d)
		set(sig.FieldSalt, "another salt of the caller")(d)
		again := b.do(d)
		for _, a := range []answer{first, again} {
			if !verifies(a, sig.Scheme{}) {
				t.Fatalf("seed %d: %s does not verify", seed, a.Response.Body)
			}
		}
		for _, name := range []string{"pg_status", "pg_description"} {
			if first.value(name) != again.value(name) || first.has(name) != again.has(name) {
				t.Errorf("seed %d: %s %q, then %q", seed, name, first.value(name), again.value(name))
			}
		}
		if first.value(sig.FieldSalt) == again.value(sig.FieldSalt) {
			t.Errorf("seed %d: two answers with one salt", seed)
		}
	}
}

func TestAMerchantKnowsItsOrders(t *testing.T) {
	some := []wire.Order{{ID: "A-17", Amount: "100.00", Currency: "KZT"}}
	for _, c := range []struct {
		name, status string
		orders       []wire.Order
		edits        []func(*wire.Draft)
	}{
		{"a known order", "ok", some, nil},
		{"the amount in another form", "ok", some, []func(*wire.Draft){set("pg_amount", "100")}},
		{"another amount", "rejected", some, []func(*wire.Draft){set("pg_amount", "100.01")}},
		{"another currency", "rejected", some, []func(*wire.Draft){set("pg_currency", "USD")}},
		{"an order that is not known", "rejected", some, []func(*wire.Draft){set("pg_order_id", "A-18")}},
		{"any order", "ok", nil, []func(*wire.Draft){set("pg_order_id", "A-18"), set("pg_amount", "3")}},
		{"no order at all", "rejected", []wire.Order{}, nil},
	} {
		for _, op := range callbacks {
			b := newBench(t, Options{Orders: c.orders})
			d := b.valid(op)
			for _, edit := range c.edits {
				edit(d)
			}
			a := b.do(d)
			if got := a.value("pg_status"); got != c.status || !verifies(a, sig.Scheme{}) {
				t.Errorf("%s, %s: %s, want %s", c.name, op, a.Response.Body, c.status)
			}
		}
	}
}

func TestAMemoryForgetsTheOldest(t *testing.T) {
	var m memory[int]
	for i := range maxState + 10 {
		m.put(strconv.Itoa(i), i, 0)
	}
	if _, ok := m.get("9"); ok || len(m.entries) != maxState || len(m.order) != maxState {
		t.Errorf("%d entries", len(m.entries))
	}
	if v, ok := m.get("10"); !ok || v != 10 {
		t.Errorf("10 is %d, %v", v, ok)
	}
	m = memory[int]{}
	for i := range 100 {
		m.put(strconv.Itoa(i), i, maxStateSize/10)
	}
	if len(m.entries) > 10 || m.size > maxStateSize {
		t.Errorf("%d entries of %d bytes", len(m.entries), m.size)
	}
	m.put("99", 7, 1<<40) // already there: replaced, whatever it weighs
	if v, _ := m.get("99"); v != 7 || m.size > maxStateSize {
		t.Errorf("%d of %d bytes", v, m.size)
	}
}
