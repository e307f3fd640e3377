package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// TextOptions is how [Text] writes. The zero value is plain text, 80 columns wide.
type TextOptions struct {
	Color   bool // ANSI colours; who asks knows that it is a terminal and that NO_COLOR is not set
	Verbose bool // every case by its id, every reading, and the line that sends an exchange again
	Width   int  // columns; 0 means 80, less than 40 means 40
}

// Text returns the [Writer] of the terminal report: what failed first, each finding with its
// clause, place, got and want; then warnings, what could not be judged and what was not asked, both
// by reason; then counts, and the verdict in the last line. Cases with equal findings share an
// entry. Whatever does not print is shown as its escape, so no peer can draw on the terminal.
// Identifiers and addresses are never broken, so a line may be longer than Width.
func Text(o TextOptions) Writer {
	if o.Width == 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	return func(w io.Writer, r *Report) error {
		c, err := r.sealed()
		if err != nil {
			return err
		}
		t := &textWriter{TextOptions: o, r: c}
		t.report()
		if _, err := w.Write(t.b.Bytes()); err != nil {
			return fmt.Errorf("report: text: %w", err)
		}
		return nil
	}
}

// firstIDs is how many cases of a group are named.
const firstIDs = 3

// labelWidth is that of "cases"; a longer clause ID moves its entry to the right.
const labelWidth = 5

// maxValue is how many bytes of a got or want are shown; JSON has all.
const maxValue = 480

const (
	red    = "31;1"
	green  = "32;1"
	yellow = "33"
	purple = "35"
	dim    = "2"
)

type textWriter struct {
	TextOptions
	r *Report
	b bytes.Buffer
}

func (t *textWriter) report() {
	t.head()
	t.judged(Fail, "FAIL", red)
	t.judged(Warn, "WARN", yellow)
	t.notes()
	if t.r.Ended != EndedUnreachable || t.Verbose {
		// Of an endpoint that does not answer, the note has said all there is to say.
		t.open(Error, "ERROR")
		t.open(Inconclusive, "INCONCLUSIVE")
		t.skipped()
		t.leftOut()
	}
	t.behaviour()
	t.counts()
	t.verdict()
}

func (t *textWriter) head() {
	t.wrapped(strings.TrimSpace(printable(t.r.Tool.Name+" "+t.r.Tool.Version)) + fmt.Sprintf(", seed %d", t.r.Seed))
	width := 0
	for role := range t.r.Target {
		width = max(width, utf8.RuneCountInString(printable(role)))
	}
	for _, role := range slices.Sorted(maps.Keys(t.r.Target)) {
		t.line(fmt.Sprintf("  %-*s  %s", width, printable(role), printable(t.r.Target[role])))
	}
}

// judged writes the cases with a status that has findings. Cases of one check that found the same in
// the same place share an entry, whose values are those of the first: a gateway that signs every
// answer wrongly is one thing to mend, not a hundred. Verbose names every case; so do JSON and JUnit.
func (t *textWriter) judged(s Status, word, color string) {
	for _, g := range groups(t.r.Results, s, alike) {
		t.blank()
		shown := g
		if !t.Verbose && len(g) > firstCases+1 {
			shown = g[:firstCases]
		}
		for _, c := range shown {
			t.line(t.paint(word, color) + " " + printable(c.ID))
		}
		if n := len(g) - len(shown); n > 0 {
			t.line(t.paint(word, color) + fmt.Sprintf(" and %d more cases alike", n))
		}
		t.details(g[0])
		if len(g) > 1 {
			t.field("", fmt.Sprintf("(the first of these %d cases)", len(g)), labelWidth)
		}
	}
}

// firstCases is how many cases of an entry of findings are named, unless all are asked for.
const firstCases = 5

// alike is equal for cases that are one thing to mend.
func alike(c *Result) string {
	key := fmt.Sprintf("%q %q", c.Check, c.Reason)
	for _, f := range c.Findings {
		key += fmt.Sprintf(" %q %q %q %q", f.Clause, f.Path, f.Message, f.Hint)
	}
	return key
}

// details writes what there is to say about a failed case or a warning.
func (t *textWriter) details(c *Result) {
	label := labelWidth
	for _, f := range c.Findings {
		label = max(label, utf8.RuneCountInString(printable(f.Clause)))
	}
	if c.Reason != "" {
		t.field("why", printable(c.Reason), label)
	}
	for _, f := range c.Findings {
		text, message := f.Text, f.Message
		if text == "" || text == message {
			text, message = message, ""
		}
		t.field(printable(f.Clause), printable(text), label)
		for _, v := range [][2]string{{"what", message}, {"at", f.Path}, {"got", f.Got}, {"want", f.Want}, {"hint", f.Hint}} {
			if v[1] != "" {
				t.field(v[0], printable(cut(v[1], maxValue)), label)
			}
		}
	}
	x := t.r.exchange(c.Exchange)
	if x == nil {
		return
	}
	sent := x.Request.Line
	if x.Response != nil {
		sent += ", answered " + x.Response.Line
	} else if x.Error != "" {
		sent += ", no answer: " + x.Error
	}
	t.field("sent", printable(cut(sent, maxValue)), label)
	if t.Verbose && x.Curl != "" {
		t.raw("again", printable(x.Curl), label) // to be copied, so it stays in one line
	}
}

