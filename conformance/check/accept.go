package check

import (
	"fmt"
	"maps"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// Whether a request was taken. What follows from that when the control itself was refused, or was
// carried out in silence, is the engine's to decide, since it sees the exchanges beside each other.

func accepted(s *Scope, x *Seen) ([]report.Finding, string) {
	switch x.Outcome {
	case OutAccepted:
		return nil, ""
	case OutUnclear:
		return nil, "the answer says neither that the request was accepted nor that it was refused"
	}
	return s.one(x.Intent.Clause, "response", "a lawful request was refused", Describe(x.Exchange), "accepted")
}

func refused(s *Scope, x *Seen) ([]report.Finding, string) {
	switch x.Outcome {
	case OutRefused:
		return nil, ""
	case OutUnclear:
		return nil, "the answer says neither that the request was accepted nor that it was refused"
	}
	return s.one(x.Intent.Clause, "request", "it was accepted", Describe(x.Exchange), "a refusal")
}

func answered(_ *Scope, x *Seen) ([]report.Finding, string) {
	if x.Outcome == OutUnclear {
		return nil, "the answer says neither that the request was accepted nor that it was refused"
	}
	return nil, ""
}

// Describe says in one line what the peer answered.
func Describe(x *wire.Exchange) string {
	r := x.Response
	if r == nil {
		return "no answer"
	}
	out := fmt.Sprintf("HTTP %d", r.Status)
	for _, name := range []string{"pg_status", "status", "paymentStatus", "pg_error_code", "error_code", "pg_error_description", "error_description", "pg_description"} {
		if v, n := r.Fields.Get(name); n > 0 && v != "" {
			out += fmt.Sprintf(", %s %s", name, cut(v))
		}
	}
	if v := r.Header.Get("X-Request-Status"); v != "" {
		out += ", X-Request-Status " + cut(v)
	}
	return out
}

// cut keeps a value short enough for one line.
func cut(v string) string {
	if r := []rune(v); len(r) > 64 {
		return string(r[:64]) + "…"
	}
	return v
}

// showsSending: an accepted request shows the readings that it was sent by; a refused transport,
// beside an accepted control, shows that only the other one is taken.
func showsSending(s *Scope, x *Seen) map[string]string {
	o := s.Operation
	if x.Outcome == OutRefused && o.Auth == catalogue.AuthSig && gateway(s) && x.Control != nil && isTransport(x) {
		if x.Control.Request.Transport == wire.URLEncoded {
			return map[string]string{wire.TopicTransports: "urlencoded"}
		}
		return map[string]string{wire.TopicTransports: "multipart"}
	}
	if x.Outcome != OutAccepted {
		return nil
	}
	shows := map[string]string{}
	for _, choice := range wire.SendTopics(&wire.Draft{Operation: o, Fields: x.Request.Fields}) {
		reading := x.Readings[choice.Topic]
		if reading == "" {
			reading = choice.Readings[0]
		}
		shows[choice.Topic] = reading
	}
	// Which transports are taken shows only where another one than the page's is tried.
	delete(shows, wire.TopicTransports)
	delete(shows, wire.TopicCallbackBody)
	switch {
	case !gateway(s):
		switch x.Request.Transport {
		case wire.Multipart, wire.URLEncoded:
			shows[wire.TopicCallbackBody] = string(x.Request.Transport)
		}
	case isTransport(x):
		shows[wire.TopicTransports] = "any"
	case o.Auth == catalogue.AuthSig && x.Request.Transport == wire.URLEncoded:
		shows[wire.TopicTransports] = "urlencoded"
	}
	return maps.Clone(shows)
}

func isTransport(x *Seen) bool {
	return len(x.Intent.Probe) > 10 && x.Intent.Probe[:10] == "transport:"
}
