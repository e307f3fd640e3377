package engine

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A shop knows only its own orders. Each control takes the next unused one of the configuration,
// and what is judged beside it is about the same one. A shop that takes every order id is asked
// about made-up ones.

// order is the next order that the merchant knows, as the state of a callback.
func (or *opRun) order(ctx context.Context) (check.Given, error) {
	r := or.run
	if err := or.discover(ctx); err != nil {
		return check.Given{}, err
	}
	r.mu.Lock()
	any, left := r.anyOrder, len(r.orders)
	var order wire.Order
	if !any && left > 0 {
		order = r.orders[0]
		r.orders = r.orders[1:]
	}
	r.mu.Unlock()
	switch {
	case any:
		order = wire.Order{ID: or.fresh.order(), Amount: "100.00", Currency: "KZT"}
	case left == 0:
		return check.Given{}, &stateError{report.Inconclusive, "the orders ran out: " + r.need()}
	}
	return or.about(order), nil
}

func (or *opRun) about(order wire.Order) check.Given {
	return check.Callback(or.scope(), order, or.fresh.payment(), or.run.o.Now().Format("2006-01-02 15:04:05"))
}

// need says how many orders the run wants.
func (r *run) need() string {
	n := strconv.Itoa(r.orderCount)
	return "the configuration's orders: must name " + n + " that the merchant knows and that are not paid, or any"
}

// discover asks about one made-up order, once, where the configuration says nothing about orders. If
// it is accepted, the merchant takes every order.
func (or *opRun) discover(ctx context.Context) error {
	r := or.run
	r.mu.Lock()
	known := r.anyOrder || r.askedAny || len(r.o.Target.Orders) > 0
	r.askedAny = true
	r.mu.Unlock()
	if known {
		return nil
	}
	operation, probe := r.asks()
	if operation == nil {
		return nil
	}
	op := or.other(operation)
	p, ok := check.ProbeNamed(probe)
	if !ok {
		return fmt.Errorf("engine: no probe is called %s", probe)
	}
	given := op.about(wire.Order{ID: or.fresh.order(), Amount: "100.00", Currency: "KZT"})
	x, _, _, err := or.try(ctx, op, p, or.op.ID+"/setup", given)
	if err != nil {
		return err
	}
	if check.Of(x) == check.OutAccepted {
		op.settle(x)
		r.mu.Lock()
		r.anyOrder = true
		r.mu.Unlock()
	}
	return nil
}

// asks is how a merchant is asked about an order without harm: by a check, or by a failed result
// where it has no check address. Where neither may be sent it is not asked.
func (r *run) asks() (*catalogue.Operation, string) {
	for _, ask := range []struct{ operation, probe string }{{"callback.check", check.Valid}, {"callback.result", "failed"}} {
		op, ok := r.o.Catalogue.Operation(ask.operation)
		if ok && r.o.Target.Where(op) != nil && r.o.Target.Permits(r.o.Catalogue, op, catalogue.Reads) == nil {
			return op, ask.probe
		}
	}
	return nil, ""
}

// expectsAny tells whether the plan counts on a merchant that takes every order: the configuration says
// so, or it names no order and the merchant will be asked.
func (r *run) expectsAny() bool {
	if r.o.Target.AnyOrder || len(r.o.Target.Orders) > 0 {
		return r.o.Target.AnyOrder
	}
	op, _ := r.asks()
	return op != nil
}

// countOrders tells how many orders the plan uses up: one for each operation's control and what is
// judged beside it, and one for a failed result.
func (r *run) countOrders(plan *Plan) {
	for _, or := range r.ops {
		beside := false
		for _, sp := range or.specs {
			switch {
			case sp.skip != "" || sp.probe.UnknownOrder:
			case sp.independent():
				r.orderCount++
			default:
				beside = true
			}
		}
		if beside {
			r.orderCount++
		}
	}
	plan.Orders = r.orderCount
	if r.orderCount > 0 && !r.o.Target.AnyOrder && r.expectsAny() {
		plan.Requests[catalogue.Reads]++ // that asks
	}
}
