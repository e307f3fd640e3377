package mock

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// Codes of refusals that no reading changes, by what they say in the catalogue.
const (
	codeField    = "9403"  // validation failed
	codeNotFound = "11068" // payment or order not found
	codeDone     = "10015" // transaction already done
	codeRepeated = "9991"  // order id is not unique
)

// judge holds a request against the rules, the first broken one first: readable, a merchant who is
// known, authorised, fields, the path. What depends on what happened before comes later.
func (g *Gateway) judge(c *Call) {
	_ = g.unreadable(c) ||
		g.unknownMerchant(c) ||
		g.unauthorised(c) ||
		g.unlawful(c) ||
		g.elsewhere(c)
}

// transports are those by which an operation takes its request.
func (g *Gateway) transports(op *catalogue.Operation) []wire.Transport {
	switch {
	case op.Auth == catalogue.AuthSig: // TRN-2
		switch g.readings[wire.TopicTransports] {
		case "multipart":
			return []wire.Transport{wire.Multipart}
		case "urlencoded":
			return []wire.Transport{wire.URLEncoded}
		}
		return []wire.Transport{wire.Multipart, wire.URLEncoded, wire.Query, wire.PGXML}
	case op.Method == http.MethodGet:
		return []wire.Transport{wire.Query}
	case op.Auth == catalogue.AuthJWSMerchant: // INV-1
		if g.readings[wire.TopicInvoiceBody] == "json" {
			return []wire.Transport{wire.JSON}
		}
		return []wire.Transport{wire.Multipart}
	case strings.HasPrefix(op.Request.ContentType, "application/json"):
		return []wire.Transport{wire.JSON}
	}
	return []wire.Transport{wire.Multipart, wire.URLEncoded}
}

func (g *Gateway) unreadable(c *Call) bool {
	r := c.Request
	clause := "TRN-1"
	switch {
	case c.Operation.Auth == catalogue.AuthSig:
		clause = "TRN-2"
	case c.Operation.Auth == catalogue.AuthJWSMerchant:
		clause = "INV-1"
	}
	if r.Bad != nil {
		// Nothing can be waived here: there are no fields to go on with.
		c.Refused = &report.Finding{Clause: clause, Path: "request", Message: reason(r.Bad), Want: "a request that can be read"}
		c.Code = codeField
		c.Signing.Sign = false // whose secret would it be?
		return true
	}
	for _, t := range g.transports(c.Operation) {
		if r.Transport == t {
			return false
		}
	}
	return c.object(report.Finding{
		Clause: clause, Path: "request", Message: "the request travels in a form that is not taken here",
		Got: string(r.Transport), Want: string(g.transports(c.Operation)[0]),
	}, codeField)
}

// unknownMerchant holds the merchant id of the fields against the only one that is known.
func (g *Gateway) unknownMerchant(c *Call) bool {
	for _, name := range []string{"pg_merchant_id", "merchant_id"} {
		f, ok := c.Operation.Request.Field(name)
		if !ok || f.In == catalogue.InPath {
			continue
		}
		got, n := c.Request.Fields.Get(name)
		switch {
		case n == 0 && f.Required != catalogue.Yes:
		case n == 0:
			return c.stranger(report.Finding{Clause: "REQ-2", Path: "request/" + name, Message: "a required field is missing", Got: "nothing", Want: "a field " + name}, g)
		case got != g.o.Credentials.MerchantID:
			return c.stranger(report.Finding{Clause: "REQ-6", Path: "request/" + name, Message: "no such merchant", Got: quote(got), Want: "a merchant id that is known"}, g)
		}
	}
	return false
}

func (c *Call) stranger(f report.Finding, g *Gateway) bool {
	if !c.object(f, c.readings[topicUnknown]) {
		return false
	}
	c.Signing.Sign = false // SIG-21: there is no merchant whose secret could sign
	return true
}

func (g *Gateway) unauthorised(c *Call) bool {
	code := c.readings[topicBadSignature]
	if err := wire.JudgeBy(c.Operation, c.Request, &g.o.Credentials, g.readings); err != nil {
		if c.object(report.Finding{Clause: string(objection(err)), Path: place(c.Operation), Message: reason(err)}, code) {
			return true
		}
	}
	if c.Operation.Auth == catalogue.AuthSig && !c.Has(sig.FieldSalt) {
		return c.object(report.Finding{Clause: "SIG-14", Path: "request/pg_salt", Message: "pg_salt is missing", Got: "nothing", Want: "a field pg_salt"}, code)
	}
	return false
}

func place(op *catalogue.Operation) string {
	if op.Auth == catalogue.AuthSig {
		return "request/pg_sig"
	}
	return "request/" + jws.HeaderName
}

