package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// execute sends everything that the specs of an operation need, once, and leaves in each spec what
// it saw and what follows from what the exchanges say beside each other.
func (or *opRun) execute(ctx context.Context) {
	var negatives, variants, follows, alone []*spec
	for _, sp := range or.specs {
		switch {
		case sp.skip != "":
		case sp.probe.ID == check.Valid:
		case sp.independent() || sp.probe.UnknownOrder:
			alone = append(alone, sp)
		case sp.probe.Follows != "":
			follows = append(follows, sp)
		case sp.intent.Expect == wire.Refused:
			negatives = append(negatives, sp)
		default:
			variants = append(variants, sp)
		}
	}
	control := or.byName[check.Valid]
	if control != nil && control.skip == "" {
		if or.usesUp() {
			or.overOneState(ctx, control, negatives)
		} else {
			or.beside(ctx, control, negatives)
		}
		if or.op.Role() == catalogue.RoleMerchant {
			// A variant of a paid result is the same result again, so that comes first.
			for _, sp := range follows {
				or.follow(ctx, sp)
			}
			follows = nil
		}
		for _, sp := range variants {
			or.variant(ctx, sp)
		}
		for _, sp := range follows {
			or.follow(ctx, sp)
		}
	}
	for _, sp := range alone {
		or.alone(ctx, sp)
	}
}

// usesUp: the negatives of an operation that uses something up, and of a callback, which is about
// an order, go before the control and over its state.
func (or *opRun) usesUp() bool {
	return check.UsesUp(or.op) || or.op.Role() == catalogue.RoleMerchant
}

// draft makes the request of a spec over a state. The error is about a probe that crashed.
func (or *opRun) draft(sp *spec, given check.Given) (d *wire.Draft, err error) {
	err = guard("the probe "+sp.probe.ID, func() { d = check.Draft(or.scope(), sp.probe, sp.variant, given) })
	return d, err
}

// sendSpec sends the request of a spec over a state and records what came of it.
func (or *opRun) sendSpec(ctx context.Context, sp *spec, given check.Given) (check.Outcome, error) {
	d, err := or.draft(sp, given)
	if err != nil {
		sp.fate = fateOf(verdictOf(err))
		return "", err
	}
	return or.sendDraft(ctx, sp, d)
}

func (or *opRun) sendDraft(ctx context.Context, sp *spec, d *wire.Draft) (check.Outcome, error) {
	x, err := or.run.send(ctx, or, d)
	if err != nil {
		sp.fate = fateOf(verdictOf(err))
		return "", err
	}
	sp.sent = d
	sp.see(x)
	return sp.seen.Outcome, nil
}

// beside judges an operation that creates or reads: the control first, then each negative by
// itself, with an order id of its own where it creates.
func (or *opRun) beside(ctx context.Context, control *spec, negatives []*spec) {
	given, err := or.state(ctx)
	if err != nil {
		or.allShare(err)
		return
	}
	control.given = given
	if !or.sendControl(ctx, control, given) {
		for _, sp := range negatives {
			or.unproven(ctx, sp, given)
		}
		return
	}
	for _, sp := range negatives {
		out, err := or.sendSpec(ctx, sp, or.renew(given))
		if err != nil {
			continue
		}
		sp.fate = or.negative(out)
	}
}

// negative is the fate of one beside an accepted control.
func (or *opRun) negative(out check.Outcome) fate {
	switch out {
	case check.OutAccepted:
		return fate{status: report.Fail}
	case check.OutRefused:
		return fate{status: report.Pass}
	case check.OutLost:
		return fate{status: report.Error}
	}
	return fate{status: report.Inconclusive, reason: unclear}
}

const unclear = "the answer says neither that the request was accepted nor that it was refused"

// sendControl sends the control, by other readings if it is refused, and gives it its verdict.
func (or *opRun) sendControl(ctx context.Context, control *spec, given check.Given) bool {
	x, d, other, err := or.try(ctx, or, control.probe, control.id, given)
	if err != nil {
		control.fate = fateOf(verdictOf(err))
		return false
	}
	control.sent = d
	return or.judgeControl(control, x, other, given)
}

