package check

import (
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
)

// An Outcome is what a peer did with a request.
type Outcome string

const (
	OutAccepted Outcome = "accepted"
	OutRefused  Outcome = "refused"
	OutUnclear  Outcome = "unclear" // an answer came, but it says neither
	OutLost     Outcome = "lost"    // no answer came that can be judged
)

// Of tells what the peer did. Accepted: pg_status or status is ok; a partner read by GET, 200 with
// paymentStatus; a partner read by POST, 200 with X-Request-Status success. Refused: any other
// status that the page lists, X-Request-Status error, a member error, or HTTP 4xx.
func Of(x *wire.Exchange) Outcome {
	if x.Err != nil || x.Response == nil {
		return OutLost
	}
	r := x.Response
	clientError := r.Status >= 400 && r.Status < 500
	if r.Bad != nil {
		if clientError {
			return OutRefused
		}
		return OutUnclear
	}
	if name := statusField(x.Operation); name != "" {
		value, n := r.Fields.Get(name)
		f, _ := x.Operation.Response.Field(name)
		switch {
		case n == 1 && value == "ok":
			return OutAccepted
		case n == 1 && f != nil && f.Listed(value):
			return OutRefused
		}
	}
	if status := r.Header.Get("X-Request-Status"); status != "" {
		switch {
		case status == "error":
			return OutRefused
		case status == "success" && r.Status == 200 && x.Operation.ID == partnerPost:
			return OutAccepted
		}
	}
	if has(r, "error") || clientError {
		return OutRefused
	}
	if _, n := r.Fields.Get("paymentStatus"); n > 0 && r.Status == 200 && x.Operation.ID == partnerGet {
		return OutAccepted
	}
	return OutUnclear
}

// statusField is the answer's field that says whether the request was taken.
func statusField(o *catalogue.Operation) string {
	for _, name := range []string{"pg_status", "status"} {
		if _, ok := o.Response.Field(name); ok {
			return name
		}
	}
	return ""
}

func has(r *wire.Response, name string) bool {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Code returns the error code that a refusal carries, or "".
func Code(x *wire.Exchange) string {
	if x.Response == nil {
		return ""
	}
	for _, name := range []string{"pg_error_code", "error_code"} {
		if v, n := x.Response.Fields.Get(name); n > 0 {
			return v
		}
	}
	return ""
}

// Forbidden tells whether a refusal's code says that the merchant's contract or the state of the
// payment forbids what is lawful otherwise.
func Forbidden(c *catalogue.Catalogue, x *wire.Exchange, classes ...catalogue.Class) bool {
	code, ok := c.ErrorCode(Code(x))
	return ok && code.Is(classes...)
}

// httpRefusal tells whether a request was refused by HTTP 4xx where that needs no message: by a
// merchant (CB-10, CB-11 say what that means), and by a gateway that does not take another
// transport than the page's (TRN-2), for which 405 is as good an answer as any.
func httpRefusal(s *Scope, x *Seen) bool {
	return x.Outcome == OutRefused && x.Response.Status >= 400 && (!gateway(s) || isTransport(x))
}
