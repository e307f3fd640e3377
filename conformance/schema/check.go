package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
)

// A Rule is what a value broke.
type Rule string

// The rules, in the order in which a value is held against them: the first that it breaks
// is reported and the rest are not asked.
const (
	RuleMissing Rule = "missing"
	RuleType    Rule = "type"
	RuleEnum    Rule = "enum" // one fixed value counts as an enumeration of one
	RuleLength  Rule = "length"
	RuleRange   Rule = "range"
	RuleFormat  Rule = "format"
	RulePattern Rule = "pattern"
)

// A Violation is one value that does not fit, or one that is not there.
type Violation struct {
	Path  sig.Path // of a missing field the place where it was due
	Rule  Rule
	Field *catalogue.Field
	Got   string // the value quoted and cut, or only its length where it is sensitive
	Want  string // in words
}

// String returns "PATH: RULE: got …, want …".
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: got %s, want %s", v.Path, v.Rule, v.Got, v.Want)
}

// maxViolations bounds what one message can make us say.
const maxViolations = 200

// Check compares a message with fields and returns what does not fit, in the order of the
// fields, at most one violation for each value. Fields of the path are left to the caller,
// entries that stand for others (see [catalogue.Field.PatternOf]) are not expected by name,
// and a field of the message that no entry names is lawful (SIG-15). The message is not
// kept or changed.
//
// Nested fields are those of objects and of the items of arrays. An array may be a branch
// with children 0, 1, 2 (forms, JSON), a branch with repeated children, or a name that is
// repeated itself (XML).
func Check(m sig.Message, fields []*catalogue.Field) []Violation {
	var c checker
	c.message(m, fields, nil)
	return c.found
}

// CheckValue compares one value with a field that is neither object nor array. The path of
// the violation is the field's name.
func CheckValue(f *catalogue.Field, value string) []Violation {
	return Check(sig.Message{sig.Leaf(f.Name, value)}, []*catalogue.Field{f})
}

type checker struct{ found []Violation }

func (c *checker) add(path sig.Path, rule Rule, f *catalogue.Field, got, want string) {
	if len(c.found) < maxViolations {
		c.found = append(c.found, Violation{Path: path, Rule: rule, Field: f, Got: got, Want: want})
	}
}

func join(parent sig.Path, s sig.Step) sig.Path {
	return append(slices.Clip(slices.Clone(parent)), s)
}

func (c *checker) message(m []sig.Field, fields []*catalogue.Field, parent sig.Path) {
	for _, f := range fields {
		if f.In == catalogue.InPath || !f.Literal() {
			continue
		}
		n := 0
		for i := range m {
			if m[i].Name == f.Name {
				n++
			}
		}
		if n == 0 {
			if f.Required == catalogue.Yes {
				c.add(join(parent, sig.Step{Name: f.Name}), RuleMissing, f, "nothing", "a field "+f.Name)
			}
			continue
		}
		seen := 0
		for i := range m {
			if m[i].Name != f.Name {
				continue
			}
			step := sig.Step{Name: f.Name}
			if seen++; n > 1 {
				step.Index = seen
			}
			c.field(&m[i], f, join(parent, step))
		}
	}
}

func (c *checker) field(got *sig.Field, f *catalogue.Field, path sig.Path) {
	switch f.Judged() {
	case catalogue.TypeObject:
		c.object(got, f, path)
	case catalogue.TypeArray:
		c.array(got, f, path)
	default:
		if got.Children != nil {
			c.add(path, RuleType, f, fmt.Sprintf("%d nested fields", len(got.Children)), article(f.Judged()))
			return
		}
		c.value(got.Value, f, path)
	}
}

// empty reports whether a branch is written as XML writes one that has nothing in it.
func empty(got *sig.Field) bool { return got.Children == nil && got.Value == "" }

func (c *checker) object(got *sig.Field, f *catalogue.Field, path sig.Path) {
	switch {
	case empty(got) && (f.Nullable || f.Required != catalogue.Yes):
	case got.Children == nil && got.Value != "":
		c.add(path, RuleType, f, show(got.Value, f), "nested fields")
	default:
		c.message(got.Children, f.Fields, path)
	}
}

func (c *checker) array(got *sig.Field, f *catalogue.Field, path sig.Path) {
	if f.Items == nil || len(f.Items.Fields) == 0 || empty(got) {
		return // nothing is known of the items, or there are none
	}
	if c.item(got, f) {
		c.items(got, f, path)
		return
	}
	// XML: pg_refund_payments/pg_refund_payment[2]; forms and JSON: pg_receipt_positions/0.
	seen := make(map[string]int)
	total := make(map[string]int)
	for i := range got.Children {
		total[got.Children[i].Name]++
	}
	for i := range got.Children {
		child := &got.Children[i]
		step := sig.Step{Name: child.Name}
		if seen[child.Name]++; total[child.Name] > 1 {
			step.Index = seen[child.Name]
		}
		c.items(child, f, join(path, step))
	}
}

