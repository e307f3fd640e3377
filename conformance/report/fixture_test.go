package report

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the files under testdata/golden")

// fixtures are the reports that every writer is tried on, by the name of their golden files.
var fixtures = map[string]func() *Report{
	"zero-results": func() *Report { return &Report{Tool: Tool{"fpconform", "0.1.0"}} },
	"every-status": everyStatus,
	"conforms":     conforming,
	"bytes":        withBytes,
	"interrupted":  interrupted,
	"same-reasons": sameReasons,
}

// noon is not in UTC on purpose.
var noon = time.Date(2026, 3, 4, 17, 0, 0, 0, time.FixedZone("+05", 5*3600))

func base() *Report {
	return &Report{
		Tool:      Tool{"fpconform", "0.1.0"},
		Catalogue: "sha256:5f0c",
		Target:    map[string]string{"gateway": "http://127.0.0.1:8080"},
		Seed:      1<<64 - 1, // not a float
		Started:   noon,
		Took:      1812 * time.Millisecond,
	}
}

func exchange(operation, probe string) Exchange {
	return Exchange{
		ID: operation + "/" + probe, Operation: operation, Probe: probe,
		Request: Message{
			Line:   "POST /init_payment.php HTTP/1.1",
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			Body:   "pg_merchant_id=500001&pg_amount=100&pg_sig=93a1…e0c4",
		},
		Response: &Message{
			Line:   "HTTP/1.1 200 OK",
			Header: http.Header{"Content-Type": {"text/xml"}},
			Body:   "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response><pg_status>ok</pg_status></response>",
		},
		Started: noon.Add(time.Second),
		Took:    3 * time.Millisecond,
	}
}

func result(operation, probe, check string, s Status, reason string, findings ...Finding) Result {
	return Result{
		ID: operation + "/" + probe + "/" + check, Operation: operation, Probe: probe, Check: check,
		Clauses: []string{"SIG-4"}, Status: s, Reason: reason, Findings: findings, Took: 20 * time.Microsecond,
	}
}

func of(r Result, exchange string) Result { r.Exchange = exchange; return r }

func knownAs(r Result, reason string) Result { r.Known = reason; return r }

const create, status, pay = "merchant.purchase.create", "merchant.purchase.status", "merchant.card.pay"

func everyStatus() *Report {
	r := base()
	order := Finding{
		Clause: "SIG-4", Text: "Fields with the same name are signed in the order in which they appear in the message, at every level of it.",
		Path: "response/pg_refund_payments/pg_refund_payment[2]", Message: "the signature does not verify",
		Got: "pg_sig 93a1…e0c4", Want: "a signature over wire order",
		Hint: "it is right for these fields in reverse order",
	}
	accepted := Finding{
		Clause: "SIG-12", Text: "A request whose signature does not verify is refused.", Path: "response/pg_status",
		Message: "the request was accepted", Got: `"ok"`, Want: `"error"`,
	}
	code := Finding{
		Clause: "ERR-3", Text: "A wrong signature is answered with its own code.", Path: "response/pg_error_code",
		Message: "the code belongs to no class that fits", Got: "420", Want: "one of 100, 1100, 9998",
	}
	sent := exchange(pay, "valid")
	sent.Readings = map[string]string{"identity": "number"}
	sent.Curl = `curl -d pg_sig="$(fpconform sign --script pay pg_amount=100)" http://127.0.0.1:8080/v1/merchant/500001/card/pay`
	lost := exchange(create, "amount-missing")
	lost.Response, lost.Error, lost.Control = nil, "dial tcp 127.0.0.1:8080: connection refused", create+"/valid"
	r.Exchanges = []Exchange{exchange(status, "valid"), sent, lost, exchange(create, "valid"), exchange(create, "sig-tampered")}
	r.Results = []Result{
		of(result(status, "valid", "sig.response-verifies", Fail, "", order), status+"/valid"),
		of(result(pay, "valid", "sig.response-verifies", Fail, "", order), pay+"/valid"),
		of(result(create, "sig-tampered", "sig.refuses-bad", Fail, "", accepted, code), create+"/sig-tampered"),
		of(result(create, "valid", "message.parses", Pass, ""), create+"/valid"),
		of(result(create, "valid", "errors.code", Warn, "the sources contradict each other", code), create+"/valid"),
		of(result(create, "amount-missing", "message.parses", Error, "connection refused"), create+"/amount-missing"),
		result(pay, "cvc-missing", "errors.refuses", Inconclusive, "the control was refused: its state forbids it"),
		knownAs(result(pay, "cvc-short", "errors.refuses", Inconclusive, "the control was refused: its state forbids it"), "the sandbox ignores the CVC, ticket 17"),
		knownAs(result(pay, "cvc-long", "errors.refuses", Error, "no answer within 15s"), "the sandbox hangs, ticket 18"),
		result("callback.result", "paid", "message.parses", Skip, "effect charges is not allowed here; --allow charges sends it"),
		{
			ID: "kit/known/merchant.card.pay/valid/message.parses", Check: "known", Clauses: []string{"KIT-1"}, Status: Fail,
			Findings: []Finding{{
				Clause: "KIT-1", Text: "An entry of known: names a case that ends inconclusive or in error.",
				Message: "the case passes", Got: "pass", Want: "inconclusive or error", Hint: "remove the entry",
			}},
		},
	}
	r.Partial = true
	r.LeftOut = map[string]string{
		"invoice.merchant.info": "known by name only", "invoice.merchant.status": "known by name only",
		"callback.result": "effect charges is not allowed here; --allow charges sends it",
	}
	r.Notes = []string{"every request signed with the payout key was refused"}
	r.Behaviour = []Behaviour{
		{Clause: "SIG-9", Topic: "field-order", Reading: "alphabetical", Shown: 12},
		{Clause: "ERR-1", Topic: "refusals", Reading: "signed", First: true, Shown: 1},
	}
	return r
}

