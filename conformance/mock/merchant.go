package mock

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A Merchant is the reference callback endpoint. The last segment of the called path says what is
// called: one that begins with "check" is the check request, one with "result" the result notify,
// whatever stands before and behind: /check, /shop/result.php, /check-url. Anything else is 404.
//
// It may be used by several goroutines at once. An answer depends on the request and the orders
// alone, so a repeated result gets the answer of the first (CB-6).
type Merchant struct {
	*peer
	check, result *catalogue.Operation
	orders        map[string]wire.Order // nil: every order
	serial        atomic.Uint64

	mu   sync.Mutex
	told memory[bool] // what was accepted, by fingerprint; only a scenario looks at it
}

// NewMerchant returns a merchant. It refuses readings that the catalogue does not have and
// credentials without the secret.
func NewMerchant(c *catalogue.Catalogue, o Options) (*Merchant, error) {
	p, err := newPeer(c, o, catalogue.RoleMerchant)
	if err != nil {
		return nil, err
	}
	m := &Merchant{peer: p}
	m.check, _ = c.Operation("callback.check")
	m.result, _ = c.Operation("callback.result")
	var served []*catalogue.Operation
	for _, op := range []*catalogue.Operation{m.check, m.result} {
		if op != nil {
			served = append(served, op)
		}
	}
	if err := lacks(served, &o.Credentials); err != nil {
		return nil, err
	}
	if o.Orders != nil {
		m.orders = make(map[string]wire.Order, len(o.Orders))
		for _, order := range o.Orders {
			m.orders[order.ID] = order
		}
	}
	return m, nil
}

// ServeHTTP answers one callback.
func (m *Merchant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := m.called(sig.ScriptName(r.URL.EscapedPath()))
	if op == nil {
		m.line(r, "", "no such page", http.StatusNotFound)
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		m.line(r, op.ID, "method not allowed", http.StatusMethodNotAllowed)
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	request, err := wire.Receive(r)
	if err != nil {
		m.line(r, op.ID, "the callback did not arrive whole", http.StatusBadRequest)
		http.Error(w, "the callback did not arrive whole", http.StatusBadRequest)
		return
	}
	// A callback that is repeated has another salt and is the same to the merchant.
	order, _ := request.Fields.Get("pg_order_id")
	payment, _ := request.Fields.Get("pg_payment_id")
	result, _ := request.Fields.Get("pg_result")
	c := m.call(op, request, nil, source(m.o.Seed, op.ID, order, payment, result))
	c.Serial = m.serial.Add(1)
	m.answer(c)
	m.send(w, r, c)
}

func (m *Merchant) called(segment string) *catalogue.Operation {
	if s, err := url.PathUnescape(segment); err == nil {
		segment = s
	}
	switch {
	case strings.HasPrefix(segment, "check"):
		return m.check
	case strings.HasPrefix(segment, "result"):
		return m.result
	}
	return nil
}

func (m *Merchant) answer(c *Call) {
	status, says := m.judge(c)
	if c.Refused == nil && c.scenario.Before != nil {
		if c.scenario.Before(c); c.Refused != nil {
			status, says = "error", c.Refused.Message
		}
	}
	if c.Refused == nil {
		print := fingerprint(c.Operation, c.Request.Fields)
		m.mu.Lock()
		_, c.Again = m.told.get(string(print[:]))
		m.told.put(string(print[:]), true, 0)
		m.mu.Unlock()
	}
	c.begin()
	if c.bare {
		// CB-10, the other reading: no answer of the protocol at all.
		c.Reply.Status = http.StatusForbidden
		c.Reply.Root = ""
		c.Reply.Header.Set("Content-Type", "text/plain; charset=utf-8")
		c.Reply.Body = []byte("wrong signature\n")
	} else {
		c.Reply.Fields = sig.Message{sig.Leaf("pg_status", status)}
		if f, ok := c.Operation.Response.Field("pg_description"); ok && (c.Refused != nil || c.withOptional(f)) {
			c.Reply.Fields = append(c.Reply.Fields, sig.Leaf("pg_description", says))
		}
		// The salt is fresh in every answer, repeated callbacks included (CB-8).
		again := c.rng
		c.rng = source(m.o.Seed, "salt", string(c.Request.Body), c.Request.URL.RawQuery)
		m.keep(c)
		c.rng = again
	}
	m.finish(c)
}

// judge holds a callback against the rules, in the order: readable, signed, fields, order, amount.
// It returns pg_status and what goes with it.
func (m *Merchant) judge(c *Call) (status, says string) {
	r := c.Request
	if r.Bad != nil {
		c.Refused = &report.Finding{Clause: "CB-9", Path: "request", Message: reason(r.Bad), Want: "a request that can be read"}
		return "error", "the callback cannot be read"
	}
	want := wire.Multipart
	if m.readings[wire.TopicCallbackBody] == "urlencoded" {
		want = wire.URLEncoded
	}
	switch r.Transport {
	case want, wire.Query, wire.PGXML: // a shop chooses GET, POST or XML; CB-9 is about POST
	default:
		if c.object(report.Finding{Clause: "CB-9", Path: "request", Message: "the callback travels in a form that is not taken here", Got: string(r.Transport), Want: string(want)}, "") {
			return "error", "the callback cannot be read"
		}
	}
	if err := wire.JudgeBy(c.Operation, r, &m.o.Credentials, m.readings); err != nil {
		if c.object(report.Finding{Clause: "CB-3", Path: "request/pg_sig", Message: reason(err)}, "") {
			c.bare = m.readings[topicMerchantRefuse] == "http"
			return "error", "wrong signature"
		}
	} else if !c.Has(sig.FieldSalt) {
		if c.object(report.Finding{Clause: "SIG-14", Path: "request/pg_salt", Message: "pg_salt is missing", Got: "nothing", Want: "a field pg_salt"}, "") {
			c.bare = m.readings[topicMerchantRefuse] == "http"
			return "error", "no salt"
		}
	}
	for _, v := range schema.Check(r.Fields, judged(c.Operation)) {
		if c.object(report.Finding{Clause: string(clauseOf(v.Rule)), Path: at(v.Path), Message: "does not fit: " + string(v.Rule), Got: v.Got, Want: v.Want}, "") {
			return "error", "a field is missing or wrong"
		}
	}
	if m.orders != nil {
		order, ok := m.orders[c.Get("pg_order_id")]
		if !ok {
			if c.object(report.Finding{Clause: "CB-4", Path: "request/pg_order_id", Message: "no such order"}, "") {
				return "rejected", "no such order"
			}
		} else if short(order.Amount) != short(c.Get("pg_amount")) || order.Currency != "" && order.Currency != c.Get("pg_currency") {
			if c.object(report.Finding{Clause: "CB-5", Path: "request/pg_amount", Message: "not the amount of the order", Got: quote(c.Get("pg_amount")), Want: order.Amount}, "") {
				return "rejected", "not the amount of the order"
			}
		}
	}
	if c.Operation == m.check {
		return "ok", "the order can be paid"
	}
	if c.Get("pg_result") == "0" {
		return "ok", "the order stays unpaid" // CB-13
	}
	return "ok", "the order is paid" // CB-12
}
