package jws_test

import (
	"testing"

	"github.com/fpconform/fpconform/jws"
)

// Budgets, not measurements: what a run with many operations may cost.
func TestAllocationBudgets(t *testing.T) {
	p := jws.Profile{Alg: jws.HS512, Target: "path", Identity: "merchant_id", Number: true}
	k := jws.NewKey(benchSecret)
	token, err := p.Sign(benchRequest, k)
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(100, func() { sink, _ = p.Sign(benchRequest, k) }); got > 18 {
		t.Errorf("Sign: %v allocations, want at most 18", got)
	}
	if got := testing.AllocsPerRun(100, func() { p.Verify(token, benchRequest, k) }); got > 160 {
		t.Errorf("Verify: %v allocations, want at most 160", got)
	}
}
