package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A spec is one operation and one probe's variant, with what came of it.
type spec struct {
	op      *opRun
	probe   *check.Probe
	variant string
	intent  wire.Intent
	id      string
	all     []*check.Check // that are for it
	checks  []*check.Check // of these, the selected ones
	skip    string         // why it is not sent

	asked  atomic.Bool // a driver asked for its results
	sent   *wire.Draft
	given  check.Given // of a control
	seen   *check.Seen
	fate   fate
	noCode bool // it was sent again by itself, and no code is asked
}

// A fate is what follows from exchanges beside each other. It decides the case that says whether the
// request was taken as it should be; if whole, every case of the spec.
type fate struct {
	status     report.Status
	reason     string
	findings   []report.Finding // instead of the check's own
	whole      bool
	control    bool // a control was refused: a finding only if the key is right
	unsent     bool // nothing was sent: what is not about acceptance is skipped
	noState    bool // nothing was sent, since what it is about could not be brought about
	carriedOut bool // a negative was refused in words and carried out
	// unexplained: a lawful variant was refused by every reading, so it is a finding even where its
	// clause is disputed.
	unexplained bool
	shows       map[string]string
}

func fateOf(status report.Status, reason string) fate {
	if status == report.Inconclusive {
		return fate{status: status, reason: reason, unsent: true, noState: true}
	}
	return fate{status: status, reason: reason, whole: true}
}

func (sp *spec) see(x *wire.Exchange) {
	sp.seen = &check.Seen{Exchange: x, Outcome: check.Of(x)}
	if sp.op.control != nil {
		sp.seen.Control = sp.op.control.Exchange
	}
}

// result sends what is needed, once for the whole operation, and judges this spec's cases.
func (sp *spec) result(ctx context.Context) []report.Result {
	sp.op.once.Do(func() {
		err := guard("the engine", func() { sp.op.execute(ctx) })
		if err == nil {
			return
		}
		for _, other := range sp.op.specs {
			if other.skip == "" && other.fate.status != report.Fail { // what was found stays
				other.fate = fateOf(verdictOf(err))
			}
		}
	})
	return sp.judge()
}

// A crashed is a panic as an error.
type crashed struct{ reason string }

func (e *crashed) Error() string { return e.reason }

// guard does something that may panic, since it comes from outside the engine.
func guard(where string, do func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &crashed{crash(where, p)}
		}
	}()
	do()
	return nil
}

// crash says in one line what a panic was about. It is a bug of this kit.
func crash(where string, p any) string {
	line := ""
	for _, l := range strings.Split(string(debug.Stack()), "\n") {
		if strings.Contains(l, "/conformance/") && strings.Contains(l, ".go:") && !strings.Contains(l, "judge.go") {
			line, _, _ = strings.Cut(" at "+l[strings.LastIndexByte(l, '/')+1:], " +")
			break
		}
	}
	return fmt.Sprintf("%s crashed, a bug of fpconform: %v%s", where, p, line)
}

func (sp *spec) skipped(reason string) []report.Result {
	return sp.every(report.Skip, reason)
}

func (sp *spec) every(status report.Status, reason string) []report.Result {
	mask := sp.op.run.o.Mask
	if sp.seen != nil {
		mask = mask.For(sp.seen.Exchange)
	}
	reason = mask.Text(reason)
	var out []report.Result
	for _, c := range sp.checks {
		r := sp.base(c)
		r.Status, r.Reason = status, reason
		out = append(out, r)
	}
	return out
}

// notSentSince begins the reason of a case whose request was not sent for the fate of another one.
const notSentSince = "not sent: "

// unjudged is for a spec whose request was not sent, since what it is judged beside failed: a negative
// is inconclusive, and there is nothing else to look at.
func (sp *spec) unjudged() []report.Result {
	out := sp.every(report.Skip, notSentSince+sp.fate.reason)
	for i, c := range sp.checks {
		if c.Intent && (sp.intent.Expect == wire.Refused || sp.probe.ID == check.Valid || sp.fate.noState) {
			out[i].Status, out[i].Reason = sp.fate.status, sp.op.run.o.Mask.Text(sp.fate.reason)
		}
	}
	return out
}

func (sp *spec) base(c *check.Check) report.Result {
	r := report.Result{ID: sp.id + "/" + c.ID, Operation: sp.op.op.ID, Probe: sp.intent.Probe, Check: c.ID}
	for _, id := range clausesOf(c, sp.intent) {
		r.Clauses = append(r.Clauses, string(id))
	}
	if sp.seen != nil {
		r.Exchange = sp.seen.ID
	}
	return r
}

