package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
)

func text(name string) *catalogue.Field {
	return &catalogue.Field{Name: name, Type: catalogue.TypeString}
}

func TestCheckValue(t *testing.T) {
	integer := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger, Required: catalogue.Yes}
	number := &catalogue.Field{Name: "n", Type: catalogue.TypeNumber, Required: catalogue.Yes, Min: "0.01", Max: "99999999"}
	boolean := &catalogue.Field{Name: "n", Type: catalogue.TypeBoolean, Required: catalogue.Yes}
	long := &catalogue.Field{Name: "n", Type: catalogue.TypeString, MinLength: 2, MaxLength: 3}
	enum := &catalogue.Field{Name: "n", Type: catalogue.TypeString, Enum: []string{"ok", "error"}, AlsoListed: []string{"rejected"}, Required: catalogue.Yes}
	flag := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger, Enum: []string{"0", "1"}}
	months := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger, Max: "156", OtherMax: "12"}
	meant := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger, Meant: catalogue.TypeNumber}
	format := func(f string) *catalogue.Field {
		return &catalogue.Field{Name: "n", Type: catalogue.TypeString, Format: f}
	}
	cases := []struct {
		name  string
		field *catalogue.Field
		value string
		want  Rule
	}{
		{"an integer is digits", integer, "12345", ""},
		{"an integer may be negative", integer, "-1", ""},
		{"an integer may have zeros in front, as ids do", integer, "00102", ""},
		{"an integer has no point", integer, "12.0", RuleType},
		{"an integer has no plus", integer, "+1", RuleType},
		{"an integer is no letters", integer, "letters", RuleType},
		{"an integer has no blanks", integer, " 1", RuleType},
		{"a required integer is not empty", integer, "", RuleType},
		{"an integer beyond 64 bits is one", integer, strings.Repeat("9", 40), ""},
		{"a number may be whole", number, "20", ""},
		{"a number may have zeros at its end", number, "20.0000", ""},
		{"a number at the least limit", number, "0.01", ""},
		{"a number at the least limit, written longer", number, "00.0100", ""},
		{"a number below the least limit", number, "0.009", RuleRange},
		{"zero below the least limit", number, "0", RuleRange},
		{"a negative number below the least limit", number, "-5", RuleRange},
		{"a number at the greatest limit", number, "99999999.00", ""},
		{"a number beyond the greatest limit by a hair", number, "99999999.0000000000000000001", RuleRange},
		{"a number beyond the greatest limit", number, "100000000", RuleRange},
		{"a number with an exponent is read as JSON reads it", number, "5e3", ""},
		{"a number with an exponent beyond the limit", number, "1e8", RuleRange},
		{"a number with a monstrous exponent", number, "1e999999999", RuleType},
		{"a number with a comma", number, "20,00", RuleType},
		{"a number with separators of thousands", number, "1 000", RuleType},
		{"a number without a digit before the point", number, ".5", RuleType},
		{"a number without a digit after the point", number, "5.", RuleType},
		{"not a number", number, "NaN", RuleType},
		{"true", boolean, "true", ""},
		{"0 as false", boolean, "0", ""},
		{"2 is no boolean", boolean, "2", RuleType},
		{"True is no boolean", boolean, "True", RuleType},
		{"a text as long as it may be, in characters", long, "яяя", ""},
		{"a text too long by a character", long, "яяяя", RuleLength},
		{"a text too short", long, "я", RuleLength},
		{"a listed value", enum, "ok", ""},
		{"a value that another source lists", enum, "rejected", ""},
		{"a value in other case", enum, "OK", RuleEnum},
		{"a required enumeration is not empty", enum, "", RuleEnum},
		{"an enumeration of integers", flag, "1", ""},
		{"the same integer written otherwise", flag, "01", ""},
		{"an integer that is not listed", flag, "2", RuleEnum},
		{"letters for an enumeration of integers", flag, "yes", RuleType},
		{"an optional field without a value counts as absent", flag, "", ""},
		{"between two sources' limits nothing is broken", months, "13", ""},
		{"beyond both sources' limits", months, "157", RuleRange},
		{"the type that is plainly meant", meant, "100.00", ""},
		{"a fixed value", &catalogue.Field{Name: "n", Value: "error"}, "error", ""},
		{"another than the fixed value", &catalogue.Field{Name: "n", Value: "error"}, "ok", RuleEnum},
		{"a pattern", &catalogue.Field{Name: "n", Pattern: "^[a-z]+$"}, "abc", ""},
		{"a pattern and a line break at the end", &catalogue.Field{Name: "n", Pattern: "^[a-z]+$"}, "abc\n", RulePattern},
		{"a pattern that is missed", &catalogue.Field{Name: "n", Pattern: "^[a-z]+$"}, "ABC", RulePattern},
		{"RFC 3339", format("date-time"), "2025-07-11T11:19:49+00:00", ""},
		{"the date of the status sample", format("date-time"), "2023-05-31 16:24:20", ""},
		{"no date", format("date-time"), "86400", RuleFormat},
		{"a day that there is not", format("date-time"), "2023-02-29 16:24:20", RuleFormat},
		{"the date of an invoice", format("date-time-offset"), "2024-01-01T10:00:00+05:00", ""},
		{"the date of an invoice as the sample has it", format("date-time-offset"), "2019-08-24T14:15:22Z", ""},
		{"the date of an invoice with a blank", format("date-time-offset"), "2024-01-01 10:00:00+05:00", RuleFormat},
		{"the date of an invoice without its offset", format("date-time-offset"), "2024-01-01T10:00:00", RuleFormat},
		{"the date of an invoice with fractions", format("date-time-offset"), "2024-01-01T10:00:00.5+05:00", RuleFormat},
		{"an address", format("ipv4"), "127.0.0.1", ""},
		{"an IPv6 address", format("ipv4"), "::1", RuleFormat},
		{"an email address", format("email"), "mail@customer.kz", ""},
		{"no email address", format("email"), "mail", RuleFormat},
		{"a currency", format("alpha-3"), "KZT", ""},
		{"a currency in small letters", format("alpha-3"), "kzt", RuleFormat},
		{"a UUID of any version", format("uuid"), "b4c5c7de-99f2-4c1d-b61d-7a8e9df22f7b", ""},
		{"a UUID without dashes", format("uuid"), "b4c5c7de99f24c1db61d7a8e9df22f7b", RuleFormat},
		{"an absolute URL", format("url"), "https://api.example/pay.html?customer=1", ""},
		{"a URL without a host", format("url"), "/pay.html", RuleFormat},
		{"a URL of another scheme", format("url"), "javascript:alert(1)", RuleFormat},
		{"words of a page are not judged", format("ISO 639-1:2002"), "anything", ""},
		{"a shape is not judged", &catalogue.Field{Name: "n", Shape: "url"}, "anything", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got Rule
			found := CheckValue(c.field, c.value)
			if len(found) > 1 {
				t.Fatalf("got %v, want one violation at most", found)
			}
			if len(found) == 1 {
				got = found[0].Rule
				if found[0].Want == "" || found[0].Got == "" {
					t.Errorf("a violation that does not say what came and what was due: %v", found[0])
				}
			}
			if got != c.want {
				t.Errorf("%q: got %q, want %q", c.value, got, c.want)
			}
		})
	}
}

