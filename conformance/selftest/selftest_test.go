package selftest_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// seeds is how many clean runs prove that nothing is reported without a fault: 20 here, 200 where
// the environment says so.
func seeds(t *testing.T) int {
	text := os.Getenv("FPCONFORM_SEEDS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("FPCONFORM_SEEDS=%q is no number of seeds", text)
	}
	return n
}

func TestEveryFaultIsCaughtByTheCheckOfItsClauseAndNothingElseIsReported(t *testing.T) {
	o := selftest.Options{Seed: 1, Seeds: seeds(t)}
	if underRace { // what it can find shows in a few; all are run without it
		for i := 0; i < len(mock.Scenarios); i += 5 {
			o.Scenarios = append(o.Scenarios, mock.Scenarios[i])
		}
	}
	m, err := selftest.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := m.Text(&b); err != nil {
		t.Fatal(err)
	}
	want := len(mock.Scenarios)
	if underRace {
		want = len(o.Scenarios)
	}
	if len(m.Rows) != want || len(mock.Scenarios) < 25 {
		t.Errorf("%d rows, want %d, of 25 scenarios or more; there are %d", len(m.Rows), want, len(mock.Scenarios))
	}
	if !m.Proven() {
		t.Errorf("the matrix does not prove the suite:\n%s", b.String())
	}
}

func TestAMatrixWithoutFaultsProvesNothing(t *testing.T) {
	m, err := selftest.Run(t.Context(), selftest.Options{Seed: 1, Scenarios: []mock.Scenario{}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Proven() {
		t.Error("a matrix without rows says that the suite is proven")
	}
}

func TestAFaultThatNobodyCatchesIsNotProven(t *testing.T) {
	harmless := mock.Scenario{ID: "harmless", Role: "gateway", Breaks: "SIG-7"}
	m, err := selftest.Run(t.Context(), selftest.Options{Seed: 1, Scenarios: []mock.Scenario{harmless}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Proven() {
		t.Error("a fault that shows nowhere counts as caught")
	}
}
