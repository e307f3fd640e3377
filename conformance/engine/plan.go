package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A Spec is one operation and one probe, with every case that they decide. Run gets the exchanges
// that it needs and returns one result a case. It never panics, never blocks past ctx or the
// timeout, and may be called from any goroutine.
type Spec struct {
	ID     string // merchant.card.pay/sig-tampered
	API    catalogue.API
	Title  string
	Labels []string // api:merchant, op:merchant.card.pay, effect:charges, clause:CARD-3
	Cases  []Case
	Run    func(ctx context.Context) []report.Result
}

// A Plan is what a run would do.
type Plan struct {
	Role     catalogue.Role
	Specs    []Spec
	LeftOut  []report.Result // skipped before anything is sent
	Requests map[catalogue.Effect]int
	Orders   int           // that a merchant under test must know
	Takes    time.Duration // that pacing alone takes
	run      *run
}

// Total is the number of requests of the plan, if every request is answered as it should be.
func (p *Plan) Total() int {
	n := 0
	for _, m := range p.Requests {
		n += m
	}
	return n
}

// An UnmatchedError names the patterns that select nothing.
type UnmatchedError struct{ Patterns []string }

func (e *UnmatchedError) Error() string {
	return "engine: no case is selected by " + strings.Join(e.Patterns, ", ")
}

// ErrNothing is returned where the patterns together leave no case.
var ErrNothing = errors.New("engine: the patterns leave no case to judge")

// Prepare plans a run. It sends nothing. A plan that the patterns leave nothing of is no error here,
// since they may be about the other role, whose plan the caller prepares too.
func Prepare(o Options) (plan *Plan, err error) {
	bug := guard("the plan", func() { plan, err = prepare(o) })
	if bug != nil {
		return nil, fmt.Errorf("engine: %w", bug)
	}
	return plan, err
}

func prepare(o Options) (*Plan, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.Target == nil {
		return nil, errors.New("engine: no target")
	}
	if err := checkValues(o); err != nil {
		return nil, err
	}
	sel, err := newSelection(o.Run, o.Skip)
	if err != nil {
		return nil, err
	}
	r := newRun(o)
	plan := &Plan{Role: o.Role, Requests: map[catalogue.Effect]int{}, run: r}
	selected := 0
	for _, op := range o.Catalogue.Operations {
		if op.Role() != o.Role {
			// Patterns may name the other role's cases, which its own plan selects.
			for _, id := range allCases(o, op) {
				sel.takes(id)
			}
			continue
		}
		if !op.Sendable() {
			r.leftOut[op.ID] = unsendable(op)
			continue
		}
		or := r.newOp(op)
		or.plan(sel)
		selected += len(or.specs)
		if len(or.specs) == 0 {
			r.leftOut[op.ID] = "not selected"
			r.partial = true
			continue
		}
		r.ops = append(r.ops, or)
	}
	if names := sel.unmatched(); len(names) > 0 {
		return nil, &UnmatchedError{names}
	}
	if selected == 0 && len(o.Run)+len(o.Skip) == 0 {
		return nil, ErrNothing
	}
	for _, or := range r.ops {
		sent := false
		for _, sp := range or.specs {
			if sp.skip != "" {
				plan.LeftOut = append(plan.LeftOut, sp.skipped(sp.skip)...)
				continue
			}
			sent = true
			plan.Specs = append(plan.Specs, sp.public())
		}
		if !sent {
			r.leftOut[or.op.ID] = or.specs[0].skip
			r.partial = true
			continue
		}
		or.count(plan)
	}
	if o.Role == catalogue.RoleMerchant {
		r.countOrders(plan)
	}
	r.plan = plan
	return plan, nil
}

func unsendable(op *catalogue.Operation) string {
	if op.Status == catalogue.NameOnly {
		return "known by name only"
	}
	return "its page names no path"
}

// checkValues refuses a value for a field that no operation has.
func checkValues(o Options) error {
	for name := range o.Target.Values {
		found := false
		for _, op := range o.Catalogue.Operations {
			if _, ok := op.Request.Field(name); ok {
				found = true
			}
		}
		if !found {
			return fmt.Errorf("engine: values: no operation has a request field called %q", cut(name))
		}
	}
	for topic, reading := range o.Target.Readings {
		c, ok := o.Catalogue.Topics()[topic]
		if !ok {
			return fmt.Errorf("engine: no disputed clause has the topic %q", cut(topic))
		}
		if _, ok := c.Reading(reading); !ok {
			return fmt.Errorf("engine: topic %s has no reading called %q", topic, cut(reading))
		}
	}
	return nil
}

