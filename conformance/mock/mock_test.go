package mock

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

const (
	secret     = "a secret of the tests"
	jwsSecret  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	merchantID = "500001"
	token      = "0b1c64ab-ae3f-4c3d-8a7b-1d2f3e4a5b6c"
)

var key = sig.NewKey(secret)

func credentials() wire.Credentials {
	return wire.Credentials{
		MerchantID: merchantID, SigKeys: map[string]sig.Key{"": key},
		JWSID: "123456", JWSKey: jws.NewKey([]byte(jwsSecret)),
	}
}

func load(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A bench is a gateway, a merchant, and someone who calls both as the catalogue says.
type bench struct {
	testing.TB
	c        *catalogue.Catalogue
	gateway  *Gateway
	merchant *Merchant
	client   *wire.Client
	orders   atomic.Int64
}

func newBench(t testing.TB, o Options) *bench {
	t.Helper()
	b := &bench{TB: t, c: load(t)}
	if o.Credentials.MerchantID == "" {
		o.Credentials = credentials()
	}
	if o.Tokens == nil {
		o.Tokens = []string{token}
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }
	}
	var err error
	if b.gateway, err = NewGateway(b.c, o); err != nil {
		t.Fatal(err)
	}
	if b.merchant, err = NewMerchant(b.c, o); err != nil {
		t.Fatal(err)
	}
	both := http.NewServeMux()
	both.Handle("/shop/", b.merchant)
	both.Handle("/", b.gateway)
	base := &url.URL{Scheme: "http", Host: "gateway.test"}
	callback := func(path string) *url.URL { return &url.URL{Scheme: "http", Host: "shop.test", Path: path} }
	b.client = &wire.Client{Target: &wire.Target{
		Handler: both, Base: base, Credentials: o.Credentials, Readings: o.Readings,
		Callbacks: map[string]*url.URL{"callback.check": callback("/shop/check"), "callback.result": callback("/shop/result.php")},
	}, Salt: func() string { return "SaltOfTheCaller" }}
	return b
}

func (b *bench) op(id string) *catalogue.Operation {
	b.Helper()
	op, ok := b.c.Operation(id)
	if !ok {
		b.Fatalf("no operation %s", id)
	}
	return op
}

func (b *bench) order() string { return fmt.Sprintf("A-%04d", b.orders.Add(1)) }

// valid returns a request that is lawful, made anew each time.
func (b *bench) valid(id string) *wire.Draft {
	b.Helper()
	d := &wire.Draft{ID: id, Operation: b.op(id), Header: http.Header{}}
	leaf := sig.Leaf
	switch id {
	case "merchant.purchase.create":
		d.Fields = sig.Message{leaf("pg_merchant_id", merchantID), leaf("pg_order_id", b.order()), leaf("pg_amount", "20.00"),
			leaf("pg_currency", "KZT"), leaf("pg_description", "Билет & co")}
	case "merchant.purchase.status":
		d.Fields = sig.Message{leaf("pg_merchant_id", merchantID), leaf("pg_payment_id", b.do(b.valid("merchant.purchase.create")).value("pg_payment_id"))}
	case "merchant.card.init_cvc":
		d.Fields = sig.Message{leaf("pg_merchant_id", merchantID), leaf("pg_order_id", b.order()), leaf("pg_amount", "7.50"),
			leaf("pg_description", "Ticket"), leaf("pg_user_id", "user-1"), leaf("pg_card_token", token)}
	case "merchant.card.pay":
		d.Fields = sig.Message{leaf("pg_merchant_id", merchantID), leaf("pg_payment_id", b.do(b.valid("merchant.card.init_cvc")).value("pg_payment_id"))}
	case "invoice.merchant.init":
		d.Fields = sig.Message{leaf("order_id", b.order()), leaf("merchant_id", merchantID), leaf("amount", "10.00"), leaf("description", "Ticket"),
			leaf("invoice_method", "qr"), leaf("currency", "KZT")}
	case "invoice.merchant.pay":
		qr := b.do(b.valid("invoice.merchant.init")).branch("invoice_methods", "qr")
		d.Fields = sig.Message{leaf("customer", qr), leaf("user_id", "user-1"), leaf("card_token", token)}
	case "invoice.partner.info_get":
		d.Fields = sig.Message{leaf("payment_id", b.do(b.valid("merchant.purchase.create")).value("pg_payment_id"))}
	case "invoice.partner.info_post":
		d.Fields = sig.Message{leaf("id", b.do(b.valid("merchant.purchase.create")).value("pg_payment_id"))}
		d.Header.Set("X-Request-Id", fmt.Sprintf("01978cb8-60f4-7b04-8b8d-%012d", b.orders.Add(1)))
	case "callback.check":
		d.Fields = sig.Message{leaf("pg_order_id", "A-17"), leaf("pg_payment_id", "7001"), leaf("pg_amount", "100"), leaf("pg_currency", "KZT"),
			leaf("pg_ps_amount", "100"), leaf("pg_ps_currency", "KZT"), leaf("pg_ps_full_amount", "102.5"), leaf("pg_salt", "unlike any other salt")}
	case "callback.result":
		d.Fields = sig.Message{leaf("pg_order_id", "A-17"), leaf("pg_payment_id", "7001"), leaf("pg_amount", "100.0"), leaf("pg_currency", "KZT"),
			leaf("pg_result", "1"), leaf("pg_payment_date", "2026-11-21 10:00:00"), leaf("pg_salt", "unlike any other salt")}
	default:
		b.Fatalf("no valid request is known for %s", id)
	}
	return d
}

