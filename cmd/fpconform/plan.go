package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
)

// effects lists the effects, from harmless to not.
var effects = []catalogue.Effect{catalogue.Reads, catalogue.Creates, catalogue.Holds, catalogue.Charges, catalogue.Refunds, catalogue.PaysOut}

// printPlans prints what a run would send, and what it would leave out and why.
func printPlans(w io.Writer, plans []*engine.Plan, targets []string, seed uint64, verbose bool) {
	fmt.Fprintf(w, "plan, seed %d; nothing is sent\n", seed)
	for i, p := range plans {
		fmt.Fprintf(w, "\n%s\n", targets[i])
		fmt.Fprintf(w, "  %s\n", requests(p))
		if p.Orders > 0 {
			fmt.Fprintf(w, "  %s, known to the merchant and not paid, are used up unless it takes any\n", count(p.Orders, "order"))
		}
		printOperations(w, p)
		if verbose {
			printCases(w, p)
		}
		printLeftOut(w, p)
	}
}

// requests says how many requests a plan has, by effect, and how long they take at least. The numbers
// hold if everything is answered as it should be.
func requests(p *engine.Plan) string {
	var by []string
	for _, e := range effects {
		if n := p.Requests[e]; n > 0 {
			by = append(by, fmt.Sprintf("%d %s", n, verb(e)))
		}
	}
	text := count(p.Total(), "request")
	if len(by) > 0 {
		text += " if all is answered as it should be: " + strings.Join(by, ", ")
	}
	if p.Takes > 0 {
		text += ", at least " + p.Takes.Round(time.Second).String() + " by the pace"
	}
	return text
}

// verb makes a plural of an effect: 3 create.
func verb(e catalogue.Effect) string {
	if e == catalogue.PaysOut {
		return "pay out"
	}
	return strings.TrimSuffix(string(e), "s")
}

func printOperations(w io.Writer, p *engine.Plan) {
	type row struct{ probes, cases int }
	rows := map[string]*row{}
	width := len("operation")
	for i := range p.Specs {
		operation, _, _ := strings.Cut(p.Specs[i].ID, "/")
		if rows[operation] == nil {
			rows[operation] = &row{}
			width = max(width, len(operation))
		}
		rows[operation].probes++
		rows[operation].cases += len(p.Specs[i].Cases)
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n  %-*s  probes  cases\n", width, "operation")
	total := row{}
	for _, operation := range slices.Sorted(maps.Keys(rows)) {
		r := rows[operation]
		total.probes += r.probes
		total.cases += r.cases
		fmt.Fprintf(w, "  %-*s  %6d  %5d\n", width, operation, r.probes, r.cases)
	}
	fmt.Fprintf(w, "  %-*s  %6d  %5d\n", width, "together", total.probes, total.cases)
}

// printCases names every case, by id, as patterns and known cases name them.
func printCases(w io.Writer, p *engine.Plan) {
	var ids []string
	for i := range p.Specs {
		for _, c := range p.Specs[i].Cases {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	fmt.Fprintf(w, "\n  cases\n")
	for _, id := range ids {
		fmt.Fprintf(w, "  %s\n", id)
	}
}

func printLeftOut(w io.Writer, p *engine.Plan) {
	type group struct{ operation, reason string }
	cases := map[group]int{}
	for _, r := range p.LeftOut {
		cases[group{r.Operation, r.Reason}]++
	}
	// A report of what did not run has, by operation, why nothing of it is sent.
	whole := p.Report(nil).LeftOut
	groups := slices.SortedFunc(maps.Keys(cases), func(a, b group) int {
		return strings.Compare(a.operation+"\x00"+a.reason, b.operation+"\x00"+b.reason)
	})
	if len(groups)+len(whole) == 0 {
		return
	}
	fmt.Fprintf(w, "\n  left out\n")
	said := map[string]bool{}
	for _, g := range groups {
		said[g.operation] = true
		fmt.Fprintf(w, "  %s: %s: %s\n", g.operation, count(cases[g], "case"), oneLine(g.reason))
	}
	for _, operation := range slices.Sorted(maps.Keys(whole)) {
		if !said[operation] {
			fmt.Fprintf(w, "  %s: %s\n", operation, oneLine(whole[operation]))
		}
	}
}

// count is "1 case", "2 cases".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
