package check

import (
	"hash/fnv"
	"maps"
	"net/http"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// Given is what a state hands to a request: values of its fields, and what an answer about that
// state must repeat.
type Given struct {
	Values    map[string]string
	Known     wire.Known
	RequestID string // of X-Request-Id, where the operation has one
}

// Draft makes the request of a probe's variant: the control with what the state gives (the fresh
// order id, the ids handed out before, an order that the merchant knows), less or plus one step.
func Draft(s *Scope, p *Probe, variant string, given Given) *wire.Draft {
	d := Control(s, given)
	d.Intent = Intent(s, p, variant)
	d.ID = s.Operation.ID + "/" + d.Intent.Probe
	if p.Edit != nil {
		p.Edit(s, d, variant)
	}
	return d
}

// Again makes the request of a probe that follows another: the same fields, signed anew, plus the step.
func Again(s *Scope, p *Probe, variant string, base *wire.Draft) *wire.Draft {
	d := &wire.Draft{
		Operation: base.Operation,
		Transport: base.Transport,
		Fields:    append(sig.Message(nil), base.Fields...),
		Path:      base.Path,
		Header:    base.Header.Clone(),
		Readings:  base.Readings,
		Known:     base.Known,
		Intent:    Intent(s, p, variant),
	}
	d.ID = s.Operation.ID + "/" + d.Intent.Probe
	if p.Edit != nil {
		p.Edit(s, d, variant)
	}
	return d
}

// Control makes a right request: the required fields, the order id, the currency, and what the user
// gave for this target. A field whose mark is only guessed is sent too where a page prints an
// example of it, since leaving it out might be wrong.
func Control(s *Scope, given Given) *wire.Draft {
	o := s.Operation
	d := &wire.Draft{Operation: o, Header: http.Header{}, Known: wire.Known{}, Readings: maps.Clone(s.Readings)}
	for _, f := range request(o) {
		value, ok := valueOf(s, f, given.Values)
		if !ok {
			continue
		}
		d.Fields = append(d.Fields, leafOf(s, f, value))
	}
	for _, h := range o.Request.Headers {
		if strings.EqualFold(h.Name, "X-Request-Id") {
			d.Header.Set("X-Request-Id", given.RequestID)
		}
	}
	d.Known = Remember(s, d.Fields)
	for kind, value := range given.Known {
		d.Known[kind] = value
	}
	return d
}

// kinds are the request fields whose values answers repeat.
var kinds = map[string]catalogue.Echo{
	"pg_order_id":   catalogue.EchoOrder,
	"order_id":      catalogue.EchoOrder,
	"pg_payment_id": catalogue.EchoPayment,
	"payment_id":    catalogue.EchoPayment,
	"pg_amount":     catalogue.EchoAmount,
	"amount":        catalogue.EchoAmount,
	"pg_currency":   catalogue.EchoCurrency,
	"currency":      catalogue.EchoCurrency,
}

// Remember returns what an answer to these fields must repeat.
func Remember(s *Scope, m sig.Message) wire.Known {
	known := wire.Known{}
	for name, kind := range kinds {
		if value, n := m.Get(name); n == 1 && value != "" {
			known[string(kind)] = value
		}
	}
	if id := s.Credentials.MerchantID; id != "" && gateway(s) {
		known[string(catalogue.EchoMerchant)] = id
	}
	return known
}

// valueOf returns the value of a control's field, or false if the control goes without it.
func valueOf(s *Scope, f *catalogue.Field, given map[string]string) (string, bool) {
	if v, ok := given[f.Name]; ok {
		return v, true
	}
	if f.Name == "pg_merchant_id" || f.Name == "merchant_id" {
		return s.Credentials.MerchantID, true
	}
	if v, ok := s.Values[f.Name]; ok {
		return v, true
	}
	required := f.Required == catalogue.Yes || f.Name == s.Operation.Unique ||
		f.Name == "pg_currency" || f.Name == "currency" ||
		f.Required == catalogue.Unknown && f.Example != "" && gateway(s)
	if !required {
		return "", false
	}
	if kinds[f.Name] == catalogue.EchoAmount && f.Min != "" {
		return amount(s), true
	}
	return lawful(s, f), true
}

// amount is what an order of this operation costs, another one for each operation and seed, so that a
// mixed-up answer shows. A payment's has decimals that a peer must keep; that of other orders may be
// whole, since 20 was seen where 20.00 was sent.
func amount(s *Scope) string {
	h := fnv.New32a()
	h.Write([]byte(s.Operation.ID + s.Seed)) // a hash takes everything
	amounts := []string{"20.00", "64.99", "100.00", "300.05"}
	if s.Operation.ID == purchase {
		amounts = []string{"20.50", "35.10", "7.25", "1250.75"}
	}
	return amounts[h.Sum32()%4]
}

// leafOf is a leaf, or for a nested field one item with each of its fields.
func leafOf(s *Scope, f *catalogue.Field, value string) sig.Field {
	if f.Items != nil {
		return sig.Branch(f.Name, item(s, f, "0", ""))
	}
	if len(f.Fields) > 0 {
		return sig.Branch(f.Name, leaves(s, f.Fields, "")...)
	}
	return sig.Leaf(f.Name, value)
}

func item(s *Scope, f *catalogue.Field, index, mark string) sig.Field {
	return sig.Branch(index, leaves(s, f.Items.Fields, mark)...)
}

func leaves(s *Scope, fields []*catalogue.Field, mark string) []sig.Field {
	out := make([]sig.Field, 0, len(fields))
	for _, f := range fields {
		value := lawful(s, f)
		if f.Name == "name" {
			value += mark
		}
		out = append(out, sig.Leaf(f.Name, value))
	}
	return out
}

// set gives the field a value, at its place or at the end.
func set(d *wire.Draft, name, value string) {
	for i := range d.Fields {
		if d.Fields[i].Name == name {
			d.Fields[i] = sig.Leaf(name, value)
			return
		}
	}
	d.Fields = append(d.Fields, sig.Leaf(name, value))
}

func drop(d *wire.Draft, name string) { d.Fields = d.Fields.Without(name) }

func get(d *wire.Draft, name string) string {
	v, _ := d.Fields.Get(name)
	return v
}
