package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
)

// unreadable is why a check that needs the answer's fields cannot look.
const unreadable = "the answer could not be read"

// readable wraps a check that needs a readable answer.
func readable(f func(*Scope, *Seen) ([]report.Finding, string)) func(*Scope, *Seen) ([]report.Finding, string) {
	return func(s *Scope, x *Seen) ([]report.Finding, string) {
		if httpRefusal(s, x) {
			return nil, "refused by HTTP status: the body is not judged"
		}
		if x.Response.Bad != nil {
			return nil, unreadable
		}
		return f(s, x)
	}
}

// parses: MSG-1, and PRT-10 for the one answer of which only the form is known.
func parses(s *Scope, x *Seen) ([]report.Finding, string) {
	if httpRefusal(s, x) {
		return nil, "refused by HTTP status: the body is not judged"
	}
	clause := catalogue.ClauseID("MSG-1")
	if s.Operation.ID == partnerPost {
		clause = "PRT-10"
	}
	r, want := x.Response, "a well-formed XML document in UTF-8"
	if promises(s, "json") {
		want = "a JSON object in UTF-8"
	}
	switch {
	case errors.Is(r.Bad, wire.ErrTooLong):
		return s.one(clause, "response", "the body is longer than any answer may be", r.Bad.Error(), want)
	case r.Bad != nil:
		return s.one(clause, "response", "the body cannot be read", r.Bad.Error()+": "+begins(r.Body), want)
	case promises(s, "json") && r.Root != "":
		return s.one(clause, "response", "XML where JSON is promised", begins(r.Body), want)
	case promises(s, "xml") && r.Root == "":
		return s.one(clause, "response", "JSON where XML is promised", begins(r.Body), want)
	case len(r.Before) > 0:
		return s.one(clause, "response", "bytes stand before the document", fmt.Sprintf("%q", cut(string(r.Before))), "a document that begins with its first byte")
	}
	return nil, ""
}

func begins(body []byte) string {
	if len(body) == 0 {
		return "nothing"
	}
	text := string(body)
	if len(text) > 48 {
		text = text[:48]
	}
	return fmt.Sprintf("begins %q", strings.ToValidUTF8(text, "?"))
}

func root(s *Scope, x *Seen) ([]report.Finding, string) {
	want := s.Operation.Response.Root
	if x.Response.Root == "" {
		return nil, "the answer is no XML"
	}
	if x.Response.Root != want {
		return s.one(byRole(s, "MSG-2", "CB-1"), "response", "another root element", cut(x.Response.Root), want)
	}
	return nil, ""
}

func byRole(s *Scope, ofGateway, ofMerchant catalogue.ClauseID) catalogue.ClauseID {
	if gateway(s) {
		return ofGateway
	}
	return ofMerchant
}

func contentType(s *Scope, x *Seen) ([]report.Finding, string) {
	if httpRefusal(s, x) {
		return nil, "refused by HTTP status: the body is not judged"
	}
	got := x.Response.Header.Get("Content-Type")
	kind, params, err := mime.ParseMediaType(got)
	want := "application/xml or text/xml"
	right := kind == "application/xml" || kind == "text/xml"
	if promises(s, "json") {
		want, right = "application/json", kind == "application/json"
	}
	if err != nil || !right {
		return s.one("MSG-3", "response/Content-Type", "another type than the page promises", cut(got), want)
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return s.one("MSG-3", "response/Content-Type", "another charset than UTF-8", cut(got), "charset=utf-8 or none")
	}
	return nil, ""
}

func documentedStatus(s *Scope, x *Seen) ([]report.Finding, string) {
	r := x.Response
	if s.Operation.ID == partnerGet {
		if x.Outcome == OutRefused {
			return nil, "nothing is known of how this read refuses"
		}
		return listed(s, x, "PRT-2", "paymentStatus")
	}
	name := statusField(s.Operation)
	if x.Outcome == OutRefused && r.Status >= 400 {
		if _, n := r.Fields.Get(name); n == 0 {
			return nil, "refused by HTTP status, without " + name
		}
	}
	return listed(s, x, byRole(s, "MSG-4", "CB-1"), name)
}

func listed(s *Scope, x *Seen, clause catalogue.ClauseID, name string) ([]report.Finding, string) {
	f, _ := s.Operation.Response.Field(name) // a status that the catalogue has
	value, n := x.Response.Fields.Get(name)
	want := "one of " + strings.Join(f.Enum, ", ")
	switch {
	case n == 0:
		return s.one(clause, "response/"+name, "there is no "+name, "nothing", want)
	case n > 1:
		return s.one(clause, "response/"+name, "more than one "+name, fmt.Sprint(n), "one")
	case !f.Listed(value):
		return s.one(clause, "response/"+name, "a status that no page lists", cut(value), want)
	}
	return nil, ""
}

