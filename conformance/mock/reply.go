package mock

import (
	"encoding/base64"
	"hash/fnv"
	"net/http"
	"net/url"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/sig"
)

// begin starts a reply of the form that the page promises.
func (c *Call) begin() {
	c.Reply = &Reply{Status: http.StatusOK, Header: http.Header{}, Root: c.Operation.Response.Root, Literal: map[string]bool{}}
}

// headers are those of the partner's POST, whose answer is known by them alone.
func (g *Gateway) headers(c *Call, status string) {
	op := c.Operation
	if _, ok := op.Response.Header("X-Request-Id"); ok {
		if id := c.Request.Header.Get("X-Request-Id"); uuid.MatchString(id) {
			c.Reply.Header.Set("X-Request-Id", id) // PRT-7
		}
	}
	if _, ok := op.Response.Header("X-Datetime"); ok {
		c.Reply.Header.Set("X-Datetime", g.o.Now().UTC().Format(time.RFC3339)) // PRT-8
	}
	if _, ok := op.Response.Header("X-Request-Status"); ok {
		c.Reply.Header.Set("X-Request-Status", status) // PRT-9
	}
}

// keep adds the places of pg_salt and pg_sig.
func (p *peer) keep(c *Call) {
	if c.Signing.Sign {
		salt := c.salt(c.readings[topicSaltForm])
		if c.readings[topicAnswerSalt] == "repeated" && c.Operation.Role() == catalogue.RoleMerchant && c.Has(sig.FieldSalt) {
			salt = c.Get(sig.FieldSalt) // CB-8
		}
		c.Reply.Fields = append(c.Reply.Fields, sig.Leaf(sig.FieldSalt, salt), sig.Leaf(sig.FieldSig, ""))
	}
}

// refusal is the reply to what was refused.
func (g *Gateway) refusal(c *Call) {
	c.begin()
	g.headers(c, "error")
	if c.readings[topicRefusals] != "signed" {
		c.Signing.Sign = false // SIG-9
	}
	c.Reply.Status = g.refusalStatus(c)
	says := "refused"
	if e, ok := g.catalogue.ErrorCode(c.Code); ok {
		says = e.Text
	}
	switch {
	case c.Reply.Root == "": // the partner's
		c.Reply.Fields = sig.Message{sig.Leaf("error", c.Refused.Message), sig.Leaf("error_code", c.Code), sig.Leaf("error_description", says)}
		c.Reply.Literal["error_code"] = true
	case c.Operation.Auth == catalogue.AuthSig:
		c.Reply.Fields = sig.Message{sig.Leaf("pg_status", "error"), sig.Leaf("pg_error_code", c.Code), sig.Leaf("pg_error_description", says)}
	default:
		c.Reply.Fields = sig.Message{sig.Leaf("status", "error"), sig.Leaf("error_code", c.Code), sig.Leaf("error_description", says),
			sig.Leaf("dt", g.now(c))}
	}
	g.keep(c)
}

// refusalStatus is the HTTP status of a refusal: 200 as every documented answer, 401 where the
// reading has that for a signature, 422 where it has that for a field (MSG-8).
func (g *Gateway) refusalStatus(c *Call) int {
	class := catalogue.Class("")
	family := catalogue.ClauseID(c.Refused.Clause).Family()
	switch {
	case family == "JWS", c.Refused.Clause == "SIG-12", c.Refused.Clause == "SIG-13", c.Refused.Clause == "SIG-14":
		class = catalogue.ClassSignature
	case c.Code == codeField:
		class = catalogue.ClassField
	}
	switch c.readings[topicRefusalStatus] {
	case "401":
		if class == catalogue.ClassSignature {
			return http.StatusUnauthorized
		}
	case "422":
		if class == catalogue.ClassField {
			return http.StatusUnprocessableEntity
		}
	}
	return http.StatusOK
}

// acceptance is the reply to what was carried out: the fields of the catalogue, with values from
// state and request.
func (g *Gateway) acceptance(c *Call, host string) {
	c.begin()
	g.headers(c, "success")
	if c.Operation.Response.FieldsUnknown {
		// PRT-10: an object, of which no page shows a field.
		c.Reply.Fields = sig.Message{sig.Leaf("id", c.own("id"))}
		return
	}
	for _, f := range c.Operation.Response.Fields {
		if !f.Literal() || f.Name == sig.FieldSalt || f.Name == sig.FieldSig {
			continue
		}
		value, ok := g.value(c, f, host)
		switch {
		case ok && f.Required == catalogue.No && !c.always(f) && !c.withOptional(f):
			continue
		case !ok && f.Required != catalogue.Yes:
			continue
		case !ok:
			value = sig.Leaf(f.Name, schema.Lawful(f, word(c.rng, 8)))
		}
		value.Name = f.Name
		c.Reply.Fields = append(c.Reply.Fields, value)
	}
	g.keep(c)
}

// always names optional fields that show a reading, and so are not left to the seed.
func (c *Call) always(f *catalogue.Field) bool {
	return (f.Name == "fee" || f.Name == "discount") && c.readings[topicPartnerZero] == "zero"
}

