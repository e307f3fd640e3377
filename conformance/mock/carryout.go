package mock

import (
	"encoding/json"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// carryOut does what a lawful request asks for, or refuses it for what happened before. It runs
// under the gateway's lock.
func (g *Gateway) carryOut(c *Call) {
	switch c.Operation.ID {
	case "merchant.purchase.create":
		g.create(c)
	case "merchant.card.init_cvc":
		if !g.unknownToken(c, "pg_card_token") {
			g.create(c)
		}
	case "merchant.purchase.status":
		g.status(c)
	case "merchant.card.pay":
		g.pay(c)
	case "invoice.merchant.init":
		g.bill(c)
	case "invoice.merchant.pay":
		g.payBill(c)
	case "invoice.partner.info_get":
		g.read(c, g.partnerID(c, c.Get("payment_id")))
	case "invoice.partner.info_post":
		id := c.Request.Header.Get("X-Request-Id")
		if before, ok := g.replies.get(id); ok && !c.Forget {
			c.Reply, c.replay = before, true // JWS-12
			return
		}
		g.read(c, c.Get("id"))
	}
	// Any other operation has no state here: its answer is made of the request and the catalogue.
}

func (g *Gateway) unknownToken(c *Call, field string) bool {
	if g.tokens[c.Get(field)] {
		return false
	}
	return c.object(report.Finding{Clause: "CARD-1", Path: "request/" + field, Message: "no such card token"}, codeField)
}

// create makes a payment, or finds the one that this request made before.
func (g *Gateway) create(c *Call) {
	key := c.Get("pg_idempotency_key")
	if key != "" && !c.Forget {
		if before, ok := g.keys.get(key); ok {
			if before.fields == fingerprint(c.Operation, c.Request.Fields) {
				c.payment = before.payment // PAY-4
				return
			}
			if c.object(report.Finding{Clause: "PAY-4", Path: "request/pg_idempotency_key", Message: "the key stands for another request"}, codeField) {
				return
			}
		}
	}
	if order := c.Get("pg_order_id"); order != "" && !c.Forget {
		if before, ok := g.orders.get(order); ok { // PAY-3
			switch c.readings[topicRepeatedOrder] {
			case "same":
				c.payment = before
				return
			case "refused":
				if c.object(report.Finding{Clause: "PAY-3", Path: "request/pg_order_id", Message: "the order id was used before"}, codeRepeated) {
					return
				}
			}
		}
	}
	c.payment = g.newPayment(c)
	if key != "" {
		g.keys.put(strings.Clone(key), promise{fingerprint(c.Operation, c.Request.Fields), c.payment}, 0)
	}
}

// status finds the payment that is asked about.
func (g *Gateway) status(c *Call) {
	if c.Has("pg_payment_id") { // PAY-6: then the order id is ignored
		p, ok := g.found(c.Get("pg_payment_id"))
		if !ok && c.object(report.Finding{Clause: "PAY-8", Path: "request/pg_payment_id", Message: "no such payment"}, codeNotFound) {
			return
		}
		if !ok {
			p = g.ghost(c.Get("pg_payment_id"))
		}
		c.payment = p
		return
	}
	p, ok := g.orders.get(c.Get("pg_order_id"))
	if !ok && c.object(report.Finding{Clause: "PAY-8", Path: "request/pg_order_id", Message: "no such order"}, codeNotFound) {
		return
	}
	if !ok {
		p = g.ghost("1")
		p.order = c.Get("pg_order_id")
	}
	c.payment = p
}

// ghost is a payment that is not there, for a scenario that answers about it all the same. It is
// not kept.
func (g *Gateway) ghost(id string) *payment {
	return &payment{id: id, merchant: g.o.Credentials.MerchantID, order: "0", amount: "1", currency: defaultCurrency, description: "Ticket", created: g.o.Now()}
}

// pay takes the money for a payment that card init made, once.
func (g *Gateway) pay(c *Call) {
	id := c.Get("pg_payment_id")
	p, ok := g.found(id)
	if ok && p.operation != "merchant.card.init_cvc" {
		ok = false // CARD-2: a payment of the buyer's page is none of card init
	}
	if !ok {
		if c.object(report.Finding{Clause: "CARD-2", Path: "request/pg_payment_id", Message: "card init handed out no such payment"}, codeNotFound) {
			return
		}
		p = g.ghost(id)
	}
	if p.paid && c.object(report.Finding{Clause: "CARD-3", Path: "request/pg_payment_id", Message: "the payment is paid already"}, codeDone) {
		return
	}
	p.paid, p.paidAt = true, g.o.Now()
	c.payment = p
}

// bill makes an invoice.
func (g *Gateway) bill(c *Call) {
	if order := c.Get("order_id"); order != "" {
		if before, ok := g.bills.get(order); ok { // PAY-3, which the invoice pages leave open as well
			switch c.readings[topicRepeatedOrder] {
			case "same":
				c.invoice = before
				return
			case "refused":
				if c.object(report.Finding{Clause: "PAY-3", Path: "request/order_id", Message: "the order id was used before"}, codeRepeated) {
					return
				}
			}
		}
	}
	c.invoice = g.newInvoice(c)
}

// payBill takes the money for an invoice, once.
func (g *Gateway) payBill(c *Call) {
	if g.unknownToken(c, "card_token") {
		return
	}
	i, ok := g.invoices.get(c.Get("customer"))
	if !ok {
		if c.object(report.Finding{Clause: "INV-6", Path: "request/customer", Message: "invoice init handed out no such customer"}, codeNotFound) {
			return
		}
		i = &invoice{payment: *g.ghost("1")}
	}
	if i.paid && c.object(report.Finding{Clause: "INV-5", Path: "request/customer", Message: "the invoice is paid already"}, codeDone) {
		return
	}
	i.paid, i.paidAt, i.token = true, g.o.Now(), c.own("card_token")
	c.invoice = i
}

// partnerID is the id in the query: bare, or wrapped as the page's example has it (PRT-11).
func (g *Gateway) partnerID(c *Call, value string) string {
	if c.readings[wire.TopicPartnerGetID] != "object" {
		return value
	}
	var object struct {
		ID json.Number `json:"payment_id"`
	}
	if strings.HasPrefix(strings.TrimSpace(value), "{") && json.Unmarshal([]byte(value), &object) == nil {
		return object.ID.String()
	}
	return ""
}

// read finds what a partner asks about: a payment of this run or of the options, or an invoice.
func (g *Gateway) read(c *Call, id string) {
	if p, ok := g.found(id); ok {
		c.payment = p
		return
	}
	if i, ok := g.numbers.get(id); ok {
		c.payment = &i.payment
		return
	}
	field := "id"
	if _, ok := c.Operation.Request.Field("payment_id"); ok {
		field = "payment_id"
	}
	if c.object(report.Finding{Clause: "PRT-3", Path: "request/" + field, Message: "no such payment"}, codeNotFound) {
		return
	}
	c.payment = g.ghost(id)
}

// remember keeps the answer of the partner's POST, so that the same X-Request-Id gets it again.
// What was refused is not kept: it was not carried out.
func (g *Gateway) remember(c *Call) {
	if c.Refused != nil || c.Operation.Auth != catalogue.AuthJWSPartner {
		return
	}
	if id := c.Request.Header.Get("X-Request-Id"); id != "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.replies.put(strings.Clone(id), c.Reply, len(c.Reply.Body))
	}
}
