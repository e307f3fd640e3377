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

// Where the orders run out, lawful variants say so too, and how many are needed: they are
// inconclusive, not left out in silence.
func TestWhereTheOrdersRunOutEveryCaseOfAcceptanceSaysHowManyAreNeeded(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := selftest.NewPair(c, selftest.MockOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	o := pair.Options(c, 1)[1]
	o.Target.Orders = []wire.Order{selftest.Orders()[0]} // enough for the check alone
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, res := range r.Results {
		if res.Operation != "callback.result" || !strings.HasPrefix(res.Check, "req.") {
			continue
		}
		seen[res.Probe] = true
		if res.Status != report.Inconclusive || !strings.Contains(res.Reason, "must name 3") {
			t.Errorf("%s: %s %q, want inconclusive and the number", res.ID, res.Status, res.Reason)
		}
	}
	for _, probe := range []string{"valid", "sig-tampered", "extra-field", "repeated", "failed"} {
		if !seen[probe] {
			t.Errorf("%s was not judged", probe)
		}
	}
	if r.Exit() != 3 {
		t.Errorf("exit code %d, want 3", r.Exit())
	}
}