// open writes the cases that were not decided, by reason: a hundred that share a cause are one entry.
func (t *textWriter) open(s Status, word string) {
	gs := groups(t.r.Results, s, func(c *Result) string { return fmt.Sprintf("%q %q", c.Known, c.Reason) })
	bySize(gs)
	for _, g := range gs {
		t.blank()
		head := t.paint(word, purple) + " " + count(len(g), "case")
		if g[0].Known != "" {
			head += ", known"
		}
		t.line(head)
		t.field("why", printable(cmp.Or(g[0].Reason, "no reason given")), labelWidth)
		if g[0].Known != "" {
			t.field("known", printable(g[0].Known), labelWidth)
		}
		t.ids("cases", caseIDs(g))
	}
}

func (t *textWriter) skipped() {
	gs := groups(t.r.Results, Skip, func(c *Result) string { return c.Reason })
	bySize(gs)
	if len(gs) > 0 {
		t.blank()
	}
	for _, g := range gs {
		t.because("SKIP", count(len(g), "case"), cmp.Or(g[0].Reason, "no reason given"))
		if t.Verbose {
			t.ids("cases", caseIDs(g))
		}
	}
}

func (t *textWriter) leftOut() {
	by := map[string][]string{}
	for _, operation := range slices.Sorted(maps.Keys(t.r.LeftOut)) {
		why := t.r.LeftOut[operation]
		by[why] = append(by[why], operation)
	}
	whys := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(by[b]), len(by[a])), cmp.Compare(a, b))
	})
	if len(whys) > 0 {
		t.blank()
	}
	for _, why := range whys {
		t.because("NOT SENT", count(len(by[why]), "operation"), cmp.Or(why, "no reason given"))
		if t.Verbose || len(by[why]) <= firstIDs {
			t.ids("", by[why])
		}
	}
}

func (t *textWriter) behaviour() {
	var shown []Behaviour
	label := labelWidth
	for _, b := range t.r.Behaviour {
		if t.Verbose || !b.First {
			shown = append(shown, b)
			label = max(label, utf8.RuneCountInString(printable(b.Clause)))
		}
	}
	if len(shown) == 0 {
		return
	}
	t.blank()
	if t.Verbose {
		t.wrapped("READINGS of disputed clauses that the peer lives by")
	} else {
		t.wrapped("READINGS of disputed clauses, where not the one expected first")
	}
	for _, b := range shown {
		text := fmt.Sprintf("%s=%s, shown by %s", b.Topic, b.Reading, count(b.Shown, "exchange"))
		if b.First {
			text += ", as expected"
		}
		t.field(printable(b.Clause), printable(text), label)
	}
}

func (t *textWriter) notes() {
	if len(t.r.Notes) > 0 {
		t.blank()
	}
	for _, note := range t.r.Notes {
		t.wrapped("NOTE " + printable(note))
	}
}

func (t *textWriter) counts() {
	t.blank()
	known := map[Status]int{}
	for i := range t.r.Results {
		if c := &t.r.Results[i]; c.Excused() {
			known[c.Status]++
		}
	}
	var parts []string
	for _, s := range Statuses {
		if n := t.r.Counts[s]; n > 0 {
			part := fmt.Sprintf("%d %s", n, s)
			if known[s] > 0 {
				part += fmt.Sprintf(" (%d known)", known[s])
			}
			parts = append(parts, part)
		}
	}
	text := count(len(t.r.Results), "case")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	t.wrapped(text)
	t.line(fmt.Sprintf("%s in %s", count(len(t.r.Exchanges), "request"), t.r.Took.Round(time.Millisecond)))
}

func (t *textWriter) verdict() {
	color := map[string]string{VerdictConforms: green, VerdictFindings: red, VerdictNone: yellow}[t.r.Verdict]
	t.line("verdict: " + t.paint(t.r.Verdict, color) + fmt.Sprintf(" (exit %d), ", t.r.Exit()) + t.r.because())
}