// item reports whether got is itself an item and not a list of them: a leaf, or a branch
// with one of the fields that an item has.
func (c *checker) item(got *sig.Field, f *catalogue.Field) bool {
	if got.Children == nil {
		return true
	}
	for i := range got.Children {
		for _, inner := range f.Items.Fields {
			if got.Children[i].Name == inner.Name {
				return true
			}
		}
	}
	return false
}

func (c *checker) items(got *sig.Field, f *catalogue.Field, path sig.Path) {
	if got.Children == nil {
		if !f.Items.OrText && got.Value != "" {
			c.add(path, RuleType, f, show(got.Value, f), "nested fields")
		}
		return
	}
	c.message(got.Children, f.Items.Fields, path)
}

func (c *checker) value(v string, f *catalogue.Field, path sig.Path) {
	if v == "" && (f.Nullable || f.Required != catalogue.Yes) {
		return
	}
	if rule, want := broken(v, f); rule != "" {
		c.add(path, rule, f, show(v, f), want)
	}
}

// broken returns the first rule that v breaks, and what was wanted, or "".
func broken(v string, f *catalogue.Field) (Rule, string) {
	t := f.Judged()
	if !ofType(v, t) {
		return RuleType, article(t)
	}
	if f.Value != "" && v != f.Value {
		return RuleEnum, fmt.Sprintf("%q", f.Value)
	}
	if len(f.Enum) > 0 && !f.Listed(v) && !sameNumber(v, f) {
		return RuleEnum, "one of " + strings.Join(f.Enum, ", ")
	}
	if n := utf8.RuneCountInString(v); f.MaxLength > 0 && n > f.MaxLength || n < f.MinLength {
		return RuleLength, lengths(f)
	}
	if t == catalogue.TypeInteger || t == catalogue.TypeNumber {
		if f.Min != "" && below(v, string(f.Min)) || looserMax(f) != "" && below(looserMax(f), v) {
			return RuleRange, limits(f)
		}
	}
	if known, ok := formats[f.Format]; ok && !known.onlyGenerate && !known.fits(v) {
		return RuleFormat, known.want
	}
	if !f.Matches(v) {
		return RulePattern, "a text that matches " + f.Pattern
	}
	return "", ""
}

func ofType(v string, t catalogue.Type) bool {
	switch t {
	case catalogue.TypeInteger:
		return digits(strings.TrimPrefix(v, "-"))
	case catalogue.TypeNumber:
		_, ok := parseDecimal(v)
		return ok
	case catalogue.TypeBoolean: // 1 and 0 are what samples print
		return v == "true" || v == "false" || v == "1" || v == "0"
	}
	return true
}

// sameNumber reports whether an integer equals a listed one that is written differently.
func sameNumber(v string, f *catalogue.Field) bool {
	if f.Judged() != catalogue.TypeInteger {
		return false
	}
	return slices.ContainsFunc(f.Enum, func(e string) bool { return equal(v, e) })
}

func equal(a, b string) bool { c, ok := CompareDecimal(a, b); return ok && c == 0 }
func below(a, b string) bool { c, ok := CompareDecimal(a, b); return ok && c < 0 }

// looserMax is the limit beyond which a value fits no source.
func looserMax(f *catalogue.Field) string {
	if f.OtherMax != "" && below(string(f.Max), string(f.OtherMax)) {
		return string(f.OtherMax)
	}
	return string(f.Max)
}

// tighterMax is the limit within which a value fits every source.
func tighterMax(f *catalogue.Field) string {
	if f.OtherMax != "" && below(string(f.OtherMax), string(f.Max)) {
		return string(f.OtherMax)
	}
	return string(f.Max)
}

func article(t catalogue.Type) string {
	switch t {
	case catalogue.TypeInteger, catalogue.TypeObject, catalogue.TypeArray:
		return "an " + string(t)
	case catalogue.TypeBoolean:
		return "true, false, 1 or 0"
	case catalogue.TypeString:
		return "a single value"
	}
	return "a " + string(t)
}

func lengths(f *catalogue.Field) string {
	switch {
	case f.MinLength > 0 && f.MaxLength > 0:
		return fmt.Sprintf("%d to %d characters", f.MinLength, f.MaxLength)
	case f.MinLength > 0:
		return fmt.Sprintf("at least %d characters", f.MinLength)
	}
	return fmt.Sprintf("at most %d characters", f.MaxLength)
}

func limits(f *catalogue.Field) string {
	switch m := looserMax(f); {
	case f.Min != "" && m != "":
		return fmt.Sprintf("a number from %s to %s", f.Min, m)
	case f.Min != "":
		return fmt.Sprintf("a number from %s on", f.Min)
	default:
		return fmt.Sprintf("a number up to %s", m)
	}
}

// show quotes a value for a report: cut at 64 bytes, and of a sensitive one only the length.
func show(v string, f *catalogue.Field) string {
	if f.Sensitive {
		return fmt.Sprintf("%d characters (masked)", utf8.RuneCountInString(v))
	}
	if len(v) > 64 {
		return fmt.Sprintf("%q… (%d characters)", strings.ToValidUTF8(v[:64], ""), utf8.RuneCountInString(v))
	}
	return fmt.Sprintf("%q", v)
}
