package selftest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
)

// Options say what to prove.
type Options struct {
	Catalogue *catalogue.Catalogue // nil means the built-in one
	Seed      uint64               // of the first run; the clean runs take this one and those after it
	Seeds     int                  // clean runs; 0 means one
	Scenarios []mock.Scenario      // nil means all
}

// A Row is one fault, and what the suite made of it.
type Row struct {
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	Role     string   `json:"role"`
	Breaks   string   `json:"breaks"`
	Follows  []string `json:"follows"`
	Caught   []string `json:"caught"` // checks that reported the broken clause
	Also     []string `json:"also"`   // checks that reported a clause that follows from it
	Beyond   []string `json:"beyond"` // cases that reported something else: check, clause and case
	Cases    int      `json:"cases"`  // that reported anything
}

// Proven tells whether the fault was caught by a check of its clause, and nothing else was said.
func (r *Row) Proven() bool { return len(r.Caught) > 0 && len(r.Beyond) == 0 }

// A Matrix is what the suite made of every fault, and of peers without one.
type Matrix struct {
	Rows     []Row         `json:"rows"`
	Clean    []string      `json:"clean"`    // what was reported without a fault: seed and case
	Unproven []string      `json:"unproven"` // checks that no fault triggers
	Seed     uint64        `json:"seed"`
	Seeds    int           `json:"seeds"`
	Requests int           `json:"requests"`
	Cases    int           `json:"cases"`
	Took     time.Duration `json:"took_ns"`
}

// Proven tells whether every fault was caught by the check of its clause and nothing else was
// reported, with it or without.
func (m *Matrix) Proven() bool {
	for i := range m.Rows {
		if !m.Rows[i].Proven() {
			return false
		}
	}
	return len(m.Rows) > 0 && len(m.Clean) == 0 && len(m.Unproven) == 0
}

