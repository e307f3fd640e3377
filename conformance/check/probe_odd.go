package check

import (
	"fmt"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// An oddity is a value that is lawful and that integrations get wrong.
type oddity struct {
	name   string
	clause catalogue.ClauseID
	value  string
	nested bool // not a value of a text field
}

// odd values, in the order in which they are sent.
var odd = []oddity{
	{name: "cyrillic", clause: "SIG-18", value: "Оплата заказа № 5, қазақша: ә ғ қ ң ө ұ ү һ і"},
	{name: "plus", clause: "SIG-18", value: "1+1=2"},
	{name: "percent", clause: "SIG-18", value: "100% %2B & more"},
	{name: "markup", clause: "SIG-18", value: `<b>"A&B"</b> 'c'`},
	{name: "semicolon", clause: "SIG-18", value: "one;two;;three"},
	{name: "blank-ends", clause: "SIG-18", value: " two blanks around "},
	{name: "emoji", clause: "SIG-18", value: "ok 👍🏽"},
	{name: "empty", clause: "SIG-16"},
	{name: "nested", clause: "TRN-3", nested: true},
	{name: "list-12", clause: "SIG-17", nested: true},
	{name: "prefix-names", clause: "SIG-17", nested: true},
}

// ownField is a field of the merchant's own, which a callback carries back (CB-7).
const ownField = "shop_note"

// textField is the field of a request that takes any text, or "" if there is none. A callback
// carries the merchant's own fields as they came.
func textField(s *Scope) string {
	if !gateway(s) {
		return ownField
	}
	for _, name := range []string{"pg_description", "description"} {
		if _, ok := s.Operation.Request.Field(name); ok {
			return name
		}
	}
	return ""
}

// emptyField is an optional field that may be empty, or "" if there is none.
func emptyField(s *Scope) string {
	if !gateway(s) {
		return ownField
	}
	if _, ok := s.Operation.Request.Field("pg_param1"); ok {
		return "pg_param1"
	}
	return ""
}

func oddValues(s *Scope) []string {
	if textField(s) == "" {
		return nil
	}
	pg := s.Operation.Auth == catalogue.AuthSig
	var out []string
	for _, o := range odd {
		switch {
		case o.nested && !pg, o.name == "empty" && emptyField(s) == "":
			continue // nothing is said about nested or empty fields outside pg_sig
		case (o.name == "list-12" || o.name == "nested") && receipt(s) == nil:
			continue
		case !gateway(s) && o.nested:
			continue // PHP shops read forms in their own way; order is not theirs to choose
		}
		out = append(out, o.name)
	}
	return out
}

// oddNeeds: names that continue one another are names that no page knows, and a long list is a
// nested field.
func oddNeeds(variant string) string {
	switch variant {
	case "prefix-names":
		return "extra-field"
	case "list-12":
		return "odd:nested"
	}
	return ""
}

func receipt(s *Scope) *catalogue.Field {
	if f := requestField(s.Operation, "pg_receipt_positions"); f != nil && f.Items != nil {
		return f
	}
	return nil
}

func oddClause(s *Scope, variant string) catalogue.ClauseID {
	if !gateway(s) {
		return "CB-7"
	}
	for _, o := range odd {
		if o.name == variant {
			return o.clause
		}
	}
	return "SIG-18"
}

func setOdd(s *Scope, d *wire.Draft, variant string) {
	switch variant {
	case "empty":
		d.Fields = append(d.Fields, sig.Leaf(emptyField(s), ""))
	case "nested":
		d.Fields = append(d.Fields, leafOf(s, receipt(s), ""))
	case "list-12":
		f := receipt(s)
		list := sig.Branch(f.Name)
		for i := range 12 {
			list.Children = append(list.Children, item(s, f, fmt.Sprint(i), fmt.Sprintf(" %d", i)))
		}
		d.Fields = append(d.Fields, list)
	case "prefix-names":
		// The position in the message becomes part of the sort name: ref1 and ref10 change places.
		d.Fields = append(d.Fields, sig.Leaf("shop_ref1", "a"), sig.Leaf("shop_ref10", "b"))
	default:
		for _, o := range odd {
			if o.name == variant {
				set(d, textField(s), o.value)
			}
		}
	}
}

// otherTransports are the ones that the introduction permits besides the page's multipart.
func otherTransports(s *Scope) []string {
	if s.Operation.Auth != catalogue.AuthSig || !gateway(s) {
		return nil
	}
	if s.Readings[wire.TopicTransports] == "urlencoded" {
		return []string{string(wire.Multipart), string(wire.Query), string(wire.PGXML)}
	}
	return []string{string(wire.URLEncoded), string(wire.Query), string(wire.PGXML)}
}

func setTransport(_ *Scope, d *wire.Draft, variant string) { d.Transport = wire.Transport(variant) }