// allCases lists every case that an operation can have, whatever the target: for patterns and for
// the configuration's known cases, which may name what this run does not judge.
func allCases(o Options, op *catalogue.Operation) []string {
	if !op.Sendable() {
		return nil
	}
	all := map[string]string{}
	for _, other := range o.Catalogue.Operations {
		for _, f := range other.Request.Fields {
			if f.Given {
				all[f.Name] = "any"
			}
		}
	}
	s := scopeOf(o, op)
	s.Values = all
	var out []string
	for i := range o.Probes {
		p := &o.Probes[i]
		for _, variant := range p.For(s) {
			intent := check.Intent(s, p, variant)
			for j := range o.Checks {
				if o.Checks[j].For(s, intent) {
					out = append(out, op.ID+"/"+intent.Probe+"/"+o.Checks[j].ID)
				}
			}
		}
	}
	return out
}

func scopeOf(o Options, op *catalogue.Operation) *check.Scope {
	return &check.Scope{
		Catalogue:   o.Catalogue,
		Operation:   op,
		Credentials: &o.Target.Credentials,
		Values:      o.Target.Values,
		Seed:        seedText(o.Seed),
	}
}

// plan makes the specs of an operation, less what is not selected, and says of each that may not
// be sent why.
func (or *opRun) plan(sel *selection) {
	o, op := or.run.o, or.op
	s := or.scope()
	var all []*spec
	for i := range o.Probes {
		p := &o.Probes[i]
		for _, variant := range p.For(s) {
			sp := &spec{op: or, probe: p, variant: variant, intent: check.Intent(s, p, variant)}
			sp.id = op.ID + "/" + sp.intent.Probe
			for j := range o.Checks {
				c := &o.Checks[j]
				if !c.For(s, sp.intent) {
					continue
				}
				sp.all = append(sp.all, c)
				if sel.takes(sp.id + "/" + c.ID) {
					sp.checks = append(sp.checks, c)
				}
			}
			all = append(all, sp)
			or.byName[sp.intent.Probe] = sp
		}
	}
	// A case that another target would have is no stranger to a pattern.
	for _, id := range allCases(o, op) {
		if _, ok := or.byName[strings.Split(id, "/")[1]]; !ok {
			sel.takes(id)
		}
	}
	// A selected probe brings what it is judged beside: its control, and what it follows.
	for changed := true; changed; {
		changed = false
		for _, sp := range all {
			if len(sp.checks) == 0 {
				continue
			}
			for _, name := range []string{check.Valid, sp.probe.Follows} {
				if with := or.byName[name]; name != "" && with != nil && len(with.checks) == 0 && with != sp {
					with.checks = with.all
					changed = true
				}
			}
		}
	}
	for _, sp := range all {
		if len(sp.checks) > 0 {
			or.specs = append(or.specs, sp)
			sp.skip = or.whyNot(sp)
		} else {
			delete(or.byName, sp.intent.Probe)
			or.run.unselected++
		}
	}
	// What is judged beside something that may not be sent cannot be judged either.
	for _, sp := range or.specs {
		if sp.skip != "" || sp.independent() {
			continue
		}
		for _, name := range []string{check.Valid, sp.probe.Follows} {
			if with := or.byName[name]; name != "" && with != nil && with.skip != "" {
				sp.skip = with.skip
			}
		}
	}
}

// independent tells whether a spec is judged without the control: a failed result is a message of
// its own, which may be sent where a paid one may not.
func (sp *spec) independent() bool { return sp.probe.ID == "failed" }

