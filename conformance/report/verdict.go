package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The exit codes of a run, apart from 2, which is usage or configuration and leaves no report.
const (
	exitConforms = 0
	exitFindings = 1
	exitNone     = 3
)

// Conforms says whether the verdict is "conforms": [Report.Exit] is 0.
func (r *Report) Conforms() bool { return r.Exit() == exitConforms }

// Exit returns the exit code of the run, worked out from the results and Ended; Verdict and Counts
// are not asked.
//
//	1  a case failed
//	3  else, if the run was cut short, no case passed (with a warning or without), or a case that
//	   the configuration does not know ended inconclusive or in error
//	0  else
//
// Warnings and skips never change it. A nil report is no verdict, 3.
func (r *Report) Exit() int {
	if r == nil {
		return exitNone
	}
	judged, open := false, false
	for i := range r.Results {
		c := &r.Results[i]
		switch c.Status {
		case Fail:
			return exitFindings
		case Pass, Warn:
			judged = true
		case Skip:
		default: // inconclusive, error, and a status that there is not
			open = open || !c.Excused()
		}
	}
	if r.Ended != "" || !judged || open {
		return exitNone
	}
	return exitConforms
}

func verdictOf(exit int) string {
	switch exit {
	case exitConforms:
		return VerdictConforms
	case exitFindings:
		return VerdictFindings
	}
	return VerdictNone
}

// Seal sets Schema, Counts and Verdict, sorts the results, exchanges and behaviour, turns nil
// lists and maps into empty ones, times into UTC, and makes an [Error] of a case with a status that there is not.
// Sealing twice changes nothing.
func (r *Report) Seal() {
	r.Schema = SchemaID
	r.Started = inUTC(r.Started)
	r.Results = orEmpty(r.Results)
	r.Exchanges = orEmpty(r.Exchanges)
	r.Behaviour = orEmpty(r.Behaviour)
	r.Notes = orEmpty(r.Notes)
	if r.Target == nil {
		r.Target = map[string]string{}
	}
	if r.LeftOut == nil {
		r.LeftOut = map[string]string{}
	}
	r.Counts = make(map[Status]int, len(Statuses))
	for _, s := range Statuses {
		r.Counts[s] = 0
	}
	for i := range r.Results {
		c := &r.Results[i]
		c.Clauses = orEmpty(c.Clauses)
		c.Findings = orEmpty(c.Findings)
		if !slices.Contains(Statuses, c.Status) {
			c.Reason = fmt.Sprintf("report: status %s, want one of %q", quote(string(c.Status)), Statuses)
			c.Status = Error
		}
		r.Counts[c.Status]++
	}
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		x.Started = inUTC(x.Started)
		if x.Readings == nil {
			x.Readings = map[string]string{}
		}
	}
	slices.SortStableFunc(r.Results, func(a, b Result) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(r.Exchanges, func(a, b Exchange) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(r.Behaviour, func(a, b Behaviour) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Reading, b.Reading))
	})
	r.Verdict = verdictOf(r.Exit())
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// inUTC also drops the monotonic clock, so that a report equals itself after a way through a file.
func inUTC(t time.Time) time.Time { return t.Round(0).UTC() }

// sealed returns a sealed copy; r is left alone. Writers show the copy, so what they print always
// follows from the results.
func (r *Report) sealed() (*Report, error) {
	if r == nil {
		return nil, errors.New("report: there is no report (nil)")
	}
	c := *r
	c.Results = slices.Clone(r.Results)
	c.Exchanges = slices.Clone(r.Exchanges)
	c.Behaviour = slices.Clone(r.Behaviour)
	c.Seal()
	return &c, nil
}