func (or *opRun) judgeControl(control *spec, x *wire.Exchange, other bool, given check.Given) bool {
	control.see(x)
	switch control.seen.Outcome {
	case check.OutAccepted:
		or.settle(x)
		or.control = control.seen
		control.given = given
		control.seen.Control = x
		control.fate = fate{status: report.Pass}
		if other {
			or.needed = or.otherReading(x)
		}
		if len(or.needed) > 0 {
			control.fate = fate{status: report.Warn, findings: or.needed}
		}
		return true
	case check.OutLost:
		control.fate = fate{status: report.Error}
	case check.OutRefused:
		if made(or) == "" {
			or.refuse(x)
		}
		switch {
		case made(or) != "":
			// What only the target knows was not given, so the refusal says nothing.
			with := "a made-up value"
			if given.Values[made(or)] != "" {
				with = "the id of a payment of this run"
			}
			reason := "refused with " + with + ": the configuration's values: has no " + made(or)
			for _, sp := range or.specs {
				if sp.skip == "" && !(sp.seen != nil && sp.fate.status == report.Fail) {
					sp.fate = fate{status: report.Skip, reason: reason, whole: true}
				}
			}
		case check.Forbidden(or.run.o.Catalogue, x, catalogue.ClassState, catalogue.ClassContract):
			control.fate = fate{status: report.Inconclusive, reason: "refused with code " + check.Code(x) + ", which says that the payment's state or the merchant's contract forbids it"}
		default:
			control.fate = fate{status: report.Fail, control: true}
		}
	default:
		control.fate = fate{status: report.Inconclusive, reason: unclear}
	}
	return false
}

// otherReading says by which readings a request was taken that was refused by the first ones.
func (or *opRun) otherReading(x *wire.Exchange) []report.Finding {
	var out []report.Finding
	topics := or.run.o.Catalogue.Topics()
	for _, choice := range wire.SendTopics(&wire.Draft{Operation: x.Operation, Fields: x.Request.Fields}) {
		reading := x.Readings[choice.Topic]
		if reading == "" || reading == choice.Readings[0] {
			continue
		}
		c, ok := topics[choice.Topic]
		if !ok {
			continue
		}
		out = append(out, report.Finding{Clause: string(c.ID), Text: c.Text, Path: "request",
			Message: "taken only by another reading of the documentation",
			Got:     choice.Topic + " " + reading, Want: choice.Topic + " " + choice.Readings[0]})
	}
	return out
}

// share gives a spec the fate of its control, or of what it follows, where that is skipped or lost as
// a whole, unless it has one already.
func (sp *spec) share(control *spec) bool {
	if sp.fate.noState {
		return true // what it is about could not be brought about, and its fate says why
	}
	if !control.fate.whole {
		return false
	}
	if sp.fate.status == "" {
		sp.fate = fate{status: control.fate.status, reason: control.fate.reason, whole: true}
	}
	return true
}

// allShare gives every spec that was to be sent the same fate: nothing could be asked.
func (or *opRun) allShare(err error) {
	status, reason := verdictOf(err)
	for _, sp := range or.specs {
		if sp.skip == "" && !sp.independent() && !sp.probe.UnknownOrder {
			sp.fate = fateOf(status, reason)
		}
	}
}

// unproven is for a negative whose control was not accepted: it is still sent where the control was
// lost, so that a dead endpoint is noticed, and proves nothing.
func (or *opRun) unproven(ctx context.Context, sp *spec, given check.Given) {
	control := or.byName[check.Valid]
	if sp.share(control) {
		return
	}
	if control.fate.status == report.Error {
		if out, err := or.sendSpec(ctx, sp, or.renew(given)); err != nil {
			return
		} else if out == check.OutLost {
			sp.fate = fate{status: report.Error}
			return
		}
		sp.fate = fate{status: report.Inconclusive, reason: "its control was lost"}
		return
	}
	sp.fate = fate{status: report.Inconclusive, reason: "its control was not accepted", unsent: true}
}

// overOneState judges an operation that uses something up: the negatives first and the control after
// them over the same state. So nothing rests on error codes.
func (or *opRun) overOneState(ctx context.Context, control *spec, negatives []*spec) {
	for again := 0; again < 2; again++ {
		given, err := or.state(ctx)
		if err != nil {
			or.allShare(err)
			return
		}
		control.given = given
		var pending []*spec
		for queue := slices.Clone(negatives); len(queue) > 0; {
			sp := queue[0]
			queue = queue[1:]
			if sp.fate.status == report.Fail {
				continue // found by the first reading already
			}
			if sp.probe.KnownOrder && or.takesAny() {
				sp.fate = anyOrder
				continue
			}
			out, err := or.sendSpec(ctx, sp, or.sameState(given))
			if err != nil {
				continue
			}
			switch sp.fate = or.negative(out); out {
			case check.OutAccepted:
				// A finding; the state is made anew for the rest, unless the request only read. What was
				// refused before goes with it, since no control will come over the old state.
				if sp.intent.Effect == catalogue.Reads {
					continue
				}
				if given, err = or.state(ctx); err != nil {
					or.restShare(err, control)
					return
				}
				control.given = given
				queue, pending = append(pending, queue...), nil
			case check.OutRefused:
				pending = append(pending, sp)
			}
		}
		x, err := or.controlOnce(ctx, control, given)
		if err != nil {
			control.fate = fateOf(verdictOf(err))
			or.inconclusive(pending, "its control was not sent: "+control.fate.reason)
			return
		}
		switch check.Of(x) {
		case check.OutAccepted:
			or.judgeControl(control, x, false, given)
			return
		case check.OutRefused:
			retry := or.afterRefusal(ctx, control, x, pending)
			if !retry {
				return
			}
			// Another reading was needed: what was sent by the first one proves nothing.
		case check.OutLost:
			or.judgeControl(control, x, false, given)
			or.inconclusive(pending, "its control was lost")
			return
		default:
			or.judgeControl(control, x, false, given)
			or.inconclusive(pending, "its control was not accepted")
			return
		}
	}
}

