package check

import (
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// itself and beforeRule tell which field a variant is about: pg_amount, and pg_amount.max.
func itself(variant string) string { return variant }

func beforeRule(variant string) string {
	if i := strings.LastIndexByte(variant, '.'); i >= 0 {
		return variant[:i]
	}
	return variant
}

func afterField(variant string) string {
	if i := strings.LastIndexByte(variant, '.'); i >= 0 {
		return variant[i+1:]
	}
	return ""
}

// fieldClasses are the classes that fit a step about a field: who calls is also a matter of the
// merchant and of the signature, which payment is meant also of its state.
func fieldClasses(s *Scope, variant string) []catalogue.Class {
	name := beforeRule(variant)
	if _, ok := s.Operation.Request.Field(variant); ok {
		name = variant
	}
	f := requestField(s.Operation, name)
	switch {
	case name == "pg_merchant_id" || name == "merchant_id":
		return signatureMerchantField
	case f != nil && (f.From != "" || f.Given):
		return stateField
	}
	return field
}

// requiredFields are those that a page marks so. What is only guessed is never probed.
func requiredFields(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	return requiredNames(s)
}

func requiredNames(s *Scope) []string {
	var out []string
	for _, f := range request(s.Operation) {
		if f.Required == catalogue.Yes {
			out = append(out, f.Name)
		}
	}
	return out
}

func dropField(_ *Scope, d *wire.Draft, variant string) { drop(d, variant) }

// requiredHeaders: of the headers only X-Request-Id is probed here; X-JWS-Signature has probes of
// its own.
func requiredHeaders(s *Scope) []string {
	var out []string
	for _, h := range s.Operation.Request.Headers {
		if h.Required == catalogue.Yes && strings.EqualFold(h.Name, "X-Request-Id") {
			out = append(out, h.Name)
		}
	}
	return out
}

func dropHeader(_ *Scope, d *wire.Draft, variant string) { d.Header.Del(variant) }

// A limitCase is a value at a limit or one past it, by a name for life: pg_amount.max.
type limitCase struct{ Name, Value string }

// atEdges names the lawful values at a field's limits.
func atEdges(f *catalogue.Field) []limitCase {
	var out []limitCase
	for _, v := range schema.AtEdges(f) {
		name := ""
		switch n := utf8.RuneCountInString(v); {
		case f.MaxLength > 0 && n == f.MaxLength:
			name = "max-length"
		case f.MinLength > 0 && n == f.MinLength:
			name = "min-length"
		case string(f.Min) != "" && same(catalogue.EchoAmount, v, string(f.Min)):
			name = "min"
		default:
			name = "max"
		}
		if len(v) != utf8.RuneCountInString(v) {
			name += "-cyrillic" // limits count characters, not bytes
		}
		out = append(out, limitCase{distinct(out, name), v})
	}
	return out
}

// beyond names the values one past a field's limits.
func beyond(f *catalogue.Field) []limitCase {
	var out []limitCase
	for _, c := range schema.Beyond(f) {
		name := ""
		switch c.Rule {
		case schema.RuleLength:
			if name = "above-max-length"; utf8.RuneCountInString(c.Value) < f.MinLength {
				name = "below-min-length"
			}
		case schema.RuleRange:
			name = "above-max"
			if v, ok := decimal(c.Value); ok && string(f.Min) != "" {
				if least, ok := decimal(string(f.Min)); ok && v.Cmp(least) < 0 {
					name = "below-min"
				}
			}
		default:
			name = string(c.Rule)
		}
		out = append(out, limitCase{distinct(out, name), c.Value})
	}
	return out
}

func distinct(have []limitCase, name string) string {
	n := 1
	for _, c := range have {
		if c.Name == name || strings.HasPrefix(c.Name, name+"-and-") {
			n++
		}
	}
	if n == 1 {
		return name
	}
	return name + "-and-" + string(rune('0'+n))
}

// probed are the fields whose limits and types are tried. The merchant's own id is not among those
// for limits, since it has none, and values that only the target knows are not bent.
func probed(s *Scope) []*catalogue.Field {
	var out []*catalogue.Field
	for _, f := range request(s.Operation) {
		if f.Items == nil && len(f.Fields) == 0 {
			out = append(out, f)
		}
	}
	return out
}

func beyondLimits(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	return beyondNames(s)
}

func beyondNames(s *Scope) []string {
	var out []string
	for _, f := range probed(s) {
		for _, c := range beyond(f) {
			out = append(out, f.Name+"."+c.Name)
		}
	}
	return out
}

// beyondClause: a value that misses its format or pattern is of the wrong kind, not past a limit.
func beyondClause(_ *Scope, variant string) catalogue.ClauseID {
	switch afterField(variant) {
	case string(schema.RuleFormat), string(schema.RulePattern):
		return "REQ-4"
	}
	return "REQ-3"
}

func setBeyond(s *Scope, d *wire.Draft, variant string) {
	f := requestField(s.Operation, beforeRule(variant))
	for _, c := range beyond(f) {
		if c.Name == afterField(variant) {
			set(d, f.Name, c.Value)
		}
	}
}

// edges are the lawful values just at a limit. Values that are handed out or given are not ours to
// choose.
func edges(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	var out []string
	for _, f := range probed(s) {
		if f.From != "" || f.Given {
			continue
		}
		for _, c := range atEdges(f) {
			out = append(out, f.Name+"."+c.Name)
		}
	}
	return out
}

// edgeNeeds: a text of Cyrillic letters at its limit is first of all a Cyrillic text.
func edgeNeeds(variant string) string {
	if strings.HasSuffix(variant, "-cyrillic") {
		return "odd:cyrillic"
	}
	return ""
}

func setEdge(s *Scope, d *wire.Draft, variant string) {
	f := requestField(s.Operation, beforeRule(variant))
	for _, c := range atEdges(f) {
		if c.Name != afterField(variant) {
			continue
		}
		value := c.Value
		switch f.Name {
		case s.Operation.Unique:
			value = uniqueAtLength(value, get(d, f.Name))
		case "pg_idempotency_key": // new for every payment
			value = uniqueAtLength(value, value+"-"+d.Known[string(catalogue.EchoOrder)])
		}
		set(d, f.Name, value)
	}
	d.Known = Remember(s, d.Fields)
}

// uniqueAtLength returns fresh, made as long as value: an order id at its limit must still be new.
func uniqueAtLength(value, fresh string) string {
	want := len([]rune(value))
	r := []rune(fresh)
	if len(r) >= want {
		return string(r[len(r)-want:])
	}
	return fresh + strings.Repeat("x", want-len(r))
}

// typedFields are those whose type a value can miss.
func typedFields(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	var out []string
	for _, f := range probed(s) {
		if f.Name == "pg_merchant_id" || f.Name == "merchant_id" {
			continue // any other text is just another merchant: unknown-merchant
		}
		if _, ok := schema.WrongType(f); ok {
			out = append(out, f.Name)
		}
	}
	return out
}

func setWrongType(s *Scope, d *wire.Draft, variant string) {
	if v, ok := schema.WrongType(requestField(s.Operation, variant)); ok {
		set(d, variant, v)
	}
}

// enumFields are those with a list of values.
func enumFields(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	var out []string
	for _, f := range probed(s) {
		if _, ok := schema.Stranger(f); ok {
			out = append(out, f.Name)
		}
	}
	return out
}

func setStranger(s *Scope, d *wire.Draft, variant string) {
	if v, ok := schema.Stranger(requestField(s.Operation, variant)); ok {
		set(d, variant, v)
	}
}

// optionalFields are those that the control goes without. An object about whose fields nothing is
// known is left alone, and so is what only the target could give.
func optionalFields(s *Scope) []string {
	if !gateway(s) {
		return nil
	}
	var out []string
	for _, f := range request(s.Operation) {
		if optional(s, f) {
			out = append(out, f.Name)
		}
	}
	return out
}

func optional(s *Scope, f *catalogue.Field) bool {
	if _, sent := valueOf(s, f, nil); sent || f.From != "" || f.Given {
		return false
	}
	if f.Judged() == catalogue.TypeObject && len(f.Fields) == 0 || f.Judged() == catalogue.TypeArray && f.Items == nil {
		return false
	}
	return !(s.Operation.ID == status && f.Name == "pg_order_id") // probes of its own: PAY-6, PAY-7
}

func addOptional(s *Scope, d *wire.Draft, variant string) {
	f := requestField(s.Operation, variant)
	value := lawful(s, f)
	if f.Name == "pg_idempotency_key" {
		value += "-" + d.Known[string(catalogue.EchoOrder)] // new for every payment
	}
	d.Fields = append(d.Fields, leafOf(s, f, value))
}

func someOptional(s *Scope) []string { return when(len(optionalFields(s)) > 1) }

func addAllOptional(s *Scope, d *wire.Draft, _ string) {
	for _, name := range optionalFields(s) {
		addOptional(s, d, name)
	}
}

// addExtra adds a field that no page knows; either side may (SIG-15).
func addExtra(_ *Scope, d *wire.Draft, _ string) {
	d.Fields = append(d.Fields, sig.Leaf("fpconform_extra", "beyond the documentation"))
}
