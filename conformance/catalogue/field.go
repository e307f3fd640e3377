package catalogue

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// A Field is a field of a body, a query or a path, or a header.
type Field struct {
	Name string `yaml:"name"`
	Type Type   `yaml:"type"`
	// Meant is the type where Type is plainly a misprint; see Field.Judged.
	Meant Type `yaml:"meant"`
	In    In   `yaml:"in"` // body where the data does not say; empty for a header
	// Required as the pages mark it. Unknown is neither demanded nor probed.
	Required     Said   `yaml:"required"`
	RequiredWhen string `yaml:"required_when"` // words for a person; the rule is a check
	Nullable     bool   `yaml:"nullable"`
	// MinLength and MaxLength count characters, not bytes; 0 is no limit.
	MinLength int `yaml:"min_length"`
	MaxLength int `yaml:"max_length"`
	// Min and Max are decimal text, both inclusive; empty is no limit.
	Min json.Number `yaml:"min"`
	Max json.Number `yaml:"max"`
	// OtherMax is the upper limit of another source. A value that must be taken keeps within
	// the tighter of the two, one that must be refused lies beyond the looser.
	OtherMax json.Number `yaml:"other_max"`
	Value    string      `yaml:"value"` // the only value
	Default  string      `yaml:"default"`
	// Enum is the list of the operation's own page. What other sources list for the same
	// field stands in AlsoListed: it is not judged, and not taken for a stranger either.
	Enum       []string `yaml:"enum"`
	AlsoListed []string `yaml:"also_listed"`
	EnumNotes  string   `yaml:"enum_notes"`
	// Format is date-time, date-time-offset, ipv4, email, alpha-3, uuid, url, or words of the
	// page that nothing is derived from. Pattern is a regular expression of Go's syntax.
	Format  string `yaml:"format"`
	Pattern string `yaml:"pattern"`
	// Shape is url, phone or alpha-3: what a value that is surely lawful looks like, where no
	// page says that others are refused. Values are made by it, and never judged.
	Shape    string   `yaml:"shape"`
	Example  string   `yaml:"example"`
	Examples []string `yaml:"examples"`
	Note     string   `yaml:"note"`
	Fields   []*Field `yaml:"fields"` // of an object
	Items    *Items   `yaml:"items"`  // of an array
	// From names where the value comes from: merchant.card.init_cvc#pg_payment_id is that
	// field of that operation's accepted answer; deeper fields follow after "/".
	From string `yaml:"from"`
	// Given marks what only the target knows, such as a card token: it is taken from the
	// user's values, and a made-up one is tried without them.
	Given bool `yaml:"given"`
	// Echo says what a response field repeats.
	Echo Echo `yaml:"echo"`
	// Pending lists values that mean "not yet, ask again".
	Pending   []string `yaml:"pending"`
	Sensitive bool     `yaml:"sensitive"` // masked in every recording and report
	// PatternOf marks an entry that stands for a kind of fields and is none itself: nothing
	// with this literal name is ever sent or expected. merchant-parameters are the
	// merchant's own fields, whose names have no pg_ in front.
	PatternOf string `yaml:"pattern_of"`

	re *regexp.Regexp // Pattern, compiled once by LoadFS
}

// Items are the fields of each item of an array. Without fields each item is one value.
type Items struct {
	// Name is the element that an item has in XML: pg_refund_payment.
	Name   string   `yaml:"name"`
	Fields []*Field `yaml:"fields"`
	OrText bool     `yaml:"or_text"` // an item may also be one text, as another source says
}

// Judged returns the type to judge by: Meant where there is one, else Type.
func (f *Field) Judged() Type {
	if f.Meant != "" {
		return f.Meant
	}
	return f.Type
}

// Literal reports whether there is a field of this name on the wire. It is false for an
// entry that stands for others, see PatternOf.
func (f *Field) Literal() bool { return f.PatternOf == "" }

// Listed reports whether any source lists value for this field. A value to probe with as
// a stranger must not be listed.
func (f *Field) Listed(value string) bool {
	return slices.Contains(f.Enum, value) || slices.Contains(f.AlsoListed, value) ||
		f.Value != "" && f.Value == value || f.Default != "" && f.Default == value
}

// Matches reports whether value matches Pattern. Without one every value does; a Pattern
// that is no regular expression, which Lint refuses, matches everything too.
func (f *Field) Matches(value string) bool {
	re := f.re
	if re == nil && f.Pattern != "" {
		re, _ = regexp.Compile(f.Pattern)
	}
	return re == nil || re.MatchString(value)
}

// Children returns the fields of an object or of an array's items.
func (f *Field) Children() []*Field {
	if f.Items != nil {
		return f.Items.Fields
	}
	return f.Fields
}

// Source returns the two halves of From.
func (f *Field) Source() (operation, field string, ok bool) {
	return strings.Cut(f.From, "#")
}

// An Enum is a list of values that several operations share, with their meaning.
type Enum struct {
	ID      string   `yaml:"id"`
	Values  []Value  `yaml:"values"`
	Sources []string `yaml:"sources"`
	Doubts  string   `yaml:"doubts"`
}

// A Value is a value with what it means.
type Value struct {
	Value   string `yaml:"value"`
	Meaning string `yaml:"meaning"`
}

// An ErrorCode is a number that a refusal carries.
type ErrorCode struct {
	Code    string  `yaml:"code"` // some pages send a text, some a number
	Classes []Class `yaml:"classes"`
	Text    string  `yaml:"text"`
	Where   string  `yaml:"where"` // any, init, status, purchase
	// Numbering is old (up to three digits and 1000) or new (four digits and more).
	Numbering string   `yaml:"numbering"`
	Sources   []string `yaml:"sources"`
	Doubts    string   `yaml:"doubts"`
}

// Is reports whether the code belongs to one of classes.
func (e *ErrorCode) Is(classes ...Class) bool {
	for _, c := range classes {
		if slices.Contains(e.Classes, c) {
			return true
		}
	}
	return false
}

// A Host is a machine that the pages name.
type Host struct {
	Name       string   `yaml:"name"`
	Production bool     `yaml:"production"` // real money moves here
	Sources    []string `yaml:"sources"`
}
