package mock

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A Gateway answers the operations of the catalogue that merchants and partners call. It may be
// used by several goroutines at once.
type Gateway struct {
	*peer
	routes []route
	tokens map[string]bool
	serial atomic.Uint64

	mu sync.Mutex
	store
	foreign *payment // one of another merchant, which the caller must not see
}

// A route is a path with the operations that are called there.
type route struct {
	segments []string // {name} stands for any one segment
	ops      []*catalogue.Operation
}

// NewGateway returns a gateway. It refuses readings and credentials that do not fit the catalogue.
func NewGateway(c *catalogue.Catalogue, o Options) (*Gateway, error) {
	p, err := newPeer(c, o, catalogue.RoleGateway)
	if err != nil {
		return nil, err
	}
	g := &Gateway{peer: p, tokens: map[string]bool{}}
	for _, t := range o.Tokens {
		g.tokens[t] = true
	}
	var served []*catalogue.Operation
	for _, op := range c.Operations {
		if op.Role() == catalogue.RoleGateway && op.Sendable() {
			g.route(op)
			served = append(served, op)
		}
	}
	if err := lacks(served, &o.Credentials); err != nil {
		return nil, err
	}
	g.ids = newIDs(o.Seed, "gateway", o.Plain, &p.variations)
	for _, id := range o.IDs {
		now := p.o.Now()
		seeded := &payment{id: id, merchant: o.Credentials.MerchantID, order: "order-" + id, amount: "100.00",
			currency: defaultCurrency, description: "Ticket", paid: true, created: now, paidAt: now}
		g.payments.put(id, seeded, 0)
	}
	g.foreign = &payment{id: fmt.Sprint(g.ids.next()), merchant: "another", order: "theirs", amount: "1", currency: defaultCurrency, created: p.o.Now()}
	g.payments.put(g.foreign.id, g.foreign, 0)
	return g, nil
}

// route adds an operation under its path, as the reading of the address has it.
func (g *Gateway) route(op *catalogue.Operation) {
	path := op.Path
	if g.readings[wire.TopicAddress] == "bare" {
		path = strings.TrimSuffix(path, ".php") // TRN-5
	}
	segments := strings.Split(path, "/")
	for i := range g.routes {
		if slices.Equal(g.routes[i].segments, segments) {
			g.routes[i].ops = append(g.routes[i].ops, op)
			// An operation that tells itself from others is asked before one that does not.
			slices.SortStableFunc(g.routes[i].ops, func(a, b *catalogue.Operation) int { return len(b.Match) - len(a.Match) })
			return
		}
	}
	g.routes = append(g.routes, route{segments, []*catalogue.Operation{op}})
}

// at returns the operations of a path and the values of its parameters.
func (g *Gateway) at(path string) ([]*catalogue.Operation, map[string]string) {
	segments := strings.Split(path, "/")
next:
	for _, r := range g.routes {
		if len(r.segments) != len(segments) {
			continue
		}
		var params map[string]string
		for i, want := range r.segments {
			name, ok := strings.CutPrefix(want, "{")
			if !ok {
				if want != segments[i] {
					continue next
				}
				continue
			}
			if params == nil {
				params = map[string]string{}
			}
			value, err := url.PathUnescape(segments[i])
			if err != nil {
				continue next
			}
			params[strings.TrimSuffix(name, "}")] = value
		}
		return r.ops, params
	}
	return nil, nil
}

// ServeHTTP answers one request: 404 where no operation is, 405 for a method that is not its own,
// and whatever the operation answers.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ops, params := g.at(r.URL.EscapedPath())
	if len(ops) == 0 {
		g.line(r, "", "no such operation", http.StatusNotFound)
		http.Error(w, "no such operation", http.StatusNotFound)
		return
	}
	methods := g.methods(ops)
	if !slices.Contains(methods, r.Method) {
		g.line(r, ops[0].ID, "method not allowed", http.StatusMethodNotAllowed)
		w.Header().Set("Allow", strings.Join(methods, ", "))
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	request, err := wire.Receive(r)
	if err != nil {
		g.line(r, ops[0].ID, "the request did not arrive whole", http.StatusBadRequest)
		http.Error(w, "the request did not arrive whole", http.StatusBadRequest)
		return
	}
	op := which(ops, request)
	c := g.call(op, request, params, source(g.o.Seed, op.ID, substance(request)))
	c.Serial = g.serial.Add(1)
	g.answer(c, r.Host)
	g.send(w, r, c)
}

// methods are those of the operations, and GET where a query is taken too (TRN-2).
func (g *Gateway) methods(ops []*catalogue.Operation) []string {
	var all []string
	for _, op := range ops {
		if !slices.Contains(all, op.Method) {
			all = append(all, op.Method)
		}
		if slices.Contains(g.transports(op), wire.Query) && !slices.Contains(all, http.MethodGet) {
			all = append(all, http.MethodGet)
		}
	}
	return all
}

