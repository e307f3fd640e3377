package check

import (
	"slices"

	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/sig"
)

// What a merchant under test has beyond the general form.

// sameStatus: a repeated notification gets the status that the first one got.
func sameStatus(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Before == nil || x.Before.Response == nil || x.Before.Response.Bad != nil {
		return nil, "there is no answer before to compare with"
	}
	got, _ := x.Response.Fields.Get("pg_status")
	want, _ := x.Before.Response.Fields.Get("pg_status")
	if got != want {
		return s.one("CB-6", "response/pg_status", "another answer to the same result", cut(got), cut(want))
	}
	return nil, ""
}

// showsAnswerSalt: the answer repeats the callback's salt, or has one of its own.
func showsAnswerSalt(s *Scope, x *Seen) map[string]string {
	if gateway(s) || x.Response.Bad != nil {
		return nil
	}
	sent, n := x.Request.Fields.Get(sig.FieldSalt)
	got, m := x.Response.Fields.Get(sig.FieldSalt)
	switch {
	case n != 1 || m != 1:
		return nil
	case sent == got:
		return map[string]string{"answer-salt": "repeated"}
	}
	return map[string]string{"answer-salt": "new"}
}

// equal compares two messages field by field, in their order.
func equal(a, b sig.Message) bool {
	return slices.EqualFunc(a, b, func(x, y sig.Field) bool {
		return x.Name == y.Name && x.Value == y.Value && (x.Children == nil) == (y.Children == nil) && equal(x.Children, y.Children)
	})
}