func TestCheckMessage(t *testing.T) {
	required := func(f *catalogue.Field) *catalogue.Field { f.Required = catalogue.Yes; return f }
	integer := func(name string) *catalogue.Field {
		return &catalogue.Field{Name: name, Type: catalogue.TypeInteger, Required: catalogue.Yes}
	}
	object := &catalogue.Field{Name: "o", Type: catalogue.TypeObject, Required: catalogue.Yes, Fields: []*catalogue.Field{integer("n")}}
	array := &catalogue.Field{Name: "a", Type: catalogue.TypeArray, Items: &catalogue.Items{Name: "item", Fields: []*catalogue.Field{integer("n")}}}
	texts := &catalogue.Field{Name: "a", Type: catalogue.TypeArray, Items: &catalogue.Items{Name: "item", OrText: true, Fields: []*catalogue.Field{integer("n")}}}
	item := func(name, value string) sig.Field { return sig.Branch(name, sig.Leaf("n", value)) }
	cases := []struct {
		name    string
		fields  []*catalogue.Field
		message sig.Message
		want    string
	}{
		{"nothing is demanded of an empty list", nil, sig.Message{sig.Leaf("x", "")}, ""},
		{"an unknown field is lawful", []*catalogue.Field{text("a")}, sig.Message{sig.Leaf("b", "1")}, ""},
		{"a required field is missing", []*catalogue.Field{integer("n")}, nil, "n missing"},
		{"a mark that is not known demands nothing", []*catalogue.Field{text("a")}, nil, ""},
		{"a field of the path is not looked for", []*catalogue.Field{{Name: "p", In: catalogue.InPath, Required: catalogue.Yes}}, nil, ""},
		{"an entry that stands for others is not looked for", []*catalogue.Field{required(&catalogue.Field{Name: "<x>", PatternOf: "x"})}, nil, ""},
		{"a field of the query is", []*catalogue.Field{{Name: "q", In: catalogue.InQuery, Required: catalogue.Yes}}, nil, "q missing"},
		{"a required null is there", []*catalogue.Field{{Name: "n", Type: catalogue.TypeNumber, Nullable: true, Required: catalogue.Yes}}, sig.Message{sig.Leaf("n", "")}, ""},
		{"each of repeated fields is judged", []*catalogue.Field{integer("n")}, sig.Message{sig.Leaf("n", "1"), sig.Leaf("m", ""), sig.Leaf("n", "x")}, "n[2] type"},
		{"a branch where a value is due", []*catalogue.Field{integer("n")}, sig.Message{sig.Branch("n")}, "n type"},
		{"a value where a branch is due", []*catalogue.Field{object}, sig.Message{sig.Leaf("o", "1")}, "o type"},
		{"a required object that is empty lacks its fields", []*catalogue.Field{object}, sig.Message{sig.Leaf("o", "")}, "o/n missing"},
		{"a field inside an object", []*catalogue.Field{object}, sig.Message{item("o", "x")}, "o/n type"},
		{"an object that fits", []*catalogue.Field{object}, sig.Message{item("o", "1")}, ""},
		{"a list of a form that fits", []*catalogue.Field{array}, sig.Message{sig.Branch("a", item("0", "1"), item("1", "2"))}, ""},
		{"an item of a form's list", []*catalogue.Field{array}, sig.Message{sig.Branch("a", item("0", "1"), item("1", "x"))}, "a/1/n type"},
		{"an item of an XML list", []*catalogue.Field{array}, sig.Message{sig.Branch("a", item("item", "1"), item("item", "x"))}, "a/item[2]/n type"},
		{"one item of an XML list", []*catalogue.Field{array}, sig.Message{sig.Branch("a", item("item", "x"))}, "a/item/n type"},
		{"an item that is a repeated tag", []*catalogue.Field{array}, sig.Message{item("a", "1"), item("a", "x")}, "a[2]/n type"},
		{"an item without its required field", []*catalogue.Field{array}, sig.Message{sig.Branch("a", sig.Branch("0", sig.Leaf("m", "")))}, "a/0/n missing"},
		{"a list without items", []*catalogue.Field{array}, sig.Message{sig.Branch("a")}, ""},
		{"an empty tag where a list is due", []*catalogue.Field{array}, sig.Message{sig.Leaf("a", "")}, ""},
		{"a text where an item is due", []*catalogue.Field{array}, sig.Message{sig.Branch("a", sig.Leaf("0", "x"))}, "a/0 type"},
		{"a text where an item may be one", []*catalogue.Field{texts}, sig.Message{sig.Branch("a", sig.Leaf("0", "x"))}, ""},
		{"a list of which nothing is known", []*catalogue.Field{{Name: "a", Type: catalogue.TypeArray}}, sig.Message{sig.Leaf("a", "x")}, ""},
		{"several mistakes come in the order of the fields", []*catalogue.Field{integer("a"), integer("b")}, sig.Message{sig.Leaf("b", "x")}, "a missing b type"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, v := range Check(c.message, c.fields) {
				got = append(got, fmt.Sprintf("%s %s", v.Path, v.Rule))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestSensitiveValuesAreMasked(t *testing.T) {
	f := &catalogue.Field{Name: "pg_card_pan", Type: catalogue.TypeInteger, Sensitive: true}
	v := CheckValue(f, "4405-6400-0000-6150")
	if len(v) != 1 || strings.Contains(v[0].String(), "4405") {
		t.Errorf("got %v", v)
	}
}

func TestLongValuesAreCut(t *testing.T) {
	f := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger}
	if v := CheckValue(f, strings.Repeat("я", 1000)); len(v) != 1 || len(v[0].Got) > 100 || !strings.Contains(v[0].Got, "1000 characters") {
		t.Errorf("got %v", v)
	}
}

func TestAMessageOfManyMistakesSaysABoundedNumber(t *testing.T) {
	f := &catalogue.Field{Name: "n", Type: catalogue.TypeInteger}
	m := make(sig.Message, 10_000)
	for i := range m {
		m[i] = sig.Leaf("n", "x")
	}
	if got := len(Check(m, []*catalogue.Field{f})); got != maxViolations {
		t.Errorf("got %d violations, want %d", got, maxViolations)
	}
}

func TestCompareDecimal(t *testing.T) {
	cases := []struct {
		a, b string
		want int
		ok   bool
	}{
		{"20", "20.00", 0, true}, {"020", "20.", 0, false}, {"1.0000", "1", 0, true}, {"-0", "0.0", 0, true},
		{"9", "10", -1, true}, {"-9", "-10", 1, true}, {"-1", "1", -1, true}, {"0.1", "0.09", 1, true}, {"0.10", "0.1", 0, true},
		{"2e1", "20", 0, true}, {"125E-2", "1.25", 0, true}, {"1.25e1", "12.5", 0, true}, {"1e-3", "0.001", 0, true}, {"1e+2", "100", 0, true},
		{"1e", "1", 0, false}, {"1e401", "1", 0, false}, {"", "1", 0, false}, {"0x10", "16", 0, false}, {"--1", "1", 0, false}, {"1.2.3", "1", 0, false},
		{"100000000000000000000000000000001", "100000000000000000000000000000000", 1, true},
	}
	for _, c := range cases {
		if got, ok := CompareDecimal(c.a, c.b); got != c.want || ok != c.ok {
			t.Errorf("%s to %s: got %d, %v, want %d, %v", c.a, c.b, got, ok, c.want, c.ok)
		}
		if got, ok := CompareDecimal(c.b, c.a); got != -c.want || ok != c.ok {
			t.Errorf("%s to %s: got %d, %v, want %d, %v", c.b, c.a, got, ok, -c.want, c.ok)
		}
	}
}

// FuzzCompareDecimal holds decimals against math/big: the same order, and the same text
// taken or refused, for exponents that math/big can be asked about.
func FuzzCompareDecimal(f *testing.F) {
	for _, s := range []string{"0", "20.00", "-1", "1e3", "0.01", "99999999", "-0.0", "12e-4", "1.", "e1"} {
		f.Add(s, "20")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := rat(a), rat(b)
		got, ok := CompareDecimal(a, b)
		if ok != (x != nil && y != nil) {
			t.Fatalf("%q to %q: taken %v, by math/big %v and %v", a, b, ok, x, y)
		}
		if ok && got != x.Cmp(y) {
			t.Errorf("%q to %q: got %d, want %d", a, b, got, x.Cmp(y))
		}
	})
}
