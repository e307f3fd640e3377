package engine_test

import (
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
)

// known runs the payment init and its status with entries of the configuration, over a peer that loses
// the answer to sig-tampered, says neither yes nor no to sig-missing, takes sig-other-secret and warns
// about nothing.
func known(t *testing.T, entries map[string]string, more func(*engine.Options)) *report.Report {
	t.Helper()
	b := bench{seed: 1, options: func(o *engine.Options) {
		o.Run, o.Known = []string{create}, entries
		if more != nil {
			more(o)
		}
	}}
	b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		switch {
		case judged(d, create, "sig-tampered"):
			return lost(d)
		case judged(d, create, "sig-missing"):
			return built(d, &wire.Response{Status: 200, Root: "response"}, nil)
		}
		return nil
	}
	r, _ := b.run(t)
	return r
}

const (
	inError   = create + "/sig-tampered/req.refused"
	unclear   = create + "/sig-missing/req.refused"
	passing   = create + "/sig-other-secret/req.refused"
	elsewhere = status + "/valid/req.accepted"
)

func TestAKnownCaseThatEndsInconclusiveOrInErrorIsExcused(t *testing.T) {
	r := known(t, map[string]string{inError: "the sandbox resets it", unclear: "it says nothing"}, nil)
	for id, reason := range map[string]string{inError: "the sandbox resets it", unclear: "it says nothing"} {
		if res := result(t, r, id); res.Known != reason || !res.Excused() {
			t.Errorf("%s: known %q, excused %v", id, res.Known, res.Excused())
		}
	}
	only(t, r, report.Fail, create+"/sig-missing/msg.status") // that stays one
}

func TestAKnownEntryThatIsStaleIsAFinding(t *testing.T) {
	for id, want := range map[string]string{
		passing:                                "pass",
		create + "/sig-missing/msg.status":     "fail",
		create + "/sig-tampered/req.refuse":    create + "/sig-tampered/req.refuse",
		create + "/sig-tampered":               create + "/sig-tampered",
		"merchant.nobody/valid/req.accepted":   "merchant.nobody/valid/req.accepted",
		"invoice.merchant.info/valid/msg.http": "invoice.merchant.info/valid/msg.http", // known by name only
		"":                                     "",
		"**":                                   "**",
	} {
		r := known(t, map[string]string{id: "because"}, nil)
		res := result(t, r, "kit/known/"+id)
		if res.Status != report.Fail || len(res.Findings) != 1 || res.Findings[0].Clause != "KIT-1" || res.Findings[0].Got != want {
			t.Errorf("%q: %s %+v, want a finding about KIT-1 with %q", id, res.Status, res.Findings, want)
		}
		if r.Exit() != 1 {
			t.Errorf("%q: exit code %d, want 1", id, r.Exit())
		}
		if id != create+"/sig-missing/msg.status" {
			continue
		}
		if res := result(t, r, id); res.Known != "" || res.Status != report.Fail {
			t.Errorf("%s: %s, known %q: a finding is never excused", id, res.Status, res.Known)
		}
	}
}

// What was not selected, what was skipped and what belongs to the other role is left alone.
func TestAKnownEntryThatWasNotJudgedIsLeftAlone(t *testing.T) {
	entries := map[string]string{
		elsewhere:                              "not selected",
		"callback.check/valid/req.accepted":    "of the other role",
		cardInit + "/unknown-token/msg.parses": "needs a value that is given",
	}
	r := known(t, entries, nil)
	for _, res := range r.Results {
		if res.Operation == "kit" {
			t.Errorf("%s: %v", res.ID, res.Findings)
		}
	}
	r = known(t, map[string]string{create + "/valid/req.accepted": "not allowed"}, func(o *engine.Options) {
		o.Target.Allow = []catalogue.Effect{toRead}
	})
	for _, res := range r.Results {
		if res.Operation == "kit" {
			t.Errorf("%s: %v", res.ID, res.Findings)
		}
	}
	r = known(t, map[string]string{create + "/sig-tampered/err.code-fits": "x"}, func(o *engine.Options) {
		o.Run = []string{create + "/sig-missing"}
	})
	for _, res := range r.Results {
		if res.Operation == "kit" {
			t.Errorf("%s: %v", res.ID, res.Findings)
		}
	}
}

// A run whose only open cases are known conforms; with one that is not it has no verdict.
func TestTheExitCodeOfKnownCases(t *testing.T) {
	run := func(entries map[string]string) int {
		b := bench{seed: 1, options: func(o *engine.Options) {
			o.Run, o.Known = []string{create + "/sig-missing", create + "/sig-tampered"}, entries
		}}
		b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
			if judged(d, create, "sig-tampered") {
				return lost(d)
			}
			return nil
		}
		r, _ := b.run(t)
		return r.Exit()
	}
	all := map[string]string{}
	b := bench{seed: 1, options: selects(create + "/sig-tampered")}
	r, _ := b.run(t)
	for _, res := range r.Results {
		if res.Probe == "sig-tampered" {
			all[res.ID] = "the sandbox resets it"
		}
	}
	if got := run(all); got != 0 {
		t.Errorf("every open case is known: exit code %d, want 0", got)
	}
	delete(all, inError)
	if got := run(all); got != 3 {
		t.Errorf("one open case is not known: exit code %d, want 3", got)
	}
}

// Two roles are judged with one configuration, and their reports are merged.
func TestAStaleKnownEntryIsReportedOnceForBothRoles(t *testing.T) {
	pair, err := selftest.NewPair(theCatalogue(t), selftest.MockOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	var parts []*report.Report
	both := pair.Options(theCatalogue(t), 1)
	for i := range both {
		both[i].Known = map[string]string{"merchant.nobody/valid/req.accepted": "because", passing: "because", checkCB + "/valid/req.accepted": "because"}
		both[i].Run = []string{create + "/sig-other-secret", checkCB + "/valid"}
	}
	if err := engine.SplitKnown(both); err != nil {
		t.Fatal(err)
	}
	for _, o := range both {
		r, err := engine.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, r)
	}
	r, err := report.Merge(parts...)
	if err != nil {
		t.Fatal(err)
	}
	stale := 0
	for _, res := range r.Results {
		if strings.HasPrefix(res.ID, "kit/") {
			stale++
		}
	}
	if stale != 3 {
		t.Errorf("%d stale entries are reported, want 3", stale)
	}
}
