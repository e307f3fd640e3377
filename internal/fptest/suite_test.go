package fptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A team's own ginkgo suite takes the plan into its tree beside its own nodes, and fails where the
// plan finds something: its gateway is a handler in process, without a port.
func TestSomeoneElsesGinkgoSuiteTakesThePlan(t *testing.T) {
	if raceEnabled {
		t.Skip("the suite runs in a process of its own, which the race detector does not see")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ours, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.mod", strings.Replace(string(ours), "module "+modulePath+"\n",
		"module team.example/gateway\n\nrequire "+modulePath+" v0.0.0\n\nreplace "+modulePath+" => "+root(t)+"\n", 1))
	sum, err := os.ReadFile(filepath.Join(root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.sum", string(sum))
	write("suite_test.go", `package gateway_test

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fpconform/fpconform/conformance"
	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
)

func TestGateway(t *testing.T) {
	RegisterFailHandler(Fail)
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := selftest.MockOptions(1)
	if id := os.Getenv("FAULT"); id != "" {
		o.Scenario, _ = mock.ScenarioNamed(id)
	}
	pair, err := selftest.NewPair(c, o)
	if err != nil {
		t.Fatal(err)
	}
	options := pair.Options(c, 1)[0]
	options.Run = []string{"merchant.purchase.*"}
	plan, err := engine.Prepare(options)
	if err != nil {
		t.Fatal(err)
	}
	var results []report.Result
	conformance.Describe(plan, func(r []report.Result) { results = append(results, r...) })
	It("has nodes of its own", func() { Expect(1).To(Equal(1)) })
	RunSpecs(t, "our gateway")
	r := plan.Report(results)
	t.Logf("verdict %s, %d results", r.Verdict, len(r.Results))
}
`)
	env := []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOWORK=off"}
	out, err := goCommand(dir, env, "test", "-v", "./...")
	if err != nil || !strings.Contains(string(out), "verdict conforms") {
		t.Fatalf("against a right gateway: %v\n%s", err, out)
	}
	out, err = goCommand(dir, append(env, "FAULT=answer-unsigned"), "test", "-v", "./...")
	if err == nil {
		t.Fatal("against a gateway with a fault the suite passes")
	}
	if text := string(out) + err.Error(); !strings.Contains(text, "verdict findings") || !strings.Contains(text, "SIG-8") {
		t.Errorf("the output names neither verdict nor clause:\n%s", text)
	}
}