// judge gives one result a case.
func (sp *spec) judge() []report.Result {
	switch {
	case sp.skip != "":
		return sp.skipped(sp.skip)
	case sp.fate.whole && (sp.seen == nil || sp.fate.status != report.Error):
		return sp.found(sp.every(sp.fate.status, sp.fate.reason))
	case sp.fate.unsent && sp.seen == nil:
		return sp.unjudged()
	case sp.seen == nil:
		return sp.every(report.Error, "it was planned, not sent, and nobody says why, a bug of fpconform")
	case sp.seen.Err != nil:
		return sp.every(report.Error, sp.seen.Err.Error())
	}
	s := sp.op.scope()
	var out []report.Result
	for _, c := range sp.checks {
		started := time.Now()
		r := sp.case_(s, c)
		r.Took = time.Since(started)
		out = append(out, r)
	}
	return out
}

// found puts back what an answer showed before the rest of its operation was skipped: that no more
// could be asked takes nothing back. What the code of a refusal says is left aside, since it may be
// about a value that was made up, and so is the control's own answer, which decided the skip.
func (sp *spec) found(results []report.Result) []report.Result {
	if sp.seen == nil || sp.seen.Err != nil || sp.probe.ID == check.Valid {
		return results
	}
	s := sp.op.scope()
	for i, c := range sp.checks {
		if c.Intent || c.ID == codeFits {
			continue
		}
		if r := sp.case_(s, c); r.Status == report.Fail {
			results[i] = r
		}
	}
	return results
}

// codeFits is the check that asks whether the code of a refusal fits the step.
const codeFits = "err.code-fits"

// case_ judges one case. A check that crashes is an error of its case and of no other.
func (sp *spec) case_(s *check.Scope, c *check.Check) (r report.Result) {
	r = sp.base(c)
	defer func() {
		if p := recover(); p != nil {
			r.Status, r.Findings = report.Error, nil
			r.Reason = sp.op.run.o.Mask.Text(crash("the check "+c.ID, p))
		}
	}()
	// Most cases have nothing to say, and so nothing to hide.
	mask := sync.OnceValue(func() *wire.Mask { return sp.op.run.o.Mask.For(sp.seen.Exchange) })
	text := func(s string) string {
		if s == "" {
			return ""
		}
		return mask().Text(s)
	}
	if sp.noCode && c.ID == codeFits {
		r.Status, r.Reason = report.Skip, "sent by itself: no code is asked"
		return r
	}
	findings, skip := c.Look(s, sp.seen)
	if c.Intent {
		r.Status, r.Reason, findings = sp.decide(findings, skip)
	} else {
		switch {
		case skip != "":
			r.Status, r.Reason = report.Skip, text(skip)
			return r
		default:
			r.Status = sp.op.run.statusOf(findings)
		}
	}
	for _, f := range findings {
		f.Got, f.Want, f.Message, f.Path = text(f.Got), text(f.Want), text(f.Message), text(f.Path)
		r.Findings = append(r.Findings, f)
	}
	r.Reason = text(r.Reason)
	return r
}

// decide is for the case that says whether the request was taken as it should be: what the check
// finds by itself counts only as far as the exchanges beside it let it.
func (sp *spec) decide(found []report.Finding, skip string) (report.Status, string, []report.Finding) {
	f := sp.fate
	switch f.status {
	case report.Pass:
		return report.Pass, "", nil
	case report.Warn:
		if f.findings != nil {
			return report.Warn, "", f.findings
		}
		return report.Warn, "", found
	case report.Fail:
		if f.carriedOut {
			found = []report.Finding{{Clause: string(sp.intent.Clause), Text: sp.op.run.textOf(sp.intent.Clause), Path: "request",
				Message: "refused in words, and carried out: the right request after it was refused, though it is accepted over a fresh state",
				Got:     "a changed state", Want: "a refusal that changes nothing"}}
		}
		if len(found) == 0 {
			return report.Error, "the engine found a fault that the check does not see, a bug of fpconform", nil
		}
		if f.unexplained {
			return report.Fail, "", found
		}
		return sp.op.run.statusOf(found), "", found
	case report.Inconclusive, report.Skip, report.Error:
		reason := f.reason
		if reason == "" {
			reason = skip
		}
		return f.status, reason, nil
	}
	return report.Error, "it was not decided, a bug of fpconform", nil
}

// statusOf is what findings make of a case: a must that is broken fails, a should and a disputed
// clause warn.
func (r *run) statusOf(findings []report.Finding) report.Status {
	status := report.Pass
	for _, f := range findings {
		c, ok := r.o.Catalogue.Clause(catalogue.ClauseID(f.Clause))
		switch {
		case !ok || c.Level == catalogue.Must && !c.Disputed():
			return report.Fail
		case c.Level != catalogue.May:
			status = report.Warn
		}
	}
	return status
}

func (r *run) textOf(id catalogue.ClauseID) string {
	if c, ok := r.o.Catalogue.Clause(id); ok {
		return c.Text
	}
	return ""
}