// value is what a field of an accepted answer holds; false for one of which the mock knows nothing.
func (g *Gateway) value(c *Call, f *catalogue.Field, host string) (sig.Field, bool) {
	leaf := func(v string) (sig.Field, bool) { return sig.Leaf(f.Name, v), true }
	number := func(v string) (sig.Field, bool) {
		c.Reply.Literal[f.Name] = true
		return leaf(v)
	}
	none := sig.Field{}
	p := c.payment
	if c.invoice != nil {
		p = &c.invoice.payment
	}
	switch f.Name {
	case "pg_status", "status":
		return leaf("ok")
	case "pg_merchant_id":
		return leaf(g.o.Credentials.MerchantID)
	case "dt":
		return leaf(g.now(c))
	}
	if p == nil {
		// An operation without state: what was sent under the same name comes back.
		if c.Has(f.Name) {
			return leaf(c.Get(f.Name))
		}
		return none, false
	}
	switch f.Echo {
	case catalogue.EchoPayment:
		return leaf(p.id)
	case catalogue.EchoOrder:
		if p.order == "" && f.Required != catalogue.Yes {
			return none, false
		}
		return leaf(p.order)
	case catalogue.EchoMerchant:
		if c.readings[topicPartnerID] == "number" && c.Reply.Root == "" {
			return number(p.merchant) // PRT-4
		}
		return leaf(p.merchant)
	case catalogue.EchoAmount:
		if c.Reply.Root == "" {
			return number(jsonNumber(c.amount(p.amount)))
		}
		return leaf(c.amount(p.amount))
	case catalogue.EchoCurrency:
		return leaf(p.currency)
	}
	switch f.Name {
	case "pg_payment_id", "invoice_id":
		return leaf(p.id)
	case "pg_redirect_url":
		return leaf(g.page(host, p))
	case "pg_redirect_url_type":
		return leaf("need data")
	case "pg_redirect_qr":
		if c.Get("pg_generate_qr") == "1" || c.Get("pg_generate_qr") == "true" {
			return leaf(g.page(host, p) + "&qr=1")
		}
	case "pg_payment_status": // PAY-9
		if p.paid {
			return leaf("success")
		}
		return leaf("new")
	case "pg_can_reject":
		return leaf("0")
	case "pg_captured":
		if p.paid {
			return leaf("1")
		}
		return leaf("0")
	case "pg_create_date":
		return leaf(p.created.UTC().Format(time.DateTime))
	case "pg_payment_method":
		return leaf("bankcard")
	case "pg_payment_date":
		if p.paid {
			return leaf(p.paidAt.UTC().Format(time.DateTime))
		}
	case "pg_clearing_amount":
		if p.paid {
			return leaf(c.amount(p.amount))
		}
	case "pg_reference":
		if p.paid {
			return leaf(p.id)
		}
	case "pg_card_pan", "card_pan":
		if p.paid && p.token != "" {
			return leaf(maskedPAN(p.token))
		}
	case "invoice_status": // INV-3
		if p.paid {
			return leaf("ok")
		}
		return leaf("new")
	case "invoice_methods": // INV-2
		return sig.Branch(f.Name, sig.Leaf("qr", c.invoice.qr)), true
	case "paymentStatus": // PRT-2
		if p.paid {
			return leaf("success")
		}
		return leaf("waiting")
	case "fee", "discount": // PRT-6
		if c.readings[topicPartnerZero] == "zero" {
			return number("0")
		}
	case "freedomId":
		return leaf("FID" + p.id)
	case "merchantName":
		return leaf("Merchant of the mock")
	case "description":
		if p.description == "" {
			return leaf("Ticket")
		}
		return leaf(p.description)
	case "lifetime": // PRT-5
		if c.readings[topicPartnerLife] == "seconds" {
			return number("86400")
		}
		return leaf(p.created.Add(24 * time.Hour).UTC().Format(time.RFC3339))
	case "facilitatorIBAN":
		return leaf("KZ86125KZT5004100100")
	case "mcc":
		return leaf("5411")
	}
	return none, false
}

// page is where the buyer would be sent (PAY-2). The mock has no such page.
func (g *Gateway) page(host string, p *payment) string {
	if _, err := url.Parse("http://" + host); err != nil || host == "" || !text(host) {
		host = "pay.example"
	}
	u := url.URL{Scheme: "http", Host: host, Path: "/pay.html", RawQuery: "customer=" + base64.RawURLEncoding.EncodeToString([]byte(p.id))}
	return u.String()
}

// now is a date and time with its offset, as INV-4 wants it.
func (g *Gateway) now(c *Call) string {
	return g.o.Now().In(almaty).Format("2006-01-02T15:04:05-07:00")
}

// almaty is a fixed zone, so that no answer depends on the machine.
var almaty = time.FixedZone("+05", 5*60*60)

// maskedPAN is a card number as answers show it, made up from a token.
func maskedPAN(token string) string {
	h := fnv.New32a()
	h.Write([]byte(token)) // a hash takes everything
	last := "0000" + itoa(int(h.Sum32()%10000))
	return "5169-49XX-XXXX-" + last[len(last)-4:]
}

// jsonNumber is decimal text as JSON takes it, without zeros in front.
func jsonNumber(amount string) string {
	for len(amount) > 1 && amount[0] == '0' && amount[1] != '.' {
		amount = amount[1:]
	}
	return amount
}
