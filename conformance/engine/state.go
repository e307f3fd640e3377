package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A stateError says why what a request is about could not be brought about.
type stateError struct {
	status report.Status
	reason string
}

func (e *stateError) Error() string { return e.reason }

func inconclusive(format string, args ...any) error {
	return &stateError{report.Inconclusive, fmt.Sprintf(format, args...)}
}

// verdictOf turns a failure to bring a state about, or to send, into a status and its reason.
func verdictOf(err error) (report.Status, string) {
	var st *stateError
	if errors.As(err, &st) {
		return st.status, st.reason
	}
	var bug *crashed
	if errors.As(err, &bug) {
		return report.Error, bug.reason
	}
	return report.Skip, err.Error()
}

// state brings about what a request of this operation is about: the values that other operations
// hand out, by asking them anew, and a fresh order id. For a merchant it is the next order that
// the merchant knows.
func (or *opRun) state(ctx context.Context) (check.Given, error) {
	if or.op.Role() == catalogue.RoleMerchant {
		return or.order(ctx)
	}
	given := check.Given{Values: map[string]string{}, Known: wire.Known{}, RequestID: or.fresh.request()}
	if or.op.Unique != "" {
		given.Values[or.op.Unique] = or.fresh.order()
	}
	for _, f := range or.op.Request.Fields {
		id, path, ok := f.Source()
		if !ok {
			continue
		}
		if v := or.value(f); v != "" {
			given.Values[f.Name] = v
			continue
		}
		parent, ok := or.run.o.Catalogue.Operation(id)
		if !ok {
			return given, inconclusive("the catalogue has no %s", id)
		}
		if f.Given && or.run.o.Target.Permits(or.run.o.Catalogue, parent, parent.Effect) != nil {
			continue // a made-up value is tried
		}
		x, err := or.ask(ctx, parent, check.Given{})
		if err != nil {
			return given, err
		}
		v, found := check.ValueAt(x.Response.Fields, path)
		if !found || v == "" {
			return given, inconclusive("%s hands out no %s", id, path)
		}
		given.Values[f.Name] = v
		maps.Copy(given.Known, x.Known)
		delete(given.Known, string(catalogue.EchoPayment))
		if payment := handedOut(x); payment != "" {
			given.Known[string(catalogue.EchoPayment)] = payment
		}
		given.Known["paid"] = "no"
		if or.decoys(parent) {
			// Another payment, newer and of another amount, so that an answer about the last one shows.
			_, _ = or.ask(ctx, parent, check.Given{Values: map[string]string{"pg_amount": "11.40"}})
		}
	}
	return given, nil
}

// value is what the configuration gives for a field that another operation hands out. A payment or an
// invoice can be used up once, so where that happens the configuration cannot stand for it.
func (or *opRun) value(f *catalogue.Field) string {
	if check.UsesUp(or.op) && !f.Given {
		return ""
	}
	return or.run.o.Target.Values[f.Name]
}

// decoys tells whether a read is asked beside a payment that it is not about.
func (or *opRun) decoys(parent *catalogue.Operation) bool {
	_, amount := parent.Request.Field("pg_amount")
	return or.op.Effect == catalogue.Reads && parent.Unique != "" && amount
}

// handedOut is the id of the payment or invoice that an accepted exchange made, or "".
func handedOut(x *wire.Exchange) string {
	for _, name := range []string{"pg_payment_id", "invoice_id"} {
		if v, n := x.Response.Fields.Get(name); n == 1 && v != "" {
			return v
		}
	}
	return ""
}

// again is the state of given with a fresh order id and request id: for an operation that creates
// or reads, where nothing is used up.
func (or *opRun) renew(given check.Given) check.Given {
	out := check.Given{Values: maps.Clone(given.Values), Known: maps.Clone(given.Known), RequestID: or.fresh.request()}
	if or.op.Unique != "" && or.op.Role() == catalogue.RoleGateway {
		out.Values[or.op.Unique] = or.fresh.order()
	}
	return out
}

