package report

import (
	"net/http"
	"time"
)

// SchemaID is the Schema of the reports that this version writes and reads. It changes when a
// field changes its meaning or goes away, not when one is added.
const SchemaID = "fpconform/report/1"

// A Status is how one case ended. The zero value is none of them and counts as [Error], so that
// a case that nobody decided never looks good.
type Status string

const (
	Pass         Status = "pass"         // it was asked and the answer is right
	Fail         Status = "fail"         // the peer broke a clause
	Warn         Status = "warn"         // it broke a "should", or a disputed clause
	Inconclusive Status = "inconclusive" // it was asked, but the answer proves nothing
	Skip         Status = "skip"         // it was not asked; Reason says why
	Error        Status = "error"        // the kit could not look: no connection, a timeout, a bug
)

// Statuses lists every status, in the order in which reports count them.
var Statuses = []Status{Pass, Warn, Fail, Inconclusive, Error, Skip}

// A Finding is one broken clause in one place.
type Finding struct {
	Clause  string `json:"clause"`  // SIG-4
	Text    string `json:"text"`    // the sentence of the clause, so that a report explains itself
	Path    string `json:"path"`    // response/pg_refund_payments/pg_refund_payment[2]
	Message string `json:"message"` // what is wrong here, one line
	Got     string `json:"got"`     // what came
	Want    string `json:"want"`    // what was due, never the signature that would have been right
	Hint    string `json:"hint"`    // the likeliest cause, and only if it was tried and fits
}

// A Result is how one case ended.
type Result struct {
	ID        string        `json:"id"`        // merchant.card.pay/sig-tampered/sig.refuses-bad
	Operation string        `json:"operation"` // merchant.card.pay
	Probe     string        `json:"probe"`     // sig-tampered
	Check     string        `json:"check"`     // sig.refuses-bad
	Clauses   []string      `json:"clauses"`   // what the check looks for
	Status    Status        `json:"status"`
	Reason    string        `json:"reason"`   // why it is inconclusive, skipped or in error; one line, equal for equal causes
	Known     string        `json:"known"`    // the configuration's reason, where known: names this case
	Exchange  string        `json:"exchange"` // ID of the exchange that was looked at; "" if there is none
	Findings  []Finding     `json:"findings"` // at least one for fail and warn
	Took      time.Duration `json:"took_ns"`
}

// Excused says whether the case ended inconclusive or in error and the configuration knows it.
// Nothing else can be excused: a case that fails stays a finding.
func (r *Result) Excused() bool {
	return r.Known != "" && (r.Status == Inconclusive || r.Status == Error)
}

// An Exchange is one request and its answer, masked.
type Exchange struct {
	ID        string            `json:"id"` // merchant.card.pay/sig-tampered
	Operation string            `json:"operation"`
	Probe     string            `json:"probe"`
	Control   string            `json:"control"` // of a negative: the ID of its control
	Request   Message           `json:"request"`
	Response  *Message          `json:"response,omitempty"` // nil if none arrived
	Error     string            `json:"error,omitempty"`    // why there is no answer to judge
	Readings  map[string]string `json:"readings"`           // topic -> reading that it showed
	Curl      string            `json:"curl,omitempty"`     // a line that sends it again; it carries no key and no signature
	Started   time.Time         `json:"started"`
	Took      time.Duration     `json:"took_ns"`
}

// A Message is one HTTP message as it stood on the wire, masked.
//
// Body holds the bytes. In JSON they are the text "body", or, where they are not UTF-8, base64 in
// "body_base64"; reading either gives the same bytes back. Bytes that are not UTF-8 in the line or
// the header become U+FFFD in JSON.
type Message struct {
	Line   string      // POST /init_payment.php HTTP/1.1
	Header http.Header // nil and empty are the same
	Body   string
}

// A Behaviour is a reading by which the peer lives, of a clause whose sources contradict each other.
type Behaviour struct {
	Clause  string `json:"clause"`
	Topic   string `json:"topic"`   // refusals
	Reading string `json:"reading"` // signed
	First   bool   `json:"first"`   // the kit expects this one first
	Shown   int    `json:"shown"`   // in so many exchanges
}

// A Tool is the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// The verdicts, as they stand in [Report.Verdict].
const (
	VerdictConforms = "conforms"   // exit 0
	VerdictFindings = "findings"   // exit 1
	VerdictNone     = "no-verdict" // exit 3
)

// What can cut a run short, as it stands in [Report.Ended].
const (
	EndedInterrupted = "interrupted" // a signal, or the caller's context
	EndedMaxTime     = "max-time"    // the time that the run was given is over
	EndedUnreachable = "unreachable" // two operations in a row ended without an answer
)

// A Report is one run. Whoever builds one fills the rest and calls [Report.Seal], which sets
// Schema, Verdict and Counts and sorts, whatever order the cases ran in.
//
// A Report is not safe for concurrent writing; the writers only read.
type Report struct {
	Schema    string            `json:"schema"` // SchemaID
	Tool      Tool              `json:"tool"`
	Catalogue string            `json:"catalogue"` // digest of the data that was judged by
	Target    map[string]string `json:"target"`    // role -> address
	Seed      uint64            `json:"seed"`      // may exceed 2^53: read it as an integer, not as a float
	Started   time.Time         `json:"started"`
	Took      time.Duration     `json:"took_ns"`
	Verdict   string            `json:"verdict"`
	Ended     string            `json:"ended"`    // "" at the end of the plan, else what cut it short
	Partial   bool              `json:"partial"`  // an operation of these roles that has a path was not sent
	LeftOut   map[string]string `json:"left_out"` // operation -> why it was not sent
	Notes     []string          `json:"notes"`    // about the run as a whole, a line each: "every request signed with … was refused"
	Counts    map[Status]int    `json:"counts"`   // every status, zero or not
	Behaviour []Behaviour       `json:"behaviour"`
	Results   []Result          `json:"results"`   // sorted by ID
	Exchanges []Exchange        `json:"exchanges"` // sorted by ID, each once
}
