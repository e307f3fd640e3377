package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	ginkgotypes "github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
)

// Describe adds a plan to the ginkgo tree that is being built: interface, operation, probe; one spec
// for each of the plan's. It may be called from anyone's own suite. sink gets the results of each
// spec that runs, for [engine.Plan.Report]; it is never called by two specs at once.
func Describe(p *engine.Plan, sink func([]report.Result)) {
	ginkgo.Describe("fpconform "+string(p.Role), func() {
		for _, group := range byOperation(p.Specs) {
			ginkgo.Describe(group[0].operation(), func() {
				for _, s := range group {
					ginkgo.It(s.ID, ginkgo.Label(s.Labels...), func(ctx ginkgo.SpecContext) {
						results := s.Run(ctx)
						sink(results)
						gomega.NewWithT(ginkgo.GinkgoT()).Expect(results).To(Conform())
					})
				}
			})
		}
	})
}

type spec struct{ engine.Spec }

func (s spec) operation() string {
	operation, _, _ := strings.Cut(s.ID, "/")
	return operation
}

func byOperation(specs []engine.Spec) [][]spec {
	var out [][]spec
	for _, s := range specs {
		next := spec{s}
		if n := len(out); n > 0 && out[n-1][0].operation() == next.operation() {
			out[n-1] = append(out[n-1], next)
			continue
		}
		out = append(out, []spec{next})
	}
	return out
}

// mutex serialises runs: ginkgo's tree, output and configuration are global.
var mutex sync.Mutex

// Run runs the suite inside any program, a plan for each o, and returns one report. Nothing is
// printed. Runs are serialised, since ginkgo's state is global. The error is about the options;
// then nothing was sent.
func Run(ctx context.Context, o ...engine.Options) (*report.Report, error) {
	plans, err := prepare(o)
	if err != nil {
		return nil, err
	}
	return RunPlans(ctx, plans...)
}

// prepare plans for every role. Nothing selected in any of them is an error.
func prepare(o []engine.Options) ([]*engine.Plan, error) {
	o = slices.Clone(o)
	if err := engine.SplitKnown(o); err != nil {
		return nil, err
	}
	var plans []*engine.Plan
	cases := 0
	for _, options := range o {
		p, err := engine.Prepare(options)
		if err != nil {
			return nil, err
		}
		cases += len(p.Specs) + len(p.LeftOut)
		plans = append(plans, p)
	}
	if cases == 0 {
		return nil, engine.ErrNothing
	}
	return plans, nil
}

// ErrSpent is returned for plans that ran before: a plan is for one run.
var ErrSpent = errors.New("conformance: a plan may be run once")

