package report

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"
)

//go:embed schema/report.schema.json
var schemaFile []byte

// Schema returns the JSON Schema (draft 2020-12) of what [JSON] writes. The slice is the caller's.
func Schema() []byte { return bytes.Clone(schemaFile) }

// MaxSize is how many bytes [Read] takes before it refuses a report: 256 MiB, some hundred times
// the report of a large run.
const MaxSize = 256 << 20

// messageJSON is a [Message] in JSON: body or body_base64, one of them.
type messageJSON struct {
	Line       string      `json:"line"`
	Header     http.Header `json:"header"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 *[]byte     `json:"body_base64,omitempty"`
}

// MarshalJSON keeps every byte of the body: as text where it is UTF-8, else as base64.
func (m Message) MarshalJSON() ([]byte, error) {
	j := messageJSON{Line: m.Line, Header: m.Header}
	if j.Header == nil {
		j.Header = http.Header{}
	}
	if utf8.ValidString(m.Body) {
		j.Body = &m.Body
	} else {
		b := []byte(m.Body)
		j.BodyBase64 = &b
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // XML bodies stay legible
	err := e.Encode(j)
	return b.Bytes(), err
}

// UnmarshalJSON is the inverse of [Message.MarshalJSON]. It refuses unknown members, and a message
// with both kinds of body or neither.
func (m *Message) UnmarshalJSON(data []byte) error {
	var j messageJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return err
	}
	if (j.Body == nil) == (j.BodyBase64 == nil) {
		return errors.New("a message has either body or body_base64")
	}
	*m = Message{Line: j.Line, Header: j.Header}
	if j.Body != nil {
		m.Body = *j.Body
	} else {
		m.Body = string(*j.BodyBase64)
	}
	return nil
}

// JSON writes r as described by [Schema]: UTF-8, indented, times in UTC, durations in nanoseconds.
// It is a [Writer].
func JSON(w io.Writer, r *Report) error {
	c, err := r.sealed()
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	return nil
}

// Read reads a report that [JSON] wrote. It is strict: another schema, unknown members, more than
// one document, more than [MaxSize] bytes, and whatever [Report.Validate] refuses are errors, so a
// report that was edited by hand is not taken for a verdict.
func Read(src io.Reader) (*Report, error) { return read(src, MaxSize) }

func read(src io.Reader, limit int64) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(src, limit+1))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("report: larger than %d bytes", limit)
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if head.Schema == nil {
		return nil, fmt.Errorf("report: it has no schema, want %q", SchemaID)
	}
	if *head.Schema != SchemaID { // before its fields, which may differ
		return nil, fmt.Errorf("report: schema %s, want %q", quote(*head.Schema), SchemaID)
	}
	r := new(Report)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if err := r.Validate(); err != nil {
		return nil, err
	}
	r.Seal() // orders it, and fills what the file left null
	return r, nil
}

// Validate says whether r holds together: schema, statuses and Ended are ones that there are, no
// result or exchange stands in it twice, every exchange that is referred to is there, a fail or a
// warning has a finding, and Counts and Verdict follow from the results. It judges neither peer
// nor order.
func (r *Report) Validate() error {
	if r == nil {
		return errors.New("report: there is no report (nil)")
	}
	if r.Schema != SchemaID {
		return fmt.Errorf("report: schema %s, want %q", quote(r.Schema), SchemaID)
	}
	if ended := []string{"", EndedInterrupted, EndedMaxTime, EndedUnreachable}; !slices.Contains(ended, r.Ended) {
		return fmt.Errorf("report: ended %s, want one of %q", quote(r.Ended), ended)
	}
	exchanges := make(map[string]bool, len(r.Exchanges))
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		if x.ID == "" {
			return errors.New("report: an exchange without an id")
		}
		if exchanges[x.ID] {
			return fmt.Errorf("report: exchange %s stands in it twice", quote(x.ID))
		}
		exchanges[x.ID] = true
	}
	for i := range r.Exchanges {
		if x := &r.Exchanges[i]; x.Control != "" && !exchanges[x.Control] {
			return fmt.Errorf("report: exchange %s: its control %s is not in the report", quote(x.ID), quote(x.Control))
		}
	}
	counts := make(map[Status]int)
	results := make(map[string]bool, len(r.Results))
	for i := range r.Results {
		c := &r.Results[i]
		switch {
		case c.ID == "":
			return errors.New("report: a result without an id")
		case results[c.ID]:
			return fmt.Errorf("report: result %s stands in it twice", quote(c.ID))
		case !slices.Contains(Statuses, c.Status):
			return fmt.Errorf("report: result %s: status %s, want one of %q", quote(c.ID), quote(string(c.Status)), Statuses)
		case c.Exchange != "" && !exchanges[c.Exchange]:
			return fmt.Errorf("report: result %s: its exchange %s is not in the report", quote(c.ID), quote(c.Exchange))
		case (c.Status == Fail || c.Status == Warn) && len(c.Findings) == 0:
			return fmt.Errorf("report: result %s: status %s without a finding", quote(c.ID), c.Status)
		case (c.Status == Inconclusive || c.Status == Error || c.Status == Skip) && c.Reason == "":
			return fmt.Errorf("report: result %s: status %s without a reason", quote(c.ID), c.Status)
		}
		results[c.ID] = true
		counts[c.Status]++
	}
	for s, n := range r.Counts {
		if !slices.Contains(Statuses, s) {
			return fmt.Errorf("report: counts: status %s, want one of %q", quote(string(s)), Statuses)
		}
		if n != counts[s] {
			return fmt.Errorf("report: counts: %s is %d, the results have %d", s, n, counts[s])
		}
	}
	for s, n := range counts {
		if _, ok := r.Counts[s]; !ok {
			return fmt.Errorf("report: counts: %s is missing, the results have %d", s, n)
		}
	}
	if want := verdictOf(r.Exit()); r.Verdict != want {
		return fmt.Errorf("report: verdict %s, but from its results follows %q", quote(r.Verdict), want)
	}
	return nil
}