// whyNot says why a spec may not be sent, or "".
func (or *opRun) whyNot(sp *spec) string {
	t, op := or.run.o.Target, or.op
	if t.Where(op) == nil {
		if op.Role() == catalogue.RoleMerchant {
			return "the configuration has no " + strings.Trim(op.Path, "{}")
		}
		return "the configuration has no gateway"
	}
	if missing := t.Credentials.MissingBy(op, t.Readings); missing != "" {
		return "the configuration has no " + named(missing)
	}
	if err := t.Permits(or.run.o.Catalogue, op, sp.intent.Effect); err != nil {
		return err.Error()
	}
	for _, parent := range or.parents(sp) {
		if missing := t.Credentials.Missing(parent); missing != "" {
			return "it needs " + parent.ID + ", and the configuration has no " + named(missing)
		}
		if err := t.Permits(or.run.o.Catalogue, parent, parent.Effect); err != nil {
			return "it needs " + parent.ID + ": " + err.Error()
		}
	}
	return ""
}

// named says how a credential is called in the environment too.
func named(credential string) string {
	return credential + " (FPCONFORM_" + strings.ToUpper(credential) + ")"
}

// parents are the operations that bring about what a spec asks about.
func (or *opRun) parents(sp *spec) []*catalogue.Operation {
	c := or.run.o.Catalogue
	if sp.probe.State == check.PaidCard {
		var out []*catalogue.Operation
		for _, id := range check.PaidCard.Steps() {
			if op, ok := c.Operation(id); ok {
				out = append(out, op)
			}
		}
		return out
	}
	var out []*catalogue.Operation
	for _, f := range or.op.Request.Fields {
		id, _, ok := f.Source()
		if !ok || or.value(f) != "" {
			continue
		}
		if parent, ok := c.Operation(id); ok && !slices.Contains(out, parent) {
			if f.Given && or.run.o.Target.Permits(c, parent, parent.Effect) != nil {
				continue // a made-up value will do for a try
			}
			out = append(out, parent)
		}
	}
	return out
}

// count adds the requests of an operation to the plan, as many as there are if every request is
// answered as it should be.
func (or *opRun) count(plan *Plan) {
	add := func(e catalogue.Effect, n int) { plan.Requests[e] += n }
	states := 0
	batch := false
	any := or.op.Role() == catalogue.RoleMerchant && or.run.expectsAny()
	for _, sp := range or.specs {
		if sp.skip != "" || any && (sp.probe.KnownOrder || sp.probe.UnknownOrder) {
			continue
		}
		add(sp.intent.Effect, 1)
		switch {
		case sp.probe.State == check.PaidCard:
			for _, id := range check.PaidCard.Steps() {
				if op, ok := or.run.o.Catalogue.Operation(id); ok {
					add(op.Effect, 1)
				}
			}
		case check.UsesUp(or.op) && sp.intent.Expect == wire.Accepted && sp.probe.ID != check.Valid && sp.probe.Follows == "":
			states++
		default:
			batch = true
		}
	}
	if batch {
		states++
	}
	for _, parent := range or.parents(&spec{op: or, probe: &check.Probe{}}) {
		add(parent.Effect, states)
		if or.decoys(parent) {
			add(parent.Effect, states)
		}
	}
	t := or.run.o.Target
	if !t.Loopback(t.Where(or.op)) {
		pace := t.Pace
		if pace == 0 {
			pace = wire.DefaultPace
		}
		plan.Takes = 0
		for e, n := range plan.Requests {
			if e != catalogue.Reads {
				plan.Takes += time.Duration(n) * pace
			}
		}
	}
}

func (sp *spec) public() Spec {
	op := sp.op.op
	out := Spec{
		ID: sp.id, API: op.API, Title: sp.probe.Title,
		Labels: []string{"api:" + string(op.API), "op:" + op.ID, "effect:" + string(sp.intent.Effect)},
		Run: func(ctx context.Context) []report.Result {
			sp.asked.Store(true)
			return sp.result(ctx)
		},
	}
	if sp.intent.Clause != "" {
		out.Labels = append(out.Labels, "clause:"+string(sp.intent.Clause))
	}
	for _, c := range sp.checks {
		out.Cases = append(out.Cases, Case{ID: sp.id + "/" + c.ID, Check: c.ID, Clauses: clausesOf(c, sp.intent)})
	}
	return out
}

func clausesOf(c *check.Check, i wire.Intent) []catalogue.ClauseID {
	if c.Intent && i.Clause != "" {
		return append([]catalogue.ClauseID{i.Clause}, c.Clauses...)
	}
	return c.Clauses
}
