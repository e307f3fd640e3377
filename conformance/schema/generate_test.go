package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
)

// everyField calls see with each field of the embedded catalogue, nested ones and headers too.
func everyField(t *testing.T, see func(t *testing.T, f *catalogue.Field)) {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var walk func(prefix string, fields []*catalogue.Field)
	walk = func(prefix string, fields []*catalogue.Field) {
		for _, f := range fields {
			n++
			name := prefix + f.Name
			t.Run(name, func(t *testing.T) { see(t, f) })
			walk(name+"/", f.Children())
		}
	}
	for _, o := range c.Operations {
		walk(o.ID+"/request/", o.Request.Fields)
		walk(o.ID+"/request-header/", o.Request.Headers)
		walk(o.ID+"/response/", o.Response.Fields)
		walk(o.ID+"/response-header/", o.Response.Headers)
		for _, v := range o.Response.Variants {
			walk(o.ID+"/"+v.Name+"/", v.Fields)
		}
	}
	if n < 150 {
		t.Fatalf("%d fields in the catalogue, want 150 or more", n)
	}
}

// strict is a copy of f in which a value that is there is always judged.
func strict(f *catalogue.Field) *catalogue.Field {
	s := *f
	s.In = catalogue.InBody
	s.Required = catalogue.Yes
	s.Nullable = false
	return &s
}

func TestMadeValuesFitOrBreakExactlyOneRule(t *testing.T) {
	edges, beyond, types, strangers := 0, 0, 0, 0
	everyField(t, func(t *testing.T, f *catalogue.Field) {
		s := strict(f)
		if !f.Literal() {
			if v := Lawful(f, "s"); v != "" {
				t.Errorf("%q was made for an entry that stands for others", v)
			}
			if _, ok := WrongType(f); ok || len(AtEdges(f)) > 0 || len(Beyond(f)) > 0 {
				t.Error("a probe for an entry that stands for others")
			}
			return
		}
		if made, ok := LawfulField(f, "s"); ok {
			if v := Check(sig.Message{made}, []*catalogue.Field{s}); len(v) > 0 {
				t.Errorf("a lawful field does not fit: %v", v)
			}
		} else if !branch(f) {
			t.Error("no lawful value")
		}
		for _, v := range AtEdges(f) {
			edges++
			if found := CheckValue(s, v); len(found) > 0 {
				t.Errorf("a value at the edge does not fit: %v", found)
			}
			if len(f.Enum) > 0 && !f.Listed(v) {
				t.Errorf("%q is not listed", v)
			}
		}
		for _, c := range Beyond(f) {
			beyond++
			if found := CheckValue(s, c.Value); len(found) != 1 || found[0].Rule != c.Rule {
				t.Errorf("%q: got %v, want one violation of %s", c.Value, found, c.Rule)
			}
		}
		if v, ok := WrongType(f); ok {
			types++
			if found := CheckValue(s, v); len(found) != 1 || found[0].Rule != RuleType {
				t.Errorf("%q: got %v, want one violation of the type", v, found)
			}
		}
		if v, ok := Stranger(f); ok {
			strangers++
			if found := CheckValue(s, v); len(found) != 1 || found[0].Rule != RuleEnum || f.Listed(v) {
				t.Errorf("%q: got %v, want one violation of the enumeration by a value that no source lists", v, found)
			}
		} else if len(f.Enum) > 0 {
			t.Error("an enumeration without a stranger")
		}
	})
	for what, n := range map[string]int{"values at edges": edges, "values beyond": beyond, "values of a wrong type": types, "strangers": strangers} {
		if n < 30 {
			t.Errorf("%d %s, want 30 or more", n, what)
		}
	}
}

func field(t *testing.T, op, name string) *catalogue.Field {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	o, ok := c.Operation(op)
	if !ok {
		t.Fatalf("no operation %s", op)
	}
	f, ok := o.Request.Field(name)
	if !ok {
		t.Fatalf("no field %s", name)
	}
	return f
}

func values(cases []Case) (all []string) {
	for _, c := range cases {
		all = append(all, c.Value)
	}
	return all
}