// because says in one line where the verdict comes from. r is sealed.
func (r *Report) because() string {
	var why []string
	if n := r.Counts[Fail]; n > 0 {
		why = append(why, count(n, "case")+" failed")
	}
	switch r.Ended {
	case "":
	case EndedInterrupted:
		why = append(why, "interrupted before the end")
	case EndedMaxTime:
		why = append(why, "out of time before the end")
	case EndedUnreachable:
		why = append(why, "the endpoint cannot be reached")
	default:
		why = append(why, "cut short: "+printable(cut(r.Ended, 64)))
	}
	if r.Counts[Pass]+r.Counts[Warn]+r.Counts[Fail] == 0 {
		why = append(why, "nothing was judged")
	}
	if r.Verdict == VerdictNone {
		open := map[Status]int{}
		for i := range r.Results {
			if c := &r.Results[i]; !c.Excused() {
				open[c.Status]++
			}
		}
		if n := open[Inconclusive]; n > 0 {
			why = append(why, fmt.Sprintf("%d inconclusive", n))
		}
		if n := open[Error]; n > 0 {
			why = append(why, fmt.Sprintf("%d in error", n))
		}
	}
	if len(why) == 0 {
		why = append(why, "no case failed and none is open")
	}
	if r.Partial {
		why = append(why, "partial: a part of the suite was run")
	}
	if names := r.unjudged(); len(names) > 0 && r.Verdict != VerdictNone {
		shown := names
		if len(shown) > firstIDs+1 {
			shown = names[:firstIDs]
		}
		text := "not judged: " + strings.Join(shown, ", ")
		if n := len(names) - len(shown); n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
		why = append(why, text)
	}
	return strings.Join(why, "; ")
}

// unjudged are the operations that have cases of which none was judged.
func (r *Report) unjudged() []string {
	judged := map[string]bool{}
	for i := range r.Results {
		c := &r.Results[i]
		judged[c.Operation] = judged[c.Operation] || c.Status == Pass || c.Status == Warn || c.Status == Fail
	}
	var out []string
	for _, operation := range slices.Sorted(maps.Keys(judged)) {
		if !judged[operation] && operation != "" {
			out = append(out, printable(operation))
		}
	}
	return out
}

// exchange returns the exchange with this ID, or nil. r is sealed, so they are sorted.
func (r *Report) exchange(id string) *Exchange {
	i, ok := slices.BinarySearchFunc(r.Exchanges, id, func(x Exchange, id string) int { return cmp.Compare(x.ID, id) })
	if !ok {
		return nil
	}
	return &r.Exchanges[i]
}

// groups returns the results with this status, those of an equal key together, in the order of
// each group's first.
func groups(results []Result, s Status, key func(*Result) string) [][]*Result {
	var gs [][]*Result
	at := map[string]int{}
	for i := range results {
		c := &results[i]
		if c.Status != s {
			continue
		}
		k := key(c)
		n, ok := at[k]
		if !ok {
			n = len(gs)
			at[k] = n
			gs = append(gs, nil)
		}
		gs[n] = append(gs[n], c)
	}
	return gs
}

// bySize puts the known groups last, else the largest first.
func bySize(gs [][]*Result) {
	known := func(g []*Result) int { return min(len(g[0].Known), 1) }
	slices.SortStableFunc(gs, func(a, b []*Result) int {
		return cmp.Or(cmp.Compare(known(a), known(b)), cmp.Compare(len(b), len(a)))
	})
}

func caseIDs(g []*Result) []string {
	ids := make([]string, len(g))
	for i, c := range g {
		ids[i] = c.ID
	}
	return ids
}

// count is "1 case", "2 cases".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func (t *textWriter) paint(s, color string) string {
	if !t.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func (t *textWriter) line(s string) {
	t.b.WriteString(strings.TrimRight(s, " "))
	t.b.WriteByte('\n')
}

func (t *textWriter) blank() { t.b.WriteByte('\n') }

func (t *textWriter) wrapped(s string) {
	for _, l := range wrap(s, t.Width) {
		t.line(l)
	}
}

// raw writes "  label  value" in one line, however long.
func (t *textWriter) raw(label, value string, width int) {
	t.line(fmt.Sprintf("  %-*s  %s", width, label, value))
}

// field writes "  label  value", with further lines under the value.
func (t *textWriter) field(label, value string, width int) {
	for _, l := range wrap(value, max(t.Width-width-4, 20)) {
		t.raw(label, l, width)
		label = ""
	}
}

// because writes "WORD 3 cases: reason".
func (t *textWriter) because(word, number, why string) {
	head := word + " " + number + ": "
	for i, l := range wrap(head+printable(why), t.Width-2) {
		switch i {
		case 0:
			t.line(t.paint(word, dim) + strings.TrimPrefix(l, word))
		default:
			t.line("  " + l)
		}
	}
}

// ids names the first of them, or all.
func (t *textWriter) ids(label string, ids []string) {
	shown := ids
	if !t.Verbose && len(ids) > firstIDs+1 { // "and 1 more" takes the line that the one would
		shown = ids[:firstIDs]
	}
	for _, id := range shown {
		t.raw(label, printable(id), labelWidth)
		label = ""
	}
	if n := len(ids) - len(shown); n > 0 {
		t.raw(label, fmt.Sprintf("and %d more", n), labelWidth)
	}
}