// RunPlans is [Run] for plans that were prepared before, each of which may be run once.
func RunPlans(ctx context.Context, plans ...*engine.Plan) (*report.Report, error) {
	mutex.Lock()
	defer mutex.Unlock()
	var reports []*report.Report
	for _, p := range plans {
		r, err := runOne(ctx, p)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return report.Merge(reports...)
}

func runOne(ctx context.Context, p *engine.Plan) (*report.Report, error) {
	if !p.Begin() {
		return nil, ErrSpent
	}
	if len(p.Specs) == 0 {
		return p.Report(nil), nil // ginkgo has nothing to run, and nothing was sent
	}
	globals.Reset()
	out := formatter.ColorableStdOut
	formatter.ColorableStdOut = io.Discard // ours is the only voice in the program
	defer func() { formatter.ColorableStdOut = out }()

	// ginkgo takes the signals while it runs and keeps them afterwards; the caller's context has
	// them already.
	defer signal.Reset(os.Interrupt, syscall.SIGTERM)

	var mu sync.Mutex
	var results []report.Result
	wait := p.Start(ctx)
	defer wait()
	Describe(p.Bound(ctx), func(r []report.Result) {
		mu.Lock()
		defer mu.Unlock()
		results = append(results, r...)
	})
	suite, reporter := ginkgotypes.NewDefaultSuiteConfig(), ginkgotypes.NewDefaultReporterConfig()
	suite.GracePeriod = 2 * time.Second
	suite.Timeout = 24 * time.Hour // the engine bounds the run
	reporter.NoColor = true
	ginkgo.RunSpecs(&failure{}, "fpconform", suite, reporter)
	globals.Reset()
	wait()
	mu.Lock()
	defer mu.Unlock()
	return p.Report(results), nil
}

// failure is what ginkgo tells that a spec failed. The verdict comes from the report.
type failure struct{}

func (*failure) Fail() {}

// RunT runs the suite under go test, with ginkgo's own output and its -ginkgo.* flags. What a label
// filter leaves out is not sent. t is usually a *testing.T; it fails if the report does not conform.
// RunT owns ginkgo's tree while it runs: a suite with nodes of its own uses [Describe].
func RunT(t ginkgo.GinkgoTestingT, o ...engine.Options) (*report.Report, error) {
	plans, err := prepare(o)
	if err != nil {
		t.Fail()
		return nil, err
	}
	mutex.Lock()
	defer mutex.Unlock()
	globals.Reset()
	defer globals.Reset()
	var mu sync.Mutex
	results := make([][]report.Result, len(plans))
	for i, p := range plans {
		if !p.Begin() {
			return nil, ErrSpent
		}
		Describe(p, func(r []report.Result) {
			mu.Lock()
			defer mu.Unlock()
			results[i] = append(results[i], r...)
		})
	}
	ginkgo.RunSpecs(t, "fpconform")
	var reports []*report.Report
	for i, p := range plans {
		reports = append(reports, p.Report(results[i]))
	}
	r, err := report.Merge(reports...)
	if err != nil || !r.Conforms() {
		t.Fail()
	}
	return r, err
}

// Test runs the plans under go test without ginkgo: a subtest for each operation and probe. A spec
// that does not conform fails its subtest, and a report that does not conform fails t.
func Test(t *testing.T, o ...engine.Options) *report.Report {
	t.Helper()
	plans, err := prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	var reports []*report.Report
	for _, p := range plans {
		var results []report.Result
		for _, s := range p.Specs {
			t.Run(s.ID, func(t *testing.T) {
				got := s.Run(t.Context())
				results = append(results, got...)
				if ok, _ := Conform().Match(got); !ok {
					t.Error(Conform().FailureMessage(got))
				}
			})
		}
		reports = append(reports, p.Report(results))
	}
	r, err := report.Merge(reports...)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Conforms() {
		t.Errorf("the verdict is %s, exit code %d", r.Verdict, r.Exit())
	}
	return r
}

// Conform matches the results of a spec if none is fail, error or inconclusive; its failure message
// is the findings.
func Conform() gomega.OmegaMatcher { return conform{} }

type conform struct{}

func (conform) Match(actual any) (bool, error) {
	results, ok := actual.([]report.Result)
	if !ok {
		return false, fmt.Errorf("conformance: Conform matches []report.Result, got %T", actual)
	}
	return len(bad(results)) == 0, nil
}

func bad(results []report.Result) []report.Result {
	var out []report.Result
	for _, r := range results {
		switch r.Status {
		case report.Pass, report.Warn, report.Skip:
		default:
			if !r.Excused() {
				out = append(out, r)
			}
		}
	}
	return out
}

func (conform) FailureMessage(actual any) string {
	results, _ := actual.([]report.Result)
	var b strings.Builder
	for _, r := range bad(results) {
		fmt.Fprintf(&b, "%s %s", strings.ToUpper(string(r.Status)), r.ID)
		if r.Reason != "" {
			fmt.Fprintf(&b, ": %s", r.Reason)
		}
		b.WriteByte('\n')
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "  %s %s\n  at   %s\n  got  %s\n  want %s\n", f.Clause, f.Text, f.Path, f.Got, f.Want)
		}
	}
	return b.String()
}

func (conform) NegatedFailureMessage(any) string {
	return "expected a result that is fail, error or inconclusive, and there is none"
}