// Run proves the suite. The error is about the options or the context.
func Run(ctx context.Context, o Options) (*Matrix, error) {
	started := time.Now()
	if o.Catalogue == nil {
		c, err := catalogue.Load()
		if err != nil {
			return nil, err
		}
		o.Catalogue = c
	}
	all := o.Scenarios == nil
	if all {
		o.Scenarios = mock.Scenarios
	}
	m := &Matrix{Seed: o.Seed, Seeds: max(o.Seeds, 1)}
	for i := range m.Seeds {
		seed := o.Seed + uint64(i)
		for _, r := range m.mustJudge(ctx, o, seed, nil, &m.Clean) {
			for _, line := range said(r) {
				m.Clean = append(m.Clean, fmt.Sprintf("seed %d: %s", seed, line))
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	triggered := map[string]bool{}
	for i := range o.Scenarios {
		s := &o.Scenarios[i]
		row := Row{Scenario: s.ID, Title: s.Title, Role: string(s.Role), Breaks: string(s.Breaks)}
		for _, id := range s.Follows {
			row.Follows = append(row.Follows, string(id))
		}
		for _, r := range m.mustJudge(ctx, o, o.Seed, s, &row.Beyond) {
			row.add(o.Catalogue, r, triggered)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m.Rows = append(m.Rows, row)
	}
	if all {
		for _, c := range check.Checks {
			if !triggered[c.ID] && len(c.Clauses) > 0 && !onlyShows(o.Catalogue, &c) {
				m.Unproven = append(m.Unproven, c.ID)
			}
		}
	}
	m.Took = time.Since(started)
	return m, nil
}

// onlyShows tells whether a check records a reading and cannot fail by itself.
func onlyShows(c *catalogue.Catalogue, k *check.Check) bool {
	for _, id := range k.Clauses {
		if clause, ok := c.Clause(id); !ok || !clause.Disputed() {
			return false
		}
	}
	return k.Shows != nil
}

// mustJudge runs the suite over a fresh pair with one fault, or none; what keeps it from running is
// itself something to report.
func (m *Matrix) mustJudge(ctx context.Context, o Options, seed uint64, s *mock.Scenario, trouble *[]string) []*report.Report {
	mo := MockOptions(seed)
	mo.Scenario = s
	pair, err := NewPair(o.Catalogue, mo)
	if err != nil {
		*trouble = append(*trouble, err.Error())
		return nil
	}
	var out []*report.Report
	for _, options := range pair.Options(o.Catalogue, seed) {
		if s != nil && options.Role != s.Role {
			continue
		}
		if s != nil {
			options.Run = shows(o.Catalogue, s)
		}
		r, err := engine.Run(ctx, options)
		if err != nil {
			*trouble = append(*trouble, err.Error())
			continue
		}
		m.Requests += len(r.Exchanges)
		for _, res := range r.Results {
			if res.Status != report.Skip {
				m.Cases++
			}
		}
		out = append(out, r)
	}
	return out
}

// shows selects what a fault can show in: the operations that it acts on, those that take what these
// hand out, and of all others the control, which shows that the keys are right.
func shows(c *catalogue.Catalogue, s *mock.Scenario) []string {
	if len(s.Operations) == 0 {
		return nil
	}
	patterns := append([]string{"*/" + check.Valid}, s.Operations...)
	for _, op := range c.Operations {
		for _, f := range op.Request.Fields {
			if parent, _, ok := f.Source(); ok && op.Sendable() && slices.Contains(s.Operations, parent) {
				patterns = append(patterns, op.ID)
			}
		}
	}
	for _, p := range check.Probes {
		for _, step := range p.State.Steps() {
			if slices.Contains(s.Operations, step) {
				patterns = append(patterns, "*/"+p.ID)
			}
		}
	}
	return patterns
}

// said lists everything that a report says against its peer: findings, warnings, errors and
// inconclusive cases.
func said(r *report.Report) []string {
	var out []string
	for _, res := range r.Results {
		switch res.Status {
		case report.Pass, report.Skip:
			continue
		}
		line := string(res.Status) + " " + res.ID
		for _, f := range res.Findings {
			line += " " + f.Clause + " " + f.Message + " (" + f.Got + ")"
		}
		if res.Reason != "" {
			line += ": " + res.Reason
		}
		out = append(out, line)
	}
	return out
}

func (row *Row) add(c *catalogue.Catalogue, r *report.Report, triggered map[string]bool) {
	caught, also := map[string]bool{}, map[string]bool{}
	spoiled := spoiledControls(c, r)
	for _, res := range r.Results {
		switch res.Status {
		case report.Pass, report.Skip:
			continue
		case report.Fail, report.Warn:
		case report.Inconclusive:
			if spoiled[res.Operation] || spoiled[res.Operation+"/"+res.Probe] {
				continue // a negative beside a control that the fault spoiled proves nothing
			}
			row.Beyond = append(row.Beyond, string(res.Status)+" "+res.ID+": "+res.Reason)
			continue
		default:
			row.Beyond = append(row.Beyond, string(res.Status)+" "+res.ID+": "+res.Reason)
			continue
		}
		row.Cases++
		for _, f := range res.Findings {
			switch {
			case f.Clause == row.Breaks:
				caught[res.Check], triggered[res.Check] = true, true
			case slices.Contains(row.Follows, f.Clause):
				also[res.Check], triggered[res.Check] = true, true
			default:
				row.Beyond = append(row.Beyond, res.ID+" "+f.Clause+" "+f.Message+" ("+f.Got+")")
			}
		}
	}
	row.Caught, row.Also = keys(caught), keys(also)
}

// spoiledControls are the operations whose control, or that of an operation which hands out what they
// need, has a finding of its own; besides the single specs with a finding.
func spoiledControls(c *catalogue.Catalogue, r *report.Report) map[string]bool {
	out := map[string]bool{}
	for _, res := range r.Results {
		if res.Status == report.Fail || res.Status == report.Warn {
			out[res.Operation+"/"+res.Probe] = true // one answer, looked at by several checks
			if res.Probe == check.Valid {
				out[res.Operation] = true
			}
		}
	}
	for _, p := range check.Probes {
		for _, step := range p.State.Steps() {
			if out[step] {
				for _, op := range c.Operations {
					out[op.ID+"/"+p.ID] = true
				}
			}
		}
	}
	for _, op := range c.Operations {
		for _, f := range op.Request.Fields {
			if parent, _, ok := f.Source(); ok && out[parent] {
				out[op.ID] = true
			}
		}
	}
	return out
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Text prints the matrix: a line a fault, with the checks that caught it.
func (m *Matrix) Text(w io.Writer) error {
	var b strings.Builder
	wide := 0
	for _, row := range m.Rows {
		wide = max(wide, len(row.Scenario))
	}
	for _, row := range m.Rows {
		mark := "caught"
		if !row.Proven() {
			mark = "MISSED"
			if len(row.Caught) > 0 {
				mark = "BEYOND"
			}
		}
		fmt.Fprintf(&b, "%s  %-*s  %-7s %s", mark, wide, row.Scenario, row.Breaks, strings.Join(row.Caught, " "))
		if len(row.Also) > 0 {
			fmt.Fprintf(&b, "  (and %s)", strings.Join(row.Also, " "))
		}
		b.WriteByte('\n')
		for i, line := range row.Beyond {
			if i == 5 {
				fmt.Fprintf(&b, "        and %d more\n", len(row.Beyond)-i)
				break
			}
			fmt.Fprintf(&b, "        beyond it: %s\n", line)
		}
	}
	for _, line := range m.Clean {
		fmt.Fprintf(&b, "NOISE   without a fault, %s\n", line)
	}
	for _, id := range m.Unproven {
		fmt.Fprintf(&b, "UNPROVEN  no fault triggers the check %s\n", id)
	}
	caught := 0
	for i := range m.Rows {
		if m.Rows[i].Proven() {
			caught++
		}
	}
	fmt.Fprintf(&b, "\n%d of %d faults caught by the check of their clause and by nothing else; %s without a fault, %s; %d requests, %d cases judged in %s\n",
		caught, len(m.Rows), count(m.Seeds, "run"), noise(len(m.Clean)), m.Requests, m.Cases, m.Took.Round(time.Millisecond))
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func noise(n int) string {
	if n == 0 {
		return "nothing reported"
	}
	return count(n, "report")
}
