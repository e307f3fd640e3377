package mock

import (
	"math/rand/v2"
	"net/http"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A Call is one request in the mock's hands, and its reply. A scenario's hooks may change what
// they find in it; it belongs to one request alone.
type Call struct {
	Operation *catalogue.Operation
	Request   *wire.Request
	Path      map[string]string // the parameters of the path
	Serial    uint64            // counts the requests of this mock, from 1

	// Refused is why the mock will refuse the request, or nil. Its Clause names the rule.
	Refused *report.Finding
	// Code is the error code of that refusal.
	Code string

	// Reply is nil before the request was judged and carried out.
	Reply   *Reply
	Signing Signing

	// Again tells, at a merchant, that the same callback was accepted before: the same fields, but
	// for salt and signature.
	Again bool

	// Forget keeps the mock from recognising a request that it saw before, by its idempotency key
	// or its X-Request-Id.
	Forget bool

	scenario *Scenario
	readings map[string]string
	rng      *rand.Rand
	seen     *variations
	plain    bool
	payment  *payment // that the request is about
	invoice  *invoice
	replay   bool // Reply is one that was given before
	bare     bool // Reply is no document: nothing is added to it, nothing signed
}

// A Reply is an answer before it is bytes.
type Reply struct {
	Status int
	Header http.Header
	Root   string // of an XML document; empty for JSON
	Fields sig.Message
	// Literal names the top-level fields of a JSON reply whose values stand without quotes.
	Literal map[string]bool
	// Space is what stands before each element of XML, or each member of JSON, once for every
	// level: "" writes all in one line.
	Space string
	// Body is what goes out. Nil means that it is made of the fields.
	Body []byte
}

// Signing is how a reply is signed.
type Signing struct {
	Sign   bool // false: neither pg_salt nor pg_sig
	Script string
	Scheme sig.Scheme
	Key    sig.Key
	// Over returns what is signed in place of the reply's fields; nil means these fields.
	Over func(sig.Message) sig.Message
}

// Get returns a top-level value of the request, or "".
func (c *Call) Get(name string) string {
	v, _ := c.Request.Fields.Get(name)
	return v
}

// Has tells whether the request has a top-level value of this name, be it empty.
func (c *Call) Has(name string) bool {
	_, n := c.Request.Fields.Get(name)
	return n > 0
}

// Refuse makes the mock refuse the request, unless it does so already.
func (c *Call) Refuse(clause catalogue.ClauseID, code, message string) {
	if c.Refused == nil {
		c.Refused = &report.Finding{Clause: string(clause), Path: "request", Message: message}
		c.Code = code
	}
}

// object refuses the request for a reason, unless the scenario waives it. It tells whether the
// request is now refused.
func (c *Call) object(f report.Finding, code string) bool {
	if c.scenario.Waives != nil && c.scenario.Waives(c, &f) {
		return false
	}
	c.Refused, c.Code = &f, code
	return true
}

// Set replaces the value of the reply's top-level field called name, or adds the field.
func (c *Call) Set(name, value string) {
	for i := range c.Reply.Fields {
		if c.Reply.Fields[i].Name == name {
			c.Reply.Fields[i] = sig.Leaf(name, value)
			return
		}
	}
	c.Add(sig.Leaf(name, value))
}

// Add puts fields before pg_salt and pg_sig, where there are any.
func (c *Call) Add(fields ...sig.Field) {
	at := len(c.Reply.Fields)
	for i, f := range c.Reply.Fields {
		if f.Name == sig.FieldSalt || f.Name == sig.FieldSig {
			at = i
			break
		}
	}
	out := make(sig.Message, 0, len(c.Reply.Fields)+len(fields))
	out = append(out, c.Reply.Fields[:at]...)
	out = append(out, fields...)
	c.Reply.Fields = append(out, c.Reply.Fields[at:]...)
}

// Drop takes the reply's top-level fields called name away.
func (c *Call) Drop(name string) { c.Reply.Fields = c.Reply.Fields.Without(name) }

// sign puts pg_sig where its place was kept.
func (c *Call) sign() {
	if !c.Signing.Sign {
		return
	}
	m := c.Reply.Fields
	over := m
	if c.Signing.Over != nil {
		over = c.Signing.Over(m.Without(sig.FieldSig))
	}
	sum := c.Signing.Scheme.Sum(c.Signing.Script, over, c.Signing.Key).String()
	for i := range m {
		if m[i].Name == sig.FieldSig && m[i].Children == nil {
			m[i].Value = sum
			return
		}
	}
	c.Reply.Fields = append(m, sig.Leaf(sig.FieldSig, sum))
}