func TestLimitsOfThePagesBecomeTheirEdges(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	cases := []struct {
		op, field     string
		edges, beyond []string
	}{
		{"merchant.purchase.create", "pg_amount", []string{"0.01", "99999999"}, []string{"0", "100000000"}},
		{"merchant.purchase.create", "pg_order_id", []string{a(50), strings.Repeat("я", 50)}, []string{a(51)}},
		{"merchant.purchase.create", "pg_user_id", []string{"a", a(50)}, []string{a(51), "two words"}},
		{"merchant.purchase.create", "pg_lifetime", []string{"300", "604800"}, []string{"299", "604801"}},
		{"merchant.purchase.create", "pg_recurring_lifetime", []string{"1", "12"}, []string{"0", "157"}},
		{"merchant.purchase.create", "pg_timeout_after_payment", []string{"1"}, []string{"0"}},
		{"merchant.purchase.create", "pg_result_url", []string{"https://shop.example/" + a(234)}, []string{"https://shop.example/" + a(235)}},
		{"merchant.purchase.create", "pg_user_ip", nil, []string{"127.0.0.256"}},
		{"merchant.purchase.create", "pg_currency", nil, nil},
		{"merchant.purchase.create", "pg_language", nil, nil},
		{"merchant.purchase.create", "pg_recurring_start", nil, nil},
		{"merchant.purchase.create", "pg_receipt_positions/price", []string{"0.01", "9999999"}, []string{"0", "10000000"}},
		{"callback.check", "pg_currency", []string{"KZT"}, []string{"KKKK"}},
	}
	for _, c := range cases {
		t.Run(c.op+"/"+c.field, func(t *testing.T) {
			f := field(t, c.op, c.field)
			if got := AtEdges(f); !slices.Equal(got, c.edges) {
				t.Errorf("at edges: got %q, want %q", got, c.edges)
			}
			if got := values(Beyond(f)); !slices.Equal(got, c.beyond) {
				t.Errorf("beyond: got %q, want %q", got, c.beyond)
			}
		})
	}
}

func TestAStrangerIsListedByNoSource(t *testing.T) {
	f := field(t, "merchant.purchase.create", "pg_language")
	for _, v := range []string{"ru", "kz", "ky"} {
		if !f.Listed(v) {
			t.Errorf("%s is not listed", v)
		}
	}
	if v, ok := Stranger(f); !ok || f.Listed(v) {
		t.Errorf("got %q, %v", v, ok)
	}
	if v, _ := Stranger(field(t, "callback.result", "pg_result")); v != "3" {
		t.Errorf("pg_result: got %q, want 3, since 2 is in public integrations", v)
	}
	if v, ok := Stranger(field(t, "merchant.purchase.create", "pg_order_id")); ok {
		t.Errorf("a stranger %q to a field without a list", v)
	}
}

func TestLawfulValuesComeFromTheSeed(t *testing.T) {
	f := field(t, "merchant.purchase.create", "pg_merchant_id")
	first, again := Lawful(f, "a"), Lawful(f, "a")
	if first != again {
		t.Errorf("one seed, two values: %s and %s", first, again)
	}
	if first == Lawful(f, "b") {
		t.Error("two seeds, one value")
	}
	if got := Lawful(field(t, "merchant.purchase.create", "pg_description"), "a"); got != "Ticket" {
		t.Errorf("got %q, want the page's example", got)
	}
}

func TestALawfulListHasOneItemWithAllItsFields(t *testing.T) {
	f := field(t, "merchant.purchase.create", "pg_receipt_positions")
	got, ok := LawfulField(f, "a")
	if !ok || len(got.Children) != 1 || got.Children[0].Name != "0" || len(got.Children[0].Children) != 4 {
		t.Errorf("got %+v, %v", got, ok)
	}
	if got, ok := LawfulField(field(t, "merchant.purchase.create", "pg_template_params"), "a"); ok {
		t.Errorf("%+v was made for an object of which no field is known", got)
	}
}

// Formats that nothing judges are words of the pages; a misspelt one would be one of them.
func TestEveryFormatIsJudgedOrKnownAsWords(t *testing.T) {
	asWords := []string{"float", "ISO 639-1:2002", "detached JWS, header..signature, HS512", "detached JWS, header..signature, HS256"}
	everyField(t, func(t *testing.T, f *catalogue.Field) {
		if _, ok := formats[f.Format]; f.Format != "" && !ok && !slices.Contains(asWords, f.Format) {
			t.Errorf("format %q", f.Format)
		}
		if _, ok := formats[f.Shape]; f.Shape != "" && !ok {
			t.Errorf("shape %q", f.Shape)
		}
		for _, v := range append(slices.Clone(f.Examples), f.Example) {
			if found := CheckValue(strict(f), v); v != "" && len(found) > 0 {
				t.Errorf("the page's example does not fit: %v", found)
			}
		}
	})
}

func ExampleCheck() {
	fields := []*catalogue.Field{
		{Name: "pg_status", Type: catalogue.TypeString, Required: catalogue.Yes, Enum: []string{"ok", "error"}},
		{Name: "pg_payment_id", Type: catalogue.TypeInteger, Required: catalogue.Yes},
		{Name: "pg_amount", Type: catalogue.TypeNumber, Min: "0.01", Max: "99999999"},
	}
	answer := sig.Message{sig.Leaf("pg_status", "fine"), sig.Leaf("pg_amount", "100000000.00"), sig.Leaf("pg_extra", "x")}
	for _, v := range Check(answer, fields) {
		fmt.Println(v)
	}
	// Output:
	// pg_status: enum: got "fine", want one of ok, error
	// pg_payment_id: missing: got nothing, want a field pg_payment_id
	// pg_amount: range: got "100000000.00", want a number from 0.01 to 99999999
}