// paid brings about a card payment that was paid.
func (or *opRun) paid(ctx context.Context) (check.Given, error) {
	given := check.Given{Values: map[string]string{}, Known: wire.Known{}}
	var at check.Given
	for _, id := range check.PaidCard.Steps() {
		parent, ok := or.run.o.Catalogue.Operation(id)
		if !ok {
			return given, inconclusive("the catalogue has no %s", id)
		}
		x, err := or.ask(ctx, parent, at)
		if err != nil {
			return given, err
		}
		payment, known := at.Values["pg_payment_id"]
		if !known {
			payment, _ = x.Response.Fields.Get("pg_payment_id")
		}
		at = check.Given{Values: map[string]string{"pg_payment_id": payment}, Known: maps.Clone(x.Known)}
		at.Known[string(catalogue.EchoPayment)] = payment
	}
	given.Values["pg_payment_id"] = at.Values["pg_payment_id"]
	given.Known = at.Known
	given.Known["paid"] = "yes"
	return given, nil
}

// ask sends the control of another operation, to bring a state about.
func (or *opRun) ask(ctx context.Context, parent *catalogue.Operation, given check.Given) (*wire.Exchange, error) {
	por := or.other(parent)
	if given.Values == nil {
		given.Values = map[string]string{}
	}
	if parent.Unique != "" {
		given.Values[parent.Unique] = or.fresh.order()
	}
	x, _, _, err := or.try(ctx, por, valid(), or.op.ID+"/setup", given)
	if err != nil {
		return nil, err
	}
	switch out := check.Of(x); out {
	case check.OutAccepted:
		por.settle(x)
		return x, nil
	case check.OutLost:
		return nil, inconclusive("%s, which it needs, was lost", parent.ID)
	case check.OutRefused:
		if keys := made(por); keys != "" {
			return nil, &stateError{report.Skip, fmt.Sprintf("%s, which it needs, was refused with a made-up value: the configuration's values: has no %s", parent.ID, keys)}
		}
		por.refuse(x)
		return nil, inconclusive("%s, which it needs, was refused", parent.ID)
	}
	return nil, inconclusive("%s, which it needs, was answered unclearly", parent.ID)
}

// refuse notes that a control was refused with this operation's key.
func (or *opRun) refuse(x *wire.Exchange) {
	or.run.mu.Lock()
	defer or.run.mu.Unlock()
	key := wire.KeyName(or.op)
	if key == "" {
		return
	}
	or.run.refused[key] = true
	if or.run.answer[key] == "" {
		or.run.answer[key] = or.run.o.Mask.For(x).Text(check.Describe(x))
	}
}

// made names the fields of an operation that only the target knows and the user did not give.
func made(or *opRun) string {
	var out []string
	for _, f := range or.op.Request.Fields {
		if f.Given && or.run.o.Target.Values[f.Name] == "" {
			out = append(out, f.Name)
		}
	}
	return strings.Join(out, ", ")
}

// try sends a control of por, or another right request of it, under id. If it is refused, and no control
// of that operation was accepted before, it is sent by every other combination of readings, each with
// an order id of its own, until one is accepted. It returns the exchange that counts with its draft,
// and whether another reading than the one at hand was needed. Where a reading was lost and none was
// accepted, the lost one counts: it might have been the one.
func (or *opRun) try(ctx context.Context, por *opRun, probe *check.Probe, id string, given check.Given) (x *wire.Exchange, d *wire.Draft, other bool, err error) {
	s := por.scope()
	send := func(readings map[string]string, given check.Given, id string, setup bool) (*wire.Exchange, *wire.Draft, error) {
		var d *wire.Draft
		if err := guard("the probe "+probe.ID, func() { d = check.Draft(s, probe, "", given) }); err != nil {
			return nil, nil, err
		}
		d.ID, d.Intent.Setup = id, setup
		for topic, reading := range readings {
			d.Readings[topic] = reading
		}
		x, err := or.run.send(ctx, or, d)
		return x, d, err
	}
	x, d, err = send(nil, given, id, or != por)
	if err != nil || check.Of(x) != check.OutRefused {
		return x, d, false, err
	}
	or.run.mu.Lock()
	settled := or.run.settled[por.op.ID]
	or.run.mu.Unlock()
	if settled {
		return x, d, false, nil
	}
	for _, readings := range wire.Combinations(d, s.Readings) {
		if s.Credentials.MissingBy(por.op, readings) != "" {
			continue // it cannot be signed so
		}
		next, nd, err := send(readings, por.renew(given), por.op.ID+"/other-reading", or != por)
		if err != nil {
			return nil, nil, false, err
		}
		switch check.Of(next) {
		case check.OutAccepted:
			return next, nd, true, nil
		case check.OutLost:
			x, d = next, nd
		}
	}
	return x, d, false, nil
}

// valid is the probe that makes controls.
func valid() *check.Probe {
	p, _ := check.ProbeNamed(check.Valid)
	return p
}
