package wire

import (
	"maps"
	"sort"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// The topics of disputed clauses that change what is sent or signed, with the names of their
// readings. The catalogue has the sentences; a test holds the two together.
const (
	TopicAddress        = "address"          // php, bare
	TopicTransports     = "transports"       // any, multipart, urlencoded
	TopicOrder          = "order"            // reference, documented, alphabetical
	TopicEmpty          = "empty-values"     // signed, dropped
	TopicInvoiceBody    = "invoice-body"     // form, json
	TopicJWSTarget      = "jws-target"       // path, uri
	TopicJWSIdentity    = "jws-identity"     // number, text
	TopicPartnerGetAuth = "partner-get-auth" // unsigned, jws
	TopicPartnerGetID   = "partner-get-id"   // text, object
	TopicCallbackBody   = "callback-body"    // multipart, urlencoded
)

// ProfileOf returns the header profile of an operation that is authorised by X-JWS-Signature.
// JWS-8, JWS-9: of the merchant invoice family it is that of the published token that verifies,
// not the one that the page prints.
func ProfileOf(o *catalogue.Operation) (jws.Profile, bool) {
	if _, _, _, ok := o.Auth.JWS(); !ok {
		return jws.Profile{}, false
	}
	p, err := jws.ParseProfile(string(o.Auth))
	return p, err == nil
}

// profileBy is ProfileOf as the readings have it.
func profileBy(o *catalogue.Operation, readings map[string]string) (jws.Profile, bool) {
	p, ok := ProfileOf(o)
	if !ok {
		if o.ID == partnerGet && readings[TopicPartnerGetAuth] == "jws" {
			p, err := jws.ParseProfile(string(catalogue.AuthJWSPartner))
			return p, err == nil
		}
		return p, false
	}
	if o.Auth == catalogue.AuthJWSMerchant {
		if readings[TopicJWSTarget] == "uri" {
			p.Target = "uri"
		}
		if readings[TopicJWSIdentity] == "text" {
			p.Number = false
		}
	}
	return p, true
}

// partnerGet is the one operation whose page names no authorisation at all (PRT-1).
const partnerGet = "invoice.partner.info_get"

// SchemeBy is the way of signing that the readings name: the order, and whether empty values count.
func SchemeBy(readings map[string]string) sig.Scheme {
	var s sig.Scheme
	switch readings[TopicOrder] {
	case "documented":
		s.Order = sig.Documented
	case "alphabetical":
		s.Order = sig.Alphabetical
	}
	s.DropEmpty = readings[TopicEmpty] == "dropped"
	return s
}

// A Choice is one topic with the readings by which a request may be sent.
type Choice struct {
	Topic    string
	Readings []string // the first is ours
}

// SendTopics names the readings that change the bytes of this draft, beyond those that its probe
// fixed by itself.
func SendTopics(d *Draft) []Choice {
	o := d.Operation
	var out []Choice
	add := func(topic string, readings ...string) {
		out = append(out, Choice{topic, readings})
	}
	if o.Role() == catalogue.RoleMerchant {
		if d.Transport == "" {
			add(TopicCallbackBody, "multipart", "urlencoded")
		}
	} else if o.Auth == catalogue.AuthSig {
		if strings.HasSuffix(o.Path, ".php") {
			add(TopicAddress, "php", "bare")
		}
		if d.Transport == "" {
			add(TopicTransports, "any", "urlencoded")
		}
	}
	if o.Auth == catalogue.AuthSig && d.Signing.Scheme == nil && !d.Signing.Omit {
		if orderMatters(d.Fields) {
			add(TopicOrder, "reference", "documented", "alphabetical")
		}
		if hasEmpty(d.Fields) {
			add(TopicEmpty, "signed", "dropped")
		}
	}
	if o.Auth == catalogue.AuthJWSMerchant {
		add(TopicInvoiceBody, "form", "json")
		if d.Signing.Profile == nil {
			add(TopicJWSTarget, "path", "uri")
			add(TopicJWSIdentity, "number", "text")
		}
	}
	if o.ID == partnerGet {
		add(TopicPartnerGetAuth, "unsigned", "jws")
		add(TopicPartnerGetID, "text", "object")
	}
	return out
}

// Combinations returns every other way to send d, the fewest departures from the present
// readings first. The present one is not among them.
func Combinations(d *Draft, present map[string]string) []map[string]string {
	combos := []map[string]string{{}}
	for _, c := range SendTopics(d) {
		var next []map[string]string
		for _, have := range combos {
			for _, reading := range c.Readings {
				m := maps.Clone(have)
				m[c.Topic] = reading
				next = append(next, m)
			}
		}
		combos = next
	}
	departures := func(m map[string]string) int {
		n := 0
		for topic, reading := range m {
			if now := present[topic]; reading != now && !(now == "" && reading == first(d, topic)) {
				n++
			}
		}
		return n
	}
	out := combos[:0]
	for _, m := range combos {
		if departures(m) > 0 {
			out = append(out, m)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return departures(out[i]) < departures(out[j]) })
	return out
}

func first(d *Draft, topic string) string {
	for _, c := range SendTopics(d) {
		if c.Topic == topic {
			return c.Readings[0]
		}
	}
	return ""
}

// orderMatters tells whether the three orders line these fields up differently.
func orderMatters(m sig.Message) bool {
	ref := ordered(sig.Reference, m)
	for _, o := range []sig.Order{sig.Documented, sig.Alphabetical} {
		if ordered(o, m) != ref {
			return true
		}
	}
	return false
}

func ordered(o sig.Order, m sig.Message) string {
	var b strings.Builder
	for f := range o.Fields(m) {
		b.WriteString(f.Value)
		b.WriteByte(';')
	}
	return b.String()
}

func hasEmpty(m sig.Message) bool {
	for _, f := range m.All() {
		if f.Children == nil && f.Value == "" {
			return true
		}
	}
	return false
}