// objection names the clause that a request breaks whose authorisation fails with err.
func objection(err error) catalogue.ClauseID {
	var member *jws.MemberError
	switch {
	case errors.Is(err, sig.ErrUnsigned):
		return "SIG-12"
	case errors.Is(err, sig.ErrMismatch), errors.Is(err, sig.ErrMalformed), errors.Is(err, sig.ErrRepeated):
		return "SIG-13"
	case errors.Is(err, wire.ErrNoToken):
		return "JWS-1"
	case errors.Is(err, jws.ErrNotDetached):
		return "JWS-2"
	case errors.Is(err, jws.ErrAlg):
		return "JWS-4"
	case errors.As(err, &member):
		switch member.Name {
		case "path", "uri":
			return "JWS-5"
		case "method":
			return "JWS-6"
		case "auth_id", "merchant_id":
			return "JWS-7"
		case "alg":
			return "JWS-4"
		}
	}
	return "JWS-3"
}

// reason is what an error says, less what only a log of this program would want.
func reason(err error) string {
	s := err.Error()
	for _, prefix := range []string{"wire: ", "sig: ", "jws: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// money matches what TRN-7 allows an amount to be.
var money = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)

// unlawful holds the fields against the catalogue.
func (g *Gateway) unlawful(c *Call) bool {
	op := c.Operation
	if h, ok := op.Request.Header("X-Request-Id"); ok && h.Required == catalogue.Yes {
		id := c.Request.Header.Get("X-Request-Id")
		if id == "" {
			if c.object(report.Finding{Clause: "REQ-2", Path: "request/X-Request-Id", Message: "a required header is missing", Got: "nothing", Want: "a header X-Request-Id"}, codeField) {
				return true
			}
		} else if !uuid.MatchString(id) {
			if c.object(report.Finding{Clause: "REQ-4", Path: "request/X-Request-Id", Message: "not a UUID", Got: quote(id), Want: "a UUID"}, codeField) {
				return true
			}
		}
	}
	// Whoever gets past XML and JSON with a control character would not get it back.
	for path, f := range c.Request.Fields.All() {
		if !text(f.Value) || !text(f.Name) {
			if c.object(report.Finding{Clause: "REQ-4", Path: at(path), Message: "not text: a control character or no UTF-8", Want: "text"}, codeField) {
				return true
			}
			break
		}
	}
	for _, v := range schema.Check(c.Request.Fields, judged(op)) {
		f := report.Finding{Clause: string(clauseOf(v.Rule)), Path: at(v.Path), Message: "does not fit: " + string(v.Rule), Got: v.Got, Want: v.Want}
		if v.Rule == schema.RuleMissing && v.Field.Name == "pg_payment_id" && c.Has("pg_order_id") {
			if c.readings[topicStatusByOrder] == "answered" {
				continue // PAY-7
			}
			f.Clause = "PAY-7"
		}
		if c.object(f, codeField) {
			return true
		}
	}
	for path, f := range c.Request.Fields.All() {
		name := path[len(path)-1].Name
		if !strings.HasSuffix(name, "amount") && name != "price" || f.Value == "" || money.MatchString(f.Value) {
			continue
		}
		if c.object(report.Finding{Clause: "TRN-7", Path: at(path), Message: "not an amount of money", Got: quote(f.Value), Want: "a point and at most two decimals"}, codeField) {
			return true
		}
	}
	return false
}

// judged are the fields that the schema speaks about: the path's are compared, and those of the
// scheme were asked for already.
func judged(op *catalogue.Operation) []*catalogue.Field {
	out := make([]*catalogue.Field, 0, len(op.Request.Fields))
	for _, f := range op.Request.Fields {
		switch {
		case f.In == catalogue.InPath, f.Name == sig.FieldSig, f.Name == sig.FieldSalt, f.Name == "pg_merchant_id":
		default:
			out = append(out, f)
		}
	}
	return out
}

func clauseOf(r schema.Rule) catalogue.ClauseID {
	switch r {
	case schema.RuleMissing:
		return "REQ-2"
	case schema.RuleLength, schema.RuleRange:
		return "REQ-3"
	case schema.RuleEnum:
		return "REQ-5"
	}
	return "REQ-4"
}

func at(p sig.Path) string { return "request/" + p.String() }

// elsewhere compares the merchant of the path with that of the fields.
func (g *Gateway) elsewhere(c *Call) bool {
	inPath, ok := c.Path["merchant_id"]
	if !ok || inPath == c.Get("pg_merchant_id") || !c.Has("pg_merchant_id") && inPath == g.o.Credentials.MerchantID {
		return false
	}
	return c.object(report.Finding{
		Clause: "CARD-4", Path: "request/pg_merchant_id", Message: "the path names another merchant",
		Got: quote(inPath), Want: "one merchant id in path and fields",
	}, c.readings[topicUnknown])
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// text tells whether XML can carry s.
func text(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}