func conforming() *Report {
	r := base()
	r.Exchanges = []Exchange{exchange(create, "valid")}
	r.Results = []Result{
		of(result(create, "valid", "message.parses", Pass, ""), create+"/valid"),
		of(result(create, "valid", "sig.response-verifies", Pass, ""), create+"/valid"),
	}
	r.Behaviour = []Behaviour{{Clause: "ERR-1", Topic: "refusals", Reading: "signed", First: true, Shown: 1}}
	return r
}

// withBytes has what a hostile or broken peer sends, wherever a peer's bytes may come to stand.
func withBytes() *Report {
	r := base()
	x := exchange(create, "valid")
	x.Response.Line = "HTTP/1.1 200 \x1b[2J\xff"
	x.Response.Header = http.Header{"X-Odd": {"caf\xe9 \x00"}}
	x.Response.Body = "\xef\xbb\xbf<?xml?>\x00\x01\xff\xfe"
	x.Request.Body = "pg_description=Заказ ☕ \u202e\u2028<&>]]>"
	r.Exchanges = []Exchange{x}
	r.Results = []Result{
		of(result(create, "valid", "message.parses", Fail, "", Finding{
			Clause: "MSG-1", Text: "An answer is well-formed XML in UTF-8.", Path: "response",
			Message: "bytes before the declaration",
			Got:     "\xef\xbb\xbf\x1b]0;owned\x07\r\n\u202eevil\u00a0\xff\ufffe " + string(bytes.Repeat([]byte("я"), 300)),
			Want:    "<?xml", Hint: "the file was saved with a byte order mark",
		}), x.ID),
		of(result(create, "valid", "message.signed", Warn, "", Finding{Clause: "MSG-2", Text: "]]> & \x02 < is not signed", Got: "\x00"}), x.ID),
		result(create, "valid", "sig.response-verifies", Error, "read: \x1b[31mreset\x9b\xc3\x28"),
		result(create, "valid", "sig.salt", Skip, "no answer \x08\x08"),
	}
	return r
}

func interrupted() *Report {
	r := conforming()
	r.Results = append(r.Results, result(create, "sig-tampered", "sig.refuses-bad", Skip, "the run was interrupted"))
	r.Ended = EndedInterrupted
	r.Notes = []string{"interrupted after 1 of 214 requests"}
	return r
}

// sameReasons has a hundred cases that are open for one reason and more that are skipped for another.
func sameReasons() *Report {
	r := conforming()
	for i := range 100 {
		r.Results = append(r.Results, result(pay, fmt.Sprintf("field-missing:pg_field_%03d", i), "errors.refuses", Inconclusive,
			"every control that is signed with the purchase key was refused, so nothing can be told about what is asked with it"))
	}
	for i := range 45 {
		r.Results = append(r.Results, result(pay, fmt.Sprintf("limit-crossed:pg_field_%03d", i), "errors.refuses", Skip, "no order left: 46 are needed, the configuration has 1"))
	}
	r.Results = append(r.Results, result(pay, "valid", "errors.refuses", Error, "no answer within 15s"))
	return r
}

// golden compares got with the golden file of this name, or rewrites it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test -update rewrites it\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

func render(t *testing.T, w Writer, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// required ends a test that needs something from outside: it skips, but fails in CI.
func required(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}
