package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/onsi/ginkgo/v2/formatter"

	"github.com/fpconform/fpconform/conformance"
	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/internal/config"
)

func load(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pair(t testing.TB, seed uint64, scenario string) []engine.Options {
	t.Helper()
	o := selftest.MockOptions(seed)
	if scenario != "" {
		s, ok := mock.ScenarioNamed(scenario)
		if !ok {
			t.Fatalf("there is no scenario %s", scenario)
		}
		o.Scenario = s
	}
	p, err := selftest.NewPair(load(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return p.Options(load(t), seed)
}

// TestConformance is the suite under go test: against the embedded peers, or against the target that
// the environment names. -ginkgo.label-filter leaves operations out, which are then not sent.
func TestConformance(t *testing.T) {
	options := pair(t, 1, "")
	if os.Getenv("FPCONFORM_TARGET") != "" || os.Getenv("FPCONFORM_CHECK_URL") != "" || os.Getenv("FPCONFORM_RESULT_URL") != "" {
		options = fromEnvironment(t)
	}
	r, err := conformance.RunT(t, options...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := report.Text(report.TextOptions{})(&b, r); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + b.String())
}

// The plain driver and ginkgo give the same report over the same peer and seed.
func TestDriversAgree(t *testing.T) {
	for _, scenario := range []string{"", "answer-other-secret", "pays-twice", "merchant-other-script"} {
		t.Run("scenario "+scenario, func(t *testing.T) {
			var plain []*report.Report
			for _, o := range pair(t, 5, scenario) {
				r, err := engine.Run(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				plain = append(plain, r)
			}
			want, err := report.Merge(plain...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := conformance.Run(t.Context(), pair(t, 5, scenario)...)
			if err != nil {
				t.Fatal(err)
			}
			ignore := cmp.Options{
				cmpopts.IgnoreFields(report.Report{}, "Started", "Took", "Exchanges"), // salts, times
				cmpopts.IgnoreFields(report.Result{}, "Took"),
				cmpopts.IgnoreFields(report.Finding{}, "Got"), // ends of signatures
			}
			if diff := cmp.Diff(want, got, ignore); diff != "" {
				t.Errorf("engine.Run (-) and conformance.Run (+) differ:\n%s", diff)
			}
			if len(want.Exchanges) != len(got.Exchanges) {
				t.Errorf("%d exchanges, want %d", len(got.Exchanges), len(want.Exchanges))
			}
			if scenario == "" != got.Conforms() {
				t.Errorf("conforms: %v", got.Conforms())
			}
		})
	}
}

// ginkgo is silent inside a program, and its output is put back afterwards.
func TestRunIsSilentAndPutsGinkgosOutputBack(t *testing.T) {
	var b bytes.Buffer
	old := formatter.ColorableStdOut
	formatter.ColorableStdOut = &b
	defer func() { formatter.ColorableStdOut = old }()
	if _, err := conformance.Run(t.Context(), pair(t, 2, "answer-unsigned")...); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 {
		t.Errorf("ginkgo printed %q", b.String())
	}
	if formatter.ColorableStdOut != io.Writer(&b) {
		t.Error("ginkgo's output was not put back")
	}
}

func TestRunMayBeCalledAgainAndAgain(t *testing.T) {
	for range 3 {
		r, err := conformance.Run(t.Context(), pair(t, 2, "")...)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Conforms() || len(r.Results) < 1000 {
			t.Fatalf("verdict %s with %d results", r.Verdict, len(r.Results))
		}
	}
}

func TestAPlanRunsOnce(t *testing.T) {
	p, err := engine.Prepare(pair(t, 2, "")[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conformance.RunPlans(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := conformance.RunPlans(t.Context(), p); err != conformance.ErrSpent {
		t.Errorf("the second run gave %v, want ErrSpent", err)
	}
}

// A check that crashes is an error of its own cases: nothing of it is lost, and the run does not end
// as if it had passed.
func TestACheckThatCrashesIsAnErrorAndNoVerdict(t *testing.T) {
	o := pair(t, 3, "")[0]
	o.Run = []string{"merchant.purchase.create/valid"}
	o.Checks = append([]check.Check(nil), check.Checks...)
	for i := range o.Checks {
		if o.Checks[i].ID == "msg.root" {
			o.Checks[i].Look = func(*check.Scope, *check.Seen) ([]report.Finding, string) { panic("a bug") }
		}
	}
	r, err := conformance.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	crashed := 0
	for _, res := range r.Results {
		if res.Check == "msg.root" {
			crashed++
			if res.Status != report.Error || !strings.Contains(res.Reason, "a bug") {
				t.Errorf("%s is %s (%s), want an error that names the bug", res.ID, res.Status, res.Reason)
			}
		}
	}
	if crashed != 1 || r.Exit() != 3 {
		t.Errorf("%d cases crashed, exit code %d; want 1 and 3", crashed, r.Exit())
	}
}

func TestAnInterruptedRunIsNoVerdictAndItsReportIsComplete(t *testing.T) {
	o := pair(t, 3, "")[0]
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	inner := o.Target.Handler
	o.Target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 20 {
			cancel()
		}
		inner.ServeHTTP(w, r)
	})
	plan, err := engine.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	planned := 0
	for _, s := range plan.Specs {
		planned += len(s.Cases)
	}
	planned += len(plan.LeftOut)
	r, err := conformance.RunPlans(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	if r.Ended != report.EndedInterrupted || r.Exit() != 3 {
		t.Errorf("ended %q, exit code %d; want interrupted and 3", r.Ended, r.Exit())
	}
	if !r.Partial || r.LeftOut["merchant.purchase.status"] == "" {
		t.Errorf("partial %v, left out %v; want what was not reached", r.Partial, r.LeftOut)
	}
	if len(r.Results) != planned {
		t.Errorf("%d results for %d planned cases", len(r.Results), planned)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}

// A target may be a handler or an address; the verdict is the same.
func TestAHandlerAndAnAddressGiveTheSameVerdict(t *testing.T) {
	o := pair(t, 4, "refusal-other-secret")[0]
	inProcess, err := conformance.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o = pair(t, 4, "refusal-other-secret")[0]
	srv := httptest.NewServer(o.Target.Handler)
	defer srv.Close()
	base, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.Target.Handler, o.Target.Base = nil, base
	overLoopback, err := conformance.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inProcess.Counts, overLoopback.Counts); diff != "" {
		t.Errorf("in process (-) and over loopback (+):\n%s", diff)
	}
}

func TestNothingSelectedIsAnErrorAndNothingIsSent(t *testing.T) {
	both := pair(t, 2, "")
	for i := range both {
		inner := both[i].Target.Handler
		both[i].Target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			t.Errorf("%s was sent", r.URL.Path)
			inner.ServeHTTP(w, r)
		})
		both[i].Skip = []string{"**"}
	}
	if _, err := conformance.Run(t.Context(), both...); !errors.Is(err, engine.ErrNothing) {
		t.Errorf("got %v, want ErrNothing", err)
	}
}

func TestAKnownCaseThatThereIsNotIsReportedOnce(t *testing.T) {
	both := pair(t, 2, "")
	for i := range both {
		both[i].Known = map[string]string{"no.such.operation/valid/req.accepted": "we were told so"}
	}
	r, err := conformance.Run(t.Context(), both...)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, res := range r.Results {
		for _, f := range res.Findings {
			if f.Clause == "KIT-1" {
				n++
			}
		}
	}
	if n != 1 || r.Exit() != 1 {
		t.Errorf("%d findings of KIT-1, exit code %d; want 1 and 1", n, r.Exit())
	}
}

func TestConformMatchesWhatIsNoFindingAndSaysWhatIs(t *testing.T) {
	m := conformance.Conform()
	good := []report.Result{{Status: report.Pass}, {Status: report.Warn}, {Status: report.Skip}, {Status: report.Error, Known: "we know"}}
	if ok, err := m.Match(good); err != nil || !ok {
		t.Errorf("pass, warn, skip and a known error do not match: %v", err)
	}
	for _, bad := range []report.Status{report.Fail, report.Error, report.Inconclusive, ""} {
		r := []report.Result{{ID: "a/b/c", Status: bad, Findings: []report.Finding{{Clause: "SIG-7", Got: "this", Want: "that"}}}}
		if ok, _ := m.Match(r); ok {
			t.Errorf("%q matches", bad)
		}
		if text := m.FailureMessage(r); !strings.Contains(text, "a/b/c") || !strings.Contains(text, "SIG-7") {
			t.Errorf("the message names neither case nor clause: %s", text)
		}
	}
	if _, err := m.Match("no results"); err == nil {
		t.Error("matching a text is no error")
	}
}

func TestPlainSubtestsJudgeTheSame(t *testing.T) {
	o := pair(t, 1, "")[1]
	r := conformance.Test(t, o)
	if !r.Conforms() {
		t.Errorf("verdict %s", r.Verdict)
	}
}

// fromEnvironment is what FPCONFORM_TARGET and the other variables of the command name.
func fromEnvironment(t *testing.T) []engine.Options {
	t.Helper()
	c, err := config.Load(config.Source{LookupEnv: os.LookupEnv})
	if err != nil {
		t.Fatal(err)
	}
	var out []engine.Options
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		if c.Has(role) {
			out = append(out, c.Options(role))
		}
	}
	return out
}
