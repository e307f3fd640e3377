package report

import (
	"reflect"
	"testing"
)

func TestExit(t *testing.T) {
	a := func(s Status) Result { return Result{ID: "a", Status: s} }
	k := func(s Status) Result { return Result{ID: "k", Status: s, Known: "ticket 17"} }
	for _, c := range []struct {
		name    string
		results []Result
		ended   string
		want    int
	}{
		{"conforms when all pass", []Result{a(Pass)}, "", 0},
		{"conforms when the only case that passed has a warning", []Result{a(Warn)}, "", 0},
		{"conforms beside skips", []Result{a(Pass), a(Skip)}, "", 0},
		{"conforms when what is inconclusive is known", []Result{a(Pass), k(Inconclusive)}, "", 0},
		{"conforms when what is in error is known", []Result{a(Pass), k(Error)}, "", 0},
		{"finds one failure among many that pass", []Result{a(Pass), a(Pass), a(Fail)}, "", 1},
		{"finds a failure that known names", []Result{k(Fail)}, "", 1},
		{"finds a failure in a run that was interrupted", []Result{a(Fail)}, EndedInterrupted, 1},
		{"finds a failure beside open cases, which come first", []Result{a(Error), a(Inconclusive), a(Fail)}, "", 1},
		{"has no verdict without results", nil, "", 3},
		{"has no verdict when everything was skipped", []Result{a(Skip), a(Skip)}, "", 3},
		{"has no verdict when all that was asked is known to be open", []Result{k(Inconclusive), k(Error), a(Skip)}, "", 3},
		{"has no verdict when one case is inconclusive", []Result{a(Pass), a(Inconclusive)}, "", 3},
		{"has no verdict when one case is in error", []Result{a(Pass), a(Error)}, "", 3},
		{"has no verdict when one open case is known and one is not", []Result{a(Pass), k(Error), a(Error)}, "", 3},
		{"has no verdict when interrupted", []Result{a(Pass)}, EndedInterrupted, 3},
		{"has no verdict when out of time", []Result{a(Pass)}, EndedMaxTime, 3},
		{"has no verdict when unreachable", []Result{a(Pass)}, EndedUnreachable, 3},
		{"has no verdict when a case has no status", []Result{a(Pass), a("")}, "", 3},
		{"has no verdict when a case has a status that there is not", []Result{a(Pass), a("passed")}, "", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Report{Results: c.results, Ended: c.ended}
			if got := r.Exit(); got != c.want {
				t.Errorf("exit: got %d, want %d", got, c.want)
			}
			if got, want := r.Conforms(), c.want == 0; got != want {
				t.Errorf("conforms: got %v, want %v", got, want)
			}
			r.Seal()
			if got, want := r.Verdict, map[int]string{0: "conforms", 1: "findings", 3: "no-verdict"}[c.want]; got != want {
				t.Errorf("verdict: got %q, want %q", got, want)
			}
			if got := r.Exit(); got != c.want {
				t.Errorf("exit once sealed: got %d, want %d", got, c.want)
			}
			r.Partial = true
			r.Results = append(r.Results, a(Skip))
			if len(c.results) > 0 && c.results[0].Status == Pass {
				r.Results = append(r.Results, a(Warn))
			}
			if got := r.Exit(); got != c.want {
				t.Errorf("exit with a skip and a warning more: got %d, want %d", got, c.want)
			}
		})
	}
	t.Run("has no verdict without a report", func(t *testing.T) {
		var r *Report
		if r.Exit() != 3 || r.Conforms() {
			t.Errorf("got exit %d, conforms %v; want 3, false", r.Exit(), r.Conforms())
		}
	})
}

func TestSeal(t *testing.T) {
	t.Run("believes neither verdict nor counts that it finds", func(t *testing.T) {
		r := everyStatus()
		r.Verdict, r.Counts = VerdictConforms, map[Status]int{Pass: 1000}
		r.Seal()
		want := map[Status]int{Pass: 1, Warn: 1, Fail: 4, Inconclusive: 2, Error: 2, Skip: 1}
		if r.Verdict != VerdictFindings || !reflect.DeepEqual(r.Counts, want) {
			t.Errorf("got %q %v, want %q %v", r.Verdict, r.Counts, VerdictFindings, want)
		}
	})
	t.Run("sorts, whatever order the cases ran in", func(t *testing.T) {
		a, b := everyStatus(), everyStatus()
		for i, j := 0, len(b.Results)-1; i < j; i, j = i+1, j-1 {
			b.Results[i], b.Results[j] = b.Results[j], b.Results[i]
		}
		b.Exchanges[0], b.Exchanges[1] = b.Exchanges[1], b.Exchanges[0]
		b.Behaviour[0], b.Behaviour[1] = b.Behaviour[1], b.Behaviour[0]
		a.Seal()
		b.Seal()
		if !reflect.DeepEqual(a, b) {
			t.Errorf("got %+v, want %+v", b, a)
		}
	})
	t.Run("makes an error of a status that there is not and names it", func(t *testing.T) {
		r := &Report{Results: []Result{{ID: "a", Status: "PASS"}}}
		r.Seal()
		if c := r.Results[0]; c.Status != Error || c.Reason != `report: status "PASS", want one of ["pass" "warn" "fail" "inconclusive" "error" "skip"]` {
			t.Errorf("got %s %q", c.Status, c.Reason)
		}
	})
	t.Run("twice changes nothing", func(t *testing.T) {
		for name, fixture := range fixtures {
			a, b := fixture(), fixture()
			a.Seal()
			b.Seal()
			b.Seal()
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: got %+v, want %+v", name, b, a)
			}
		}
	})
}
