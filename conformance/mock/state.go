package mock

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
)

// A payment is one that an init made. Amount, currency and order are as they were sent.
type payment struct {
	id, merchant, operation              string
	order, amount, currency, description string
	token                                string // of the card that it is to be paid with
	paid                                 bool
	created, paidAt                      time.Time
}

// An invoice is one that invoice init made. Its qr is what pay takes as customer.
type invoice struct {
	payment
	qr string
}

// A promise is what an idempotency key stands for.
type promise struct {
	fields  [sha256.Size]byte
	payment *payment
}

// store is a gateway's memory. Its owner locks it.
type store struct {
	ids      *ids
	payments memory[*payment]
	orders   memory[*payment] // the last payment of each order
	keys     memory[promise]
	invoices memory[*invoice] // by qr
	bills    memory[*invoice] // by order
	numbers  memory[*invoice] // by id
	replies  memory[*Reply]   // of the partner's POST, by X-Request-Id
}

// fingerprint is equal for requests that say the same: fields in any order, less those that are
// fresh in each.
func fingerprint(op *catalogue.Operation, m sig.Message) [sha256.Size]byte {
	lines := []string{op.ID}
	for path, f := range m.All() {
		if f.Name == sig.FieldSalt || f.Name == sig.FieldSig {
			continue
		}
		lines = append(lines, fmt.Sprintf("%q=%q", path.String(), f.Value))
	}
	sort.Strings(lines[1:])
	return sha256.Sum256([]byte(strings.Join(lines, "\n")))
}

// own returns a value of the request as a copy: what is kept must not hold the whole body.
func (c *Call) own(name string) string { return strings.Clone(c.Get(name)) }

// newPayment makes one from the fields of an init.
func (g *Gateway) newPayment(c *Call) *payment {
	p := &payment{
		id:          fmt.Sprint(g.ids.next()),
		merchant:    g.o.Credentials.MerchantID,
		operation:   c.Operation.ID,
		order:       c.own("pg_order_id"),
		amount:      c.own("pg_amount"),
		currency:    c.own("pg_currency"),
		description: c.own("pg_description"),
		token:       c.own("pg_card_token"),
		created:     g.o.Now(),
	}
	if p.currency == "" {
		p.currency = defaultCurrency
	}
	size := len(p.order) + len(p.amount) + len(p.currency) + len(p.description) + len(p.token)
	g.payments.put(p.id, p, size)
	if p.order != "" {
		g.orders.put(p.order, p, size)
	}
	return p
}

// defaultCurrency is what an order without one is in: the only one that the pages print.
const defaultCurrency = "KZT"

// found returns a payment of the caller's. One of another merchant is not found.
func (g *Gateway) found(id string) (*payment, bool) {
	p, ok := g.payments.get(id)
	return p, ok && p.merchant == g.o.Credentials.MerchantID
}

// newInvoice makes one from the fields of invoice init. None of them is known to be required.
func (g *Gateway) newInvoice(c *Call) *invoice {
	id := fmt.Sprint(g.ids.next())
	link := url.URL{Scheme: "https", Host: "pay.example", Path: "/qr", RawQuery: "invoice=" + word(c.rng, 20) + id}
	i := &invoice{
		payment: payment{
			id:          id,
			merchant:    g.o.Credentials.MerchantID,
			operation:   c.Operation.ID,
			order:       c.own("order_id"),
			amount:      c.own("amount"),
			currency:    c.own("currency"),
			description: c.own("description"),
			created:     g.o.Now(),
		},
		qr: base64.StdEncoding.EncodeToString([]byte(link.String())),
	}
	if i.currency == "" {
		i.currency = defaultCurrency
	}
	if i.amount == "" {
		i.amount = "0"
	}
	size := len(i.order) + len(i.amount) + len(i.currency) + len(i.description) + len(i.qr)
	g.invoices.put(i.qr, i, size)
	g.numbers.put(i.id, i, size)
	if i.order != "" {
		g.bills.put(i.order, i, size)
	}
	return i
}

// snapshot keeps what a reply tells from changing while it is written.
func (c *Call) snapshot() {
	if c.payment != nil {
		p := *c.payment
		c.payment = &p
	}
	if c.invoice != nil {
		i := *c.invoice
		c.invoice = &i
	}
}