// sameState gives a negative the state as it is; only the request id is fresh.
func (or *opRun) sameState(given check.Given) check.Given {
	given.RequestID = or.fresh.request()
	return given
}

func (or *opRun) controlOnce(ctx context.Context, control *spec, given check.Given) (*wire.Exchange, error) {
	d, err := or.draft(control, or.sameState(given))
	if err != nil {
		return nil, err
	}
	x, err := or.run.send(ctx, or, d)
	if err == nil {
		control.sent = d
	}
	return x, err
}

// afterRefusal is for a control that was refused after a batch: one control alone is sent over a
// fresh state. Refused too: that is the control's own verdict. Accepted: each negative is sent again
// over a state of its own with a control after it, and where that control is refused the negative
// was carried out. It returns true if the control was accepted by another reading only, so that the
// batch must be sent by that one.
func (or *opRun) afterRefusal(ctx context.Context, control *spec, refused *wire.Exchange, pending []*spec) (retry bool) {
	given, err := or.state(ctx)
	if err != nil {
		status, reason := verdictOf(err)
		control.fate = fateOf(status, "it was refused ("+check.Describe(refused)+"), and it could not be sent again: "+reason)
		or.inconclusive(pending, control.fate.reason)
		return false
	}
	x, d, other, err := or.try(ctx, or, control.probe, control.id, given)
	if err != nil {
		control.fate = fateOf(verdictOf(err))
		or.inconclusive(pending, control.fate.reason)
		return false
	}
	control.sent = d
	if !or.judgeControl(control, x, other, given) {
		or.inconclusive(pending, "its control was not accepted")
		return false
	}
	if other {
		or.needed = control.fate.findings
		return true
	}
	for _, sp := range pending {
		or.oneByOne(ctx, control, sp)
	}
	return false
}

// oneByOne sends a negative over a state of its own and the control after it. No code is asked.
func (or *opRun) oneByOne(ctx context.Context, control, sp *spec) {
	given, err := or.state(ctx)
	if err != nil {
		status, reason := verdictOf(err)
		if status == report.Skip {
			status = report.Inconclusive
		}
		sp.fate = fate{status: status, reason: reason}
		return
	}
	out, err := or.sendSpec(ctx, sp, or.sameState(given))
	if err != nil {
		return
	}
	if out != check.OutRefused {
		sp.fate = or.negative(out)
		return
	}
	after, err := or.draft(control, or.sameState(given))
	var x *wire.Exchange
	if err == nil {
		after.ID, after.Intent.Setup = sp.id+"/control", true
		x, err = or.run.send(ctx, or, after)
	}
	if err != nil {
		sp.fate = fate{status: report.Inconclusive, reason: err.Error()}
		return
	}
	sp.noCode = true
	switch check.Of(x) {
	case check.OutAccepted:
		sp.fate = fate{status: report.Pass}
	case check.OutRefused:
		sp.fate = fate{status: report.Fail, carriedOut: true}
	case check.OutLost:
		sp.fate = fate{status: report.Inconclusive, reason: "the control after it was lost"}
	default:
		sp.fate = fate{status: report.Inconclusive, reason: "the control after it was answered unclearly"}
	}
}

// inconclusive takes back what negatives seemed to prove, but where the whole operation is skipped:
// its control was refused with a made-up value.
func (or *opRun) inconclusive(specs []*spec, reason string) {
	for _, sp := range specs {
		if sp.fate.whole && sp.fate.status == report.Skip {
			continue
		}
		sp.fate = fate{status: report.Inconclusive, reason: reason}
	}
}