// httpStatus: an accepted answer comes with 200 (MSG-7); refusals with 200, 401 or 422, which is
// disputed (MSG-8); a merchant's answer with 200, since anything else is called again (CB-11),
// but for a refusal by 4xx (CB-10).
func httpStatus(s *Scope, x *Seen) ([]report.Finding, string) {
	got := x.Response.Status
	line := fmt.Sprintf("HTTP %d", got)
	switch {
	case got == 200:
		return nil, ""
	case got >= 300 && got < 400:
		return s.one(byRole(s, "MSG-7", "CB-11"), "response", "a redirect, which is never followed", line+" to "+cut(x.Response.Header.Get("Location")), "HTTP 200")
	case got >= 500 && x.Intent.Clause == "CB-3":
		return []report.Finding{
			s.finding("CB-10", "response", "a wrong signature is neither answered nor refused by HTTP 4xx", line, "a signed answer, or HTTP 4xx"),
			s.finding("CB-11", "response", "another HTTP status", line, "HTTP 200"),
		}, ""
	case got >= 500 || x.Outcome != OutRefused:
		return s.one(byRole(s, "MSG-7", "CB-11"), "response", "another HTTP status", line, "HTTP 200")
	case !gateway(s):
		if x.Intent.Clause == "CB-3" {
			return s.one("CB-10", "response", "a wrong signature is refused by HTTP status, without a message", line, "HTTP 200 and a signed answer")
		}
		return s.one("CB-11", "response", "another HTTP status", line, "HTTP 200")
	case isTransport(x):
		return nil, "" // TRN-2: whether it is taken is what the probe asks
	case isJWS(s.Operation) || s.Operation.Auth == catalogue.AuthUnknown || s.Operation.Auth == catalogue.AuthNone:
		return nil, "" // nothing is said about refusals of this family
	case got == 401 || got == 422:
		return nil, ""
	}
	return s.one("MSG-8", "response", "a refusal with another HTTP status", line, "HTTP 200, 401 or 422")
}

func showsHTTP(s *Scope, x *Seen) map[string]string {
	if x.Outcome != OutRefused {
		return nil
	}
	if !gateway(s) {
		if x.Intent.Clause != "CB-3" {
			return nil
		}
		if x.Response.Status >= 400 {
			return map[string]string{"merchant-refusal": "http"}
		}
		return map[string]string{"merchant-refusal": "answer"}
	}
	switch x.Response.Status {
	case 200, 401, 422:
		if s.Operation.Auth == catalogue.AuthSig {
			return map[string]string{"refusal-status": fmt.Sprint(x.Response.Status)}
		}
	}
	return nil
}

// whenAccepted wraps a check of an accepted answer.
func whenAccepted(f func(*Scope, *Seen) ([]report.Finding, string)) func(*Scope, *Seen) ([]report.Finding, string) {
	return readable(func(s *Scope, x *Seen) ([]report.Finding, string) {
		if x.Outcome != OutAccepted {
			return nil, "the request was not accepted"
		}
		return f(s, x)
	})
}

// own are the fields whose rules are clauses of their own, so that one fault is reported once.
func own(s *Scope, name string) bool {
	switch name {
	case "pg_status", "status", "paymentStatus", "pg_sig", "pg_salt", "invoice_status", "dt":
		return true
	case "merchantId", "lifetime", "fee", "discount":
		return s.Operation.ID == partnerGet
	case "pg_redirect_url":
		return s.Operation.ID == purchase
	case "pg_payment_id":
		return s.Operation.ID == purchase || s.Operation.ID == cardInit
	case "invoice_methods":
		return s.Operation.ID == invoiceInit
	}
	return false
}

func requiredAnswer(s *Scope, x *Seen) ([]report.Finding, string) {
	return violations(s, x, "MSG-5", func(v schema.Violation) bool { return v.Rule == schema.RuleMissing }), ""
}

func answerFields(s *Scope, x *Seen) ([]report.Finding, string) {
	found := violations(s, x, "MSG-6", func(v schema.Violation) bool { return v.Rule != schema.RuleMissing })
	return append(found, jsonTypes(s, x)...), ""
}

// jsonTypes judges what a message does not keep: whether a value of a JSON answer is written as a
// number or as a text.
func jsonTypes(s *Scope, x *Seen) []report.Finding {
	var out []report.Finding
	members := object(x)
	for _, f := range s.Operation.Response.Fields {
		raw, ok := members[f.Name]
		if !ok || own(s, f.Name) {
			continue
		}
		want := "text"
		switch f.Judged() {
		case catalogue.TypeInteger, catalogue.TypeNumber:
			want = "number"
		case catalogue.TypeString:
		default:
			continue
		}
		if got := kindOf(raw); got != want && !(got == "null" && f.Nullable) {
			out = append(out, s.finding("MSG-6", "response/"+f.Name, "another JSON type", got, want))
		}
	}
	return out
}

func violations(s *Scope, x *Seen, clause catalogue.ClauseID, want func(schema.Violation) bool) []report.Finding {
	var out []report.Finding
	for _, v := range schema.Check(x.Response.Fields, s.Operation.Response.Fields) {
		if len(v.Path) > 0 && own(s, v.Path[0].Name) || !want(v) {
			continue
		}
		out = append(out, s.finding(clause, "response/"+v.Path.String(), string(v.Rule), cut(v.Got), v.Want))
	}
	return out
}

// amountFields are the answer's fields that hold money.
func amountFields(s *Scope) []string {
	var out []string
	for _, f := range s.Operation.Response.Fields {
		if strings.HasSuffix(f.Name, "amount") && f.Items == nil && f.Fields == nil {
			out = append(out, f.Name)
		}
	}
	return out
}

// amounts: TRN-7.
func amounts(s *Scope, x *Seen) ([]report.Finding, string) {
	var out []report.Finding
	for _, name := range amountFields(s) {
		v, n := x.Response.Fields.Get(name)
		if n == 0 || v == "" {
			continue
		}
		whole, fraction, point := strings.Cut(strings.TrimPrefix(v, "-"), ".")
		digits := strings.Trim(whole+fraction, "0123456789") == "" && whole != ""
		if !digits || point && (fraction == "" || len(fraction) > 2) {
			out = append(out, s.finding("TRN-7", "response/"+name, "not written as an amount", cut(v), "a decimal point and at most two digits after it"))
		}
	}
	return out, ""
}

// object decodes a JSON answer with its types, which a message has not.
func object(x *Seen) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(x.Response.Body, &out) != nil {
		return nil
	}
	return out
}
