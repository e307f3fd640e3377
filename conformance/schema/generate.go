package schema

import (
	"hash/fnv"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
)

// A Case is a value that breaks one rule of a field and no rule before it.
type Case struct {
	Rule  Rule
	Value string
}

// branch reports whether a field holds other fields, so that no single value fits it.
func branch(f *catalogue.Field) bool {
	return f.Judged() == catalogue.TypeObject || f.Judged() == catalogue.TypeArray
}

// fits reports whether v fits f and is there: an empty value counts as absent elsewhere.
func fits(v string, f *catalogue.Field) bool {
	rule, _ := broken(v, f)
	return rule == ""
}

// Lawful returns a value that fits the field: the only one, the first listed one, the
// example, or one made from seed, in this order. Equal seeds give equal values. It returns ""
// for objects and arrays, see [LawfulField], and for entries that stand for others.
func Lawful(f *catalogue.Field, seed string) string {
	if branch(f) || !f.Literal() {
		return ""
	}
	var candidates []string
	if f.Value != "" {
		candidates = append(candidates, f.Value)
	}
	if len(f.Enum) > 0 {
		candidates = append(candidates, f.Enum[0])
	}
	if f.Example != "" {
		candidates = append(candidates, f.Example)
	}
	if known, ok := formats[shapeOf(f)]; ok {
		candidates = append(candidates, known.lawful)
	}
	h := fnv.New32a()
	h.Write([]byte(seed))
	n := strconv.Itoa(100000 + int(h.Sum32()%900000))
	switch f.Judged() {
	case catalogue.TypeInteger:
		candidates = append(candidates, n, tighterMax(f), string(f.Min))
	case catalogue.TypeNumber:
		candidates = append(candidates, "10", tighterMax(f), string(f.Min))
	case catalogue.TypeBoolean:
		candidates = append(candidates, "1")
	default:
		text := "fp" + n
		if f.MaxLength > 0 && len(text) > f.MaxLength {
			text = text[len(text)-f.MaxLength:]
		}
		candidates = append(candidates, text, strings.Repeat("a", max(f.MinLength, 1)))
	}
	for _, v := range candidates {
		if v != "" && fits(v, f) {
			return v
		}
	}
	return ""
}

// LawfulField returns the field with a value that fits, objects with all their fields and
// arrays with one item, which is called 0 as in forms and JSON. It returns false where
// nothing is known to be lawful: an object without known fields, an entry for others.
func LawfulField(f *catalogue.Field, seed string) (sig.Field, bool) {
	if !branch(f) {
		v := Lawful(f, seed)
		return sig.Leaf(f.Name, v), v != ""
	}
	if !f.Literal() || len(f.Children()) == 0 {
		return sig.Field{}, false
	}
	var inner []sig.Field
	for _, child := range f.Children() {
		if made, ok := LawfulField(child, seed); ok {
			inner = append(inner, made)
		}
	}
	if f.Judged() == catalogue.TypeArray {
		inner = []sig.Field{sig.Branch("0", inner...)}
	}
	return sig.Branch(f.Name, inner...), len(inner) > 0
}

func shapeOf(f *catalogue.Field) string {
	if f.Shape != "" {
		return f.Shape
	}
	return f.Format
}

// ofLength returns texts of n characters that fit the shape of the field: Latin letters, and
// Cyrillic ones where nothing forbids them, since lengths are counted in characters.
func ofLength(f *catalogue.Field, n int) []string {
	switch shapeOf(f) {
	case "url":
		const start = "https://shop.example/"
		if n < len(start) {
			return nil
		}
		return []string{start + strings.Repeat("a", n-len(start))}
	case "email":
		const end = "@example.com"
		if n <= len(end) {
			return nil
		}
		return []string{strings.Repeat("a", n-len(end)) + end}
	case "alpha-3":
		if n == 3 {
			return []string{"KZT"}
		}
		return []string{strings.Repeat("K", n)}
	case "phone":
		return []string{strings.Repeat("7", n)}
	}
	return []string{strings.Repeat("a", n), strings.Repeat("я", n)}
}