// restShare is for a state that could not be made anew in the middle of a batch.
func (or *opRun) restShare(err error, control *spec) {
	status, reason := verdictOf(err)
	for _, sp := range or.specs {
		if sp.skip == "" && sp.seen == nil && sp.fate.status == "" && !sp.independent() && !sp.probe.UnknownOrder {
			sp.fate = fateOf(status, reason)
		}
	}
	for _, sp := range or.specs {
		if sp.seen != nil && sp != control && sp.fate.status == report.Pass {
			sp.fate = fate{status: report.Inconclusive, reason: "its control was not sent: " + reason}
		}
	}
}

// variant judges a lawful variant, or one that may be answered either way, beside the accepted
// control. On an operation that uses something up it has a state of its own; a callback's is about
// the control's order.
func (or *opRun) variant(ctx context.Context, sp *spec) {
	control := or.byName[check.Valid]
	if sp.share(control) {
		return
	}
	if or.control == nil {
		if control.fate.status == report.Error {
			// As with negatives, so that a dead endpoint is noticed.
			or.unproven(ctx, sp, control.given)
			return
		}
		sp.fate = fate{status: report.Inconclusive, reason: "its control was not accepted", unsent: true}
		return
	}
	if again := or.byName["repeated"]; again != nil && again.seen != nil && again.seen.Outcome == check.OutRefused {
		sp.fate = fate{status: report.Skip, reason: again.id + " was refused, and this is the same result once more", whole: true}
		return
	}
	if need := or.needs(sp); need != nil && need.seen != nil && need.seen.Outcome == check.OutRefused {
		sp.fate = fate{status: report.Skip, reason: need.id + ", which it contains, was refused", whole: true}
		return
	}
	given, err := or.variantState(ctx, sp)
	if err != nil {
		sp.fate = fateOf(verdictOf(err))
		return
	}
	out, err := or.sendSpec(ctx, sp, given)
	if err != nil {
		return
	}
	sp.fate = fate{status: report.Pass}
	switch {
	case out == check.OutLost:
		sp.fate = fate{status: report.Error}
	case out == check.OutUnclear:
		sp.fate = fate{status: report.Inconclusive, reason: unclear}
	case out == check.OutRefused && sp.intent.Expect == wire.Accepted:
		or.explain(ctx, sp, sp.sent)
	}
}

func (or *opRun) needs(sp *spec) *spec {
	if sp.probe.Needs == nil {
		return nil
	}
	return or.byName[sp.probe.Needs(sp.variant)]
}

func (or *opRun) variantState(ctx context.Context, sp *spec) (check.Given, error) {
	switch {
	case sp.probe.State == check.PaidCard:
		return or.paid(ctx)
	case or.op.Role() == catalogue.RoleMerchant:
		return or.sameState(or.byName[check.Valid].given), nil
	case check.UsesUp(or.op):
		return or.state(ctx)
	}
	return or.renew(or.byName[check.Valid].given), nil
}

// explain looks for the reason why a lawful variant was refused beside an accepted control: the
// contract, or another reading of the documentation, by which it is sent again.
func (or *opRun) explain(ctx context.Context, sp *spec, d *wire.Draft) {
	if check.Forbidden(or.run.o.Catalogue, sp.seen.Exchange, catalogue.ClassContract) {
		sp.fate = fate{status: report.Inconclusive, reason: "refused with code " + check.Code(sp.seen.Exchange) + ", which says that the merchant's contract forbids it"}
		return
	}
	if clause, ok := or.run.o.Catalogue.Clause(sp.intent.Clause); ok && clause.Disputed() && sp.probe.ID != "odd" {
		// The variant is itself another reading, and the peer lives by the first.
		sp.fate = fate{status: report.Warn}
		return
	}
	s, lost := or.scope(), false
	for _, readings := range wire.Combinations(d, s.Readings) {
		// Only what the control does not settle: the order of the fields and empty values.
		if readings[wire.TopicOrder] == "" && readings[wire.TopicEmpty] == "" || !sameElse(readings, s.Readings, d) {
			continue
		}
		given, err := or.variantState(ctx, sp)
		if err != nil {
			sp.fate = fateOf(verdictOf(err))
			return
		}
		other, err := or.draft(sp, given)
		if err != nil {
			sp.fate = fateOf(verdictOf(err))
			return
		}
		other.ID, other.Intent.Setup = sp.id+"/other-reading", true
		for topic, reading := range readings {
			other.Readings[topic] = reading
		}
		x, err := or.run.send(ctx, or, other)
		if err != nil {
			sp.fate = fateOf(verdictOf(err))
			return
		}
		switch check.Of(x) {
		case check.OutAccepted:
			sp.fate = fate{status: report.Warn, findings: or.otherReading(x), shows: x.Readings}
			return
		case check.OutLost:
			lost = true
		}
	}
	if lost {
		sp.fate = fate{status: report.Inconclusive, reason: "refused, and another reading that might explain it was lost"}
		return
	}
	sp.fate = fate{status: report.Fail, unexplained: true}
}