// all are the operations that the mocks serve.
func (b *bench) all() []string {
	var ids []string
	for _, op := range b.c.Operations {
		if op.Sendable() {
			ids = append(ids, op.ID)
		}
	}
	if len(ids) < 10 {
		b.Fatalf("only %d operations can be sent", len(ids))
	}
	return ids
}

// An answer is what came back.
type answer struct {
	*wire.Exchange
	b *bench
}

func (b *bench) do(d *wire.Draft) answer {
	b.Helper()
	x := b.client.Do(context.Background(), d)
	if x.Err != nil {
		b.Fatalf("%s: %v", d.ID, x.Err)
	}
	return answer{x, b}
}

// ok sends a valid request and demands that it is accepted.
func (b *bench) ok(id string, edits ...func(*wire.Draft)) answer {
	b.Helper()
	d := b.valid(id)
	for _, edit := range edits {
		edit(d)
	}
	a := b.do(d)
	if !a.accepted() {
		b.Fatalf("%s was refused: HTTP %d %s", id, a.Response.Status, a.Response.Body)
	}
	return a
}

func (a answer) accepted() bool {
	r := a.Response
	if r.Bad != nil || r.Status != http.StatusOK {
		return false
	}
	for _, name := range []string{"pg_status", "status"} {
		if v, n := r.Fields.Get(name); n > 0 {
			return v == "ok"
		}
	}
	if a.Operation.ID == "invoice.partner.info_post" {
		return r.Header.Get("X-Request-Status") == "success"
	}
	_, n := r.Fields.Get("paymentStatus")
	return n == 1
}

func (a answer) value(name string) string {
	v, _ := a.Response.Fields.Get(name)
	return v
}

func (a answer) has(name string) bool {
	for _, f := range a.Response.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

func (a answer) branch(path ...string) string {
	fields := []sig.Field(a.Response.Fields)
	for i, name := range path {
		for _, f := range fields {
			if f.Name == name {
				if i == len(path)-1 {
					return f.Value
				}
				fields = f.Children
				break
			}
		}
	}
	return ""
}

// code is the error code, whatever the family calls it.
func (a answer) code() string {
	if v := a.value("pg_error_code"); v != "" {
		return v
	}
	return a.value("error_code")
}

func set(name, value string) func(*wire.Draft) {
	return func(d *wire.Draft) {
		for i := range d.Fields {
			if d.Fields[i].Name == name {
				d.Fields[i].Value = value
				return
			}
		}
		d.Fields = append(d.Fields, sig.Leaf(name, value))
	}
}

func without(name string) func(*wire.Draft) {
	return func(d *wire.Draft) { d.Fields = d.Fields.Without(name) }
}

func TestEveryOperationIsServedEndToEnd(t *testing.T) {
	for _, plain := range []bool{true, false} {
		b := newBench(t, Options{Plain: plain, Seed: 3})
		for _, id := range b.all() {
			a := b.ok(id)
			if a.Operation.Auth == catalogue.AuthSig {
				script := sig.ScriptName(a.Request.URL.Path)
				if err := sig.Verify(script, a.Response.Fields, key); err != nil {
					t.Errorf("%s: the answer does not verify: %v\n%s", id, err, a.Response.Body)
				}
			}
			for _, f := range a.Operation.Response.Fields {
				if f.Required == catalogue.Yes && !a.has(f.Name) {
					t.Errorf("%s: the answer lacks %s:\n%s", id, f.Name, a.Response.Body)
				}
				if f.Example != "" && f.Type == catalogue.TypeInteger && a.value(f.Name) == f.Example && f.Echo != "" {
					t.Errorf("%s: %s repeats the page's example", id, f.Name)
				}
			}
			if strings.Contains(string(a.Response.Body), secret) {
				t.Errorf("%s: the answer holds the secret", id)
			}
		}
		if found := append(b.gateway.Findings(), b.merchant.Findings()...); len(found) > 0 {
			t.Errorf("right requests brought findings: %+v", found)
		}
	}
}