// which picks the operation that a request means where several share path and method.
func which(ops []*catalogue.Operation, r *wire.Request) *catalogue.Operation {
	for _, op := range ops {
		fits := true
		for _, m := range op.Match {
			var got string
			var n int
			if m.In == "header" {
				got, n = r.Header.Get(m.Name), len(r.Header.Values(m.Name))
			} else {
				got, n = r.Fields.Get(m.Name)
			}
			if n == 0 || m.Value != "" && got != m.Value {
				fits = false
			}
		}
		if fits {
			return op
		}
	}
	return ops[len(ops)-1]
}

// call begins a Call.
func (p *peer) call(op *catalogue.Operation, r *wire.Request, path map[string]string, rng *rand.Rand) *Call {
	scenario, readings := p.faulty(op), p.readings
	if len(scenario.Readings) > 0 {
		readings = maps.Clone(readings)
		maps.Copy(readings, scenario.Readings)
	}
	return &Call{
		Operation: op, Request: r, Path: path,
		Signing: Signing{
			Sign:   op.Auth == catalogue.AuthSig,
			Script: r.Script,
			Scheme: p.scheme,
			Key:    p.o.Credentials.SigKeys[op.Key],
		},
		scenario: scenario, readings: readings, rng: rng, seen: &p.variations, plain: p.o.Plain,
	}
}

// answer judges, carries out and replies.
func (g *Gateway) answer(c *Call, host string) {
	g.judge(c)
	if c.Refused == nil && c.scenario.Before != nil {
		c.scenario.Before(c)
	}
	if c.Refused == nil {
		g.mu.Lock()
		g.carryOut(c)
		c.snapshot()
		g.mu.Unlock()
	}
	if c.replay {
		return
	}
	if c.Refused != nil {
		g.refusal(c)
	} else {
		g.acceptance(c, host)
	}
	g.finish(c)
	g.remember(c)
}

// finish is what every reply goes through: variety, the scenario's hooks, the signature.
func (p *peer) finish(c *Call) {
	if !c.bare {
		if c.Signing.Sign {
			p.shows(c)
		}
		c.vary()
	}
	if c.Reply.Header.Get("Content-Type") == "" {
		c.Reply.Header.Set("Content-Type", c.contentType())
	}
	if !c.bare {
		if c.scenario.Edit != nil {
			c.scenario.Edit(c)
		}
		c.sign()
	}
	if c.scenario.After != nil {
		c.scenario.After(c)
	}
	c.Reply.Body = c.Reply.Bytes()
}

// shows adds to a signed answer what tells the readings of the signature apart.
func (p *peer) shows(c *Call) {
	if c.Refused != nil && c.Operation.Role() == catalogue.RoleGateway {
		return
	}
	if p.readings[wire.TopicOrder] != "reference" {
		// SIG-17: the position of shop_ref1 is part of its sort name in two of the three orders, and
		// a nested pg_sig is signed by one of them.
		c.Add(sig.Leaf("shop_ref1", "one"), sig.Leaf("shop_ref10", "ten"),
			sig.Branch("shop_meta", sig.Leaf("node", "seven"), sig.Leaf(sig.FieldSig, "nested")))
	}
	if p.readings[wire.TopicEmpty] == "dropped" {
		c.Add(sig.Leaf("shop_comment", "")) // SIG-16
	}
}

// send writes the reply and keeps a record of it.
func (p *peer) send(w http.ResponseWriter, r *http.Request, c *Call) {
	reply := c.Reply
	header := w.Header()
	maps.Copy(header, reply.Header)
	w.WriteHeader(reply.Status)
	w.Write(reply.Body) // a caller who is gone is no business of ours
	x := &wire.Exchange{
		ID: fmt.Sprintf("%s/%d", c.Operation.ID, c.Serial), Operation: c.Operation, Request: *c.Request,
		Response: &wire.Response{Status: reply.Status, Header: reply.Header, Body: reply.Body, Root: reply.Root, Fields: reply.Fields},
		Started:  p.o.Now(),
	}
	if c.Refused != nil {
		if clause, ok := p.catalogue.Clause(catalogue.ClauseID(c.Refused.Clause)); ok {
			c.Refused.Text = clause.Text
		}
		c.Refused.Got = p.mask.Text(c.Refused.Got) // someone may put a card number anywhere
	}
	p.record(x, c.Refused)
	outcome := "ok"
	if c.Refused != nil {
		outcome = fmt.Sprintf("refused, code %s, %s %s: %s", c.Code, c.Refused.Clause, c.Refused.Path, c.Refused.Message)
	}
	p.line(r, c.Operation.ID, outcome, reply.Status)
}

// line logs one request. Nothing that a caller wrote stands in it but the path, cut.
func (p *peer) line(r *http.Request, op, outcome string, status int) {
	if p.o.Log == nil {
		return
	}
	if op == "" {
		op = "-"
	}
	method := r.Method
	if len(method) > 16 {
		method = method[:16]
	}
	path := quote(r.URL.EscapedPath())
	p.o.Log(p.mask.Text(fmt.Sprintf("%q %s %s %d %s", method, path, op, status, outcome)))
}
