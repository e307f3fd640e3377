package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The elements of jenkins-junit.xsd that are used here, in its order. There, skipped has no
// attribute and testsuites no count of them.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	took       time.Duration
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *string       `xml:"skipped"`
	Error     *junitProblem `xml:"error"`
	Failure   *junitProblem `xml:"failure"`
	Out       *junitText    `xml:"system-out"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"` // so that line breaks stay line breaks in the file
}

type junitText struct {
	Text string `xml:",cdata"`
}

// JUnit writes r as JUnit XML, a suite for each operation and a case for each result; a case goes
// by its whole ID. A fail is a failure, inconclusive and error are an error or, if known, skipped,
// skip is skipped, and a warning passes with its text as output. The counters count these elements.
// It is a [Writer].
//
// Where the verdict is no verdict and no case shows it (everything was skipped, the run was cut
// short), a case "run/verdict" with an error is added: who reads only JUnit must not see green.
func JUnit(w io.Writer, r *Report) error {
	c, err := r.sealed()
	if err != nil {
		return err
	}
	doc := junitOf(c)
	body, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("report: junit: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", xml.Header, body); err != nil {
		return fmt.Errorf("report: junit: %w", err)
	}
	return nil
}

// junitOf needs a sealed report.
func junitOf(r *Report) *junitSuites {
	doc := &junitSuites{Name: cmp.Or(printable(r.Tool.Name), "fpconform"), Time: seconds(r.Took)}
	byName := map[string]int{}
	suite := func(name string) *junitSuite {
		n, ok := byName[name]
		if !ok {
			n = len(doc.Suites)
			byName[name] = n
			doc.Suites = append(doc.Suites, junitSuite{Name: name, Properties: r.junitProperties(), Timestamp: junitTime(r.Started)})
		}
		return &doc.Suites[n]
	}
	for i := range r.Results {
		c := &r.Results[i]
		// the kit's own results have no operation
		first, _, _ := strings.Cut(c.ID, "/")
		s := suite(cmp.Or(printable(c.Operation), printable(first), "fpconform"))
		s.took += c.Took
		s.Cases = append(s.Cases, r.junitCase(c, s.Name))
	}
	if r.Verdict == VerdictNone && !doc.red() {
		s := suite("run")
		s.Cases = append(s.Cases, junitCase{
			Name: "run/verdict", Classname: "run", Time: seconds(0),
			Error: &junitProblem{Type: VerdictNone, Message: r.because(), Text: fmt.Sprintf("no verdict (exit %d): %s", r.Exit(), r.because())},
		})
	}
	for i := range doc.Suites {
		s := &doc.Suites[i]
		s.Time = seconds(s.took)
		s.Tests = len(s.Cases)
		for _, c := range s.Cases {
			if c.Failure != nil {
				s.Failures++
			}
			if c.Error != nil {
				s.Errors++
			}
			if c.Skipped != nil {
				s.Skipped++
			}
		}
		doc.Tests += s.Tests
		doc.Failures += s.Failures
		doc.Errors += s.Errors
	}
	return doc
}

func (d *junitSuites) red() bool {
	for _, s := range d.Suites {
		for _, c := range s.Cases {
			if c.Failure != nil || c.Error != nil {
				return true
			}
		}
	}
	return false
}

func (r *Report) junitCase(c *Result, suite string) junitCase {
	j := junitCase{Name: cmp.Or(printable(c.ID), "unnamed"), Classname: suite, Time: seconds(c.Took)}
	reason := printable(cmp.Or(c.Reason, "no reason given"))
	switch c.Status {
	case Pass:
	case Warn:
		j.Out = &junitText{r.junitText(c)}
	case Fail:
		f := Finding{Message: reason}
		if len(c.Findings) > 0 {
			f = c.Findings[0]
		}
		message := strings.TrimSpace(f.Clause + " " + cmp.Or(f.Message, f.Text))
		j.Failure = &junitProblem{Type: cmp.Or(printable(f.Clause), string(Fail)), Message: printable(cut(message, maxValue)), Text: r.junitText(c)}
	case Skip:
		j.Skipped = &reason
	default:
		if c.Excused() {
			text := fmt.Sprintf("known: %s (%s: %s)", printable(c.Known), c.Status, reason)
			j.Skipped = &text
			break
		}
		j.Error = &junitProblem{Type: string(c.Status), Message: reason, Text: r.junitText(c)}
	}
	return j
}

// junitText is what the terminal would say about the case.
func (r *Report) junitText(c *Result) string {
	t := &textWriter{TextOptions: TextOptions{Width: 80}, r: r}
	t.blank()
	t.details(c)
	return t.b.String()
}

func (r *Report) junitProperties() []junitProperty {
	ps := []junitProperty{
		{"schema", r.Schema},
		{"tool", printable(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version))},
		{"catalogue", printable(r.Catalogue)},
		{"seed", strconv.FormatUint(r.Seed, 10)},
		{"verdict", r.Verdict},
		{"ended", printable(r.Ended)},
		{"partial", strconv.FormatBool(r.Partial)},
	}
	for _, role := range slices.Sorted(maps.Keys(r.Target)) {
		ps = append(ps, junitProperty{"target." + printable(role), printable(r.Target[role])})
	}
	return ps
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// junitTime is UTC without saying so, as the format has it.
func junitTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}
