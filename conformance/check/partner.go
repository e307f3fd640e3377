package check

import (
	"bytes"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/report"
)

// The partner's reads. Their page contradicts its own example in the types of three fields; the
// readings are shown, and what is neither is a finding.

func kindOf(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return ""
	case raw[0] == '"':
		return "text"
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return "number"
	case string(raw) == "null":
		return "null"
	}
	return "other"
}

func partnerMerchantID(s *Scope, x *Seen) ([]report.Finding, string) {
	switch kind := kindOf(object(x)["merchantId"]); kind {
	case "text", "number":
		return nil, ""
	case "":
		return s.one("PRT-4", "response/merchantId", "there is no merchantId", "nothing", "a text or a number")
	default:
		return s.one("PRT-4", "response/merchantId", "neither a text nor a number", kind, "a text or a number")
	}
}

func showsPartnerMerchantID(_ *Scope, x *Seen) map[string]string {
	if x.Outcome != OutAccepted {
		return nil
	}
	switch kind := kindOf(object(x)["merchantId"]); kind {
	case "text", "number":
		return map[string]string{"partner-merchant-id": kind}
	}
	return nil
}

func lifetimeReading(x *Seen) string {
	raw := object(x)["lifetime"]
	switch kindOf(raw) {
	case "number":
		return "seconds"
	case "text":
		v := strings.Trim(string(raw), `"`)
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
			if _, err := time.Parse(layout, v); err == nil {
				return "date-time"
			}
		}
		if v != "" && strings.Trim(v, "0123456789") == "" {
			return "seconds"
		}
	}
	return ""
}

func partnerLifetime(s *Scope, x *Seen) ([]report.Finding, string) {
	if lifetimeReading(x) != "" {
		return nil, ""
	}
	return s.one("PRT-5", "response/lifetime", "neither a date-time nor seconds", cut(string(object(x)["lifetime"])), "a date-time in UTC, or seconds")
}

func showsPartnerLifetime(_ *Scope, x *Seen) map[string]string {
	if x.Outcome != OutAccepted || lifetimeReading(x) == "" {
		return nil
	}
	return map[string]string{"partner-lifetime": lifetimeReading(x)}
}

// partnerZero: fee and discount are absent, null, at least 0.01, or 0.
func partnerZero(s *Scope, x *Seen) ([]report.Finding, string) {
	for _, name := range []string{"fee", "discount"} {
		raw := object(x)[name]
		switch kindOf(raw) {
		case "", "null":
			continue
		case "number":
			if v, ok := decimal(string(raw)); ok && (v.Sign() == 0 || v.Cmp(least) >= 0 && v.Cmp(most) <= 0) {
				continue
			}
		}
		return s.one("PRT-6", "response/"+name, "no amount", cut(string(raw)), "0, 0.01 to 9999999999, null, or left out")
	}
	return nil, ""
}

var (
	least, _ = decimal("0.01")
	most, _  = decimal("9999999999")
)

func showsPartnerZero(_ *Scope, x *Seen) map[string]string {
	if x.Outcome != OutAccepted {
		return nil
	}
	for _, name := range []string{"fee", "discount"} {
		if v, ok := decimal(string(object(x)[name])); ok && v.Sign() == 0 {
			return map[string]string{"partner-zero": "zero"}
		}
	}
	return map[string]string{"partner-zero": "absent"}
}

func requestIDRepeated(s *Scope, x *Seen) ([]report.Finding, string) {
	want := x.Request.Header.Get("X-Request-Id")
	if got := x.Response.Header.Get("X-Request-Id"); got != want {
		return s.one("PRT-7", "response/X-Request-Id", "not the id of the request", cut(got), want)
	}
	return nil, ""
}

func whenAnswered(f func(*Scope, *Seen) ([]report.Finding, string)) func(*Scope, *Seen) ([]report.Finding, string) {
	return func(s *Scope, x *Seen) ([]report.Finding, string) {
		if x.Outcome == OutRefused {
			return nil, "the request was not accepted"
		}
		return f(s, x)
	}
}

func datetimeHeader(s *Scope, x *Seen) ([]report.Finding, string) {
	got := x.Response.Header.Get("X-Datetime")
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if _, err := time.Parse(layout, got); err == nil {
			return nil, ""
		}
	}
	return s.one("PRT-8", "response/X-Datetime", "no date and time", cut(got), "the time of processing")
}

func requestStatusHeader(s *Scope, x *Seen) ([]report.Finding, string) {
	switch got := x.Response.Header.Get("X-Request-Status"); got {
	case "success", "error":
		return nil, ""
	case "":
		return s.one("PRT-9", "response/X-Request-Status", "there is none", "nothing", "success or error")
	default:
		return s.one("PRT-9", "response/X-Request-Status", "a status that no page lists", cut(got), "success or error")
	}
}

// sameAnswer: the same X-Request-Id again gives the answer that was given before. Only the body is
// compared, white space aside: the time of processing may be that of either.
func sameAnswer(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Before == nil || x.Before.Response == nil || x.Before.Response.Bad != nil {
		return nil, "there is no answer before to compare with"
	}
	if !equal(x.Response.Fields, x.Before.Response.Fields) {
		return s.one("JWS-12", "response", "another answer to the same X-Request-Id", begins(x.Response.Body), "the answer that was given before")
	}
	return nil, ""
}
