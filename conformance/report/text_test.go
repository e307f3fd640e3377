package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for name, fixture := range fixtures {
		t.Run("is a page to read/"+name, func(t *testing.T) {
			plain := render(t, Text(TextOptions{}), fixture())
			golden(t, name+".txt", plain)
			checkPage(t, plain, 80)
			verbose := render(t, Text(TextOptions{Verbose: true}), fixture())
			golden(t, name+".verbose.txt", verbose)
			checkPage(t, verbose, 80)
			narrow := render(t, Text(TextOptions{Width: 1}), fixture())
			checkPage(t, narrow, 40)

			color := render(t, Text(TextOptions{Color: true}), fixture())
			if bytes.Equal(color, plain) {
				t.Error("colour changes nothing")
			}
			if got := regexp.MustCompile("\x1b\\[[0-9;]+m").ReplaceAll(color, nil); !bytes.Equal(got, plain) {
				t.Errorf("without its colours: got\n%s\nwant\n%s", got, plain)
			}
		})
	}
	golden(t, "every-status.color.txt", render(t, Text(TextOptions{Color: true}), everyStatus()))
}

// checkPage wants a page that draws nothing on a terminal, is as wide as it was told where that
// breaks no identifier, and has one verdict, in its last line.
func checkPage(t *testing.T, page []byte, width int) {
	t.Helper()
	if !utf8.Valid(page) {
		t.Error("not UTF-8")
	}
	for _, c := range string(page) {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Errorf("it has %U", c)
		}
	}
	lines := strings.Split(strings.TrimSuffix(string(page), "\n"), "\n")
	for i, l := range lines {
		columns := utf8.RuneCountInString(l)
		words := strings.Fields(l)
		copied := len(words) <= 2 && strings.Contains(l, "/") || strings.HasPrefix(l, "  again") || i == len(lines)-1
		if columns > width && !copied {
			t.Errorf("line %d has %d columns: %s", i+1, columns, l)
		}
		if l != strings.TrimRight(l, " ") {
			t.Errorf("line %d ends in white space: %q", i+1, l)
		}
		if strings.HasPrefix(l, "verdict: ") != (i == len(lines)-1) {
			t.Errorf("line %d of %d: %s", i+1, len(lines), l)
		}
	}
}

func lastLine(page []byte) string {
	lines := strings.Split(strings.TrimSuffix(string(page), "\n"), "\n")
	return lines[len(lines)-1]
}

func TestVerdictLine(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *Report)
		want   string
	}{
		"says that it conforms":   {func(r *Report) {}, "verdict: conforms (exit 0), no case failed and none is open"},
		"says that it is partial": {func(r *Report) { r.Partial = true }, "verdict: conforms (exit 0), no case failed and none is open; partial: a part of the suite was run"},
		"counts what failed, and says that the run was cut short too": {func(r *Report) {
			r.Results = append(r.Results, Result{ID: "x", Status: Fail})
			r.Ended = EndedMaxTime
		}, "verdict: findings (exit 1), 1 case failed; out of time before the end"},
		"counts what is open and not what is known": {func(r *Report) {
			r.Results = append(r.Results, Result{ID: "x", Status: Inconclusive}, Result{ID: "y", Status: Error}, Result{ID: "z", Status: Error, Known: "k"})
		}, "verdict: no-verdict (exit 3), 1 inconclusive; 1 in error"},
		"says that the endpoint is not there": {func(r *Report) {
			r.Results, r.Ended = nil, EndedUnreachable
		}, "verdict: no-verdict (exit 3), the endpoint cannot be reached; nothing was judged"},
		"says that all was skipped": {func(r *Report) {
			r.Results = []Result{{ID: "x", Status: Skip, Reason: "no key"}}
		}, "verdict: no-verdict (exit 3), nothing was judged"},
		"stays one line whatever cut the run short": {func(r *Report) { r.Ended = "a\nb" }, `verdict: no-verdict (exit 3), cut short: a\nb`},
	} {
		t.Run(name, func(t *testing.T) {
			r := conforming()
			c.change(r)
			if got := lastLine(render(t, Text(TextOptions{}), r)); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTextGroups(t *testing.T) {
	t.Run("a hundred cases with one reason make one entry with the first of them", func(t *testing.T) {
		got := string(render(t, Text(TextOptions{}), sameReasons()))
		for want, n := range map[string]int{"INCONCLUSIVE 100 cases": 1, "field-missing:": 3, "and 97 more": 1, "SKIP 45 cases": 1, "limit-crossed:": 0} {
			if c := strings.Count(got, want); c != n {
				t.Errorf("%q: got %d, want %d in\n%s", want, c, n, got)
			}
		}
	})
	t.Run("verbose names every one of them", func(t *testing.T) {
		got := string(render(t, Text(TextOptions{Verbose: true}), sameReasons()))
		for want, n := range map[string]int{"field-missing:": 100, "limit-crossed:": 45, "more": 0} {
			if c := strings.Count(got, want); c != n {
				t.Errorf("%q: got %d, want %d in\n%s", want, c, n, got)
			}
		}
	})
	t.Run("findings alike share an entry that names the first of them, whatever they got", func(t *testing.T) {
		r := base()
		for i := range 20 {
			r.Results = append(r.Results, result(pay, fmt.Sprintf("probe-%02d", i), "sig.salt", Fail, "",
				Finding{Clause: "SIG-2", Text: "An answer has a salt.", Got: fmt.Sprint("got ", i%2)}))
		}
		got := string(render(t, Text(TextOptions{}), r))
		for want, n := range map[string]int{"FAIL " + pay + "/probe-": firstCases, "FAIL and 15 more cases alike": 1, "An answer has a salt.": 1} {
			if c := strings.Count(got, want); c != n {
				t.Errorf("%q: got %d, want %d in\n%s", want, c, n, got)
			}
		}
		got = string(render(t, Text(TextOptions{Verbose: true}), r))
		for i := range 20 {
			if want := fmt.Sprintf("FAIL %s/probe-%02d/sig.salt\n", pay, i); strings.Count(got, want) != 1 {
				t.Errorf("verbose: %q is not once in\n%s", want, got)
			}
		}
	})
	t.Run("an endpoint that does not answer is said once, in the note", func(t *testing.T) {
		r := sameReasons()
		r.Ended, r.Notes = EndedUnreachable, []string{"the run ended: nobody answers"}
		got := string(render(t, Text(TextOptions{}), r))
		if !strings.Contains(got, "NOTE the run ended: nobody answers") || strings.Contains(got, "INCONCLUSIVE 100") || strings.Contains(got, "SKIP 45") {
			t.Errorf("want the note alone, got\n%s", got)
		}
		if got = string(render(t, Text(TextOptions{Verbose: true}), r)); !strings.Contains(got, "INCONCLUSIVE 100") {
			t.Errorf("verbose leaves something out:\n%s", got)
		}
	})
}

func TestTextOrder(t *testing.T) {
	got := string(render(t, Text(TextOptions{}), everyStatus()))
	at := -1
	for _, want := range []string{"\nFAIL ", "\nWARN ", "\nNOTE ", "\nERROR ", "\nINCONCLUSIVE ", "\nSKIP ", "\nNOT SENT ", "\nREADINGS ", "\n11 cases: ", "\nverdict: "} {
		i := strings.Index(got, want)
		if i <= at {
			t.Errorf("%q is at %d, want it after %d in\n%s", want, i, at, got)
		}
		at = i
	}
	if i := strings.LastIndex(got, "\nFAIL "); i > strings.Index(got, "\nWARN ") {
		t.Errorf("a finding comes after a warning in\n%s", got)
	}
}