// AtEdges returns lawful values that stand exactly at the limits of the field: texts of the
// least and the greatest length, the least and the greatest number. Where sources give two
// limits it keeps within the tighter one. It returns nothing for enumerations.
func AtEdges(f *catalogue.Field) []string {
	if branch(f) || !f.Literal() || len(f.Enum) > 0 || f.Value != "" {
		return nil
	}
	var candidates []string
	if f.MinLength > 0 && f.MinLength != f.MaxLength {
		candidates = append(candidates, ofLength(f, f.MinLength)...)
	}
	if f.MaxLength > 0 {
		candidates = append(candidates, ofLength(f, f.MaxLength)...)
	}
	if number(f) {
		candidates = append(candidates, string(f.Min), tighterMax(f))
	}
	var edges []string
	for _, v := range candidates {
		if v != "" && fits(v, f) {
			edges = append(edges, v)
		}
	}
	return edges
}

func number(f *catalogue.Field) bool {
	return f.Judged() == catalogue.TypeInteger || f.Judged() == catalogue.TypeNumber
}

// Beyond returns values that cross one limit of the field by one step each: a character, 1,
// or 0.01 below the least amount; and one value that misses the pattern or the format.
// Where sources give two limits it crosses the looser one. An empty value is not among
// them, since nothing says whether a field without a value is there.
func Beyond(f *catalogue.Field) []Case {
	if branch(f) || !f.Literal() || len(f.Enum) > 0 || f.Value != "" {
		return nil
	}
	var candidates []Case
	add := func(rule Rule, values ...string) {
		for _, v := range values {
			candidates = append(candidates, Case{rule, v})
		}
	}
	if f.MinLength > 1 {
		add(RuleLength, ofLength(f, f.MinLength-1)...)
	}
	if f.MaxLength > 0 {
		// One is enough: letters of one byte cross a limit in bytes and in characters alike.
		if texts := ofLength(f, f.MaxLength+1); len(texts) > 0 {
			add(RuleLength, texts[0])
		}
	}
	if number(f) {
		if f.Min != "" {
			step := "1"
			if f.Judged() == catalogue.TypeNumber {
				step = "0.01"
			}
			add(RuleRange, plus(string(f.Min), "-"+step))
		}
		if m := looserMax(f); m != "" {
			add(RuleRange, plus(m, "1"))
		}
	}
	if known, ok := formats[f.Format]; ok {
		add(RuleFormat, known.odd)
	}
	if f.Pattern != "" {
		add(RulePattern, "two words", "имя", "a/b", strings.Repeat("!", max(f.MinLength, 1)))
	}
	var cases []Case
	patterns := 0
	for _, c := range candidates {
		rule, _ := broken(c.Value, f)
		if c.Value == "" || rule != c.Rule {
			continue
		}
		if rule == RulePattern {
			if patterns++; patterns > 1 {
				continue
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// plus adds two decimals of the catalogue exactly and writes the sum without zeros at its end.
func plus(a, b string) string {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return ""
	}
	s := x.Add(x, y).FloatString(10)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// WrongType returns a value that is not of the field's type, and false where every single
// value is (texts) or where the field holds others.
func WrongType(f *catalogue.Field) (string, bool) {
	if !f.Literal() {
		return "", false
	}
	switch f.Judged() {
	case catalogue.TypeInteger, catalogue.TypeNumber, catalogue.TypeBoolean:
		return "letters", true
	}
	return "", false
}

// Stranger returns a value of the field's type and within its limits that no source lists,
// and false where the field is no enumeration. An integer's is the first not listed one.
func Stranger(f *catalogue.Field) (string, bool) {
	if branch(f) || !f.Literal() || len(f.Enum) == 0 {
		return "", false
	}
	var candidates []string
	switch f.Judged() {
	case catalogue.TypeInteger, catalogue.TypeNumber:
		for i := range len(f.Enum) + len(f.AlsoListed) + 10 {
			candidates = append(candidates, strconv.Itoa(i))
		}
	default:
		longest := 0
		for _, e := range f.Enum {
			longest = max(longest, utf8.RuneCountInString(e))
		}
		candidates = []string{"stranger", strings.Repeat("x", longest), "xx"}
	}
	for _, v := range candidates {
		if rule, _ := broken(v, f); rule == RuleEnum && !f.Listed(v) {
			return v, true
		}
	}
	return "", false
}