// sameElse tells whether readings differ from the present ones in order and empty values only.
func sameElse(readings, present map[string]string, d *wire.Draft) bool {
	for _, choice := range wire.SendTopics(d) {
		if choice.Topic == wire.TopicOrder || choice.Topic == wire.TopicEmpty {
			continue
		}
		now := present[choice.Topic]
		if now == "" {
			now = choice.Readings[0]
		}
		if r := readings[choice.Topic]; r != "" && r != now {
			return false
		}
	}
	return true
}

// follow judges a request that comes after another one of this operation, over the same state.
func (or *opRun) follow(ctx context.Context, sp *spec) {
	base := or.byName[sp.probe.Follows]
	if base == nil {
		sp.fate = fateOf(report.Skip, sp.probe.Follows+", which it follows, is not part of the plan")
		return
	}
	if sp.share(base) {
		return
	}
	if base.seen == nil || base.seen.Outcome != check.OutAccepted || base.sent == nil {
		sp.fate = fate{status: report.Inconclusive, reason: fmt.Sprintf("%s, which it follows, was not accepted", base.id), unsent: true}
		return
	}
	var d *wire.Draft
	err := guard("the probe "+sp.probe.ID, func() { d = check.Again(or.scope(), sp.probe, sp.variant, base.sent) })
	if err != nil {
		sp.fate = fateOf(verdictOf(err))
		return
	}
	out, err := or.sendDraft(ctx, sp, d)
	if err != nil {
		return
	}
	sp.seen.Before = base.seen.Exchange
	switch sp.intent.Expect {
	case wire.Refused:
		sp.fate = or.negative(out)
	default:
		sp.fate = fate{status: report.Pass}
		switch {
		case out == check.OutLost:
			sp.fate = fate{status: report.Error}
		case out == check.OutUnclear:
			sp.fate = fate{status: report.Inconclusive, reason: unclear}
		case out == check.OutRefused && sp.intent.Expect == wire.Accepted:
			sp.fate = fate{status: report.Fail}
		}
	}
}

// alone judges what needs no accepted control beside it: a failed result, which is a message of its
// own, and an order that the merchant cannot know.
func (or *opRun) alone(ctx context.Context, sp *spec) {
	if sp.probe.UnknownOrder {
		or.unknownOrder(ctx, sp)
		return
	}
	given, err := or.order(ctx)
	if err != nil {
		status, reason := verdictOf(err)
		sp.fate = fateOf(status, reason)
		return
	}
	x, d, other, err := or.try(ctx, or, sp.probe, sp.id, given)
	if err != nil {
		sp.fate = fateOf(verdictOf(err))
		return
	}
	sp.sent = d
	sp.see(x)
	switch sp.seen.Outcome {
	case check.OutAccepted:
		sp.fate = fate{status: report.Pass}
		if other {
			sp.fate = fate{status: report.Warn, findings: or.otherReading(x)}
		}
		or.settle(x)
	case check.OutLost:
		sp.fate = fate{status: report.Error}
	case check.OutRefused:
		or.refuse(sp.seen.Exchange)
		sp.fate = fate{status: report.Fail, control: true}
	default:
		sp.fate = fate{status: report.Inconclusive, reason: unclear}
	}
}

// anyOrder is the fate of what can only be asked about orders that the merchant knows from others.
var anyOrder = fate{status: report.Skip, reason: "this merchant takes every order id (orders: any)", whole: true}

func (or *opRun) takesAny() bool {
	or.run.mu.Lock()
	defer or.run.mu.Unlock()
	return or.run.anyOrder
}

func (or *opRun) unknownOrder(ctx context.Context, sp *spec) {
	control := or.byName[check.Valid]
	if control != nil && control.fate.whole {
		sp.fate = control.fate
		return
	}
	if or.takesAny() {
		sp.fate = anyOrder
		return
	}
	if or.control == nil {
		sp.fate = fate{status: report.Inconclusive, reason: "its control was not accepted", unsent: true}
		return
	}
	out, err := or.sendSpec(ctx, sp, or.sameState(control.given))
	if err == nil {
		sp.fate = or.negative(out)
	}
}
