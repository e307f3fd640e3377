package wire

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"sort"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// A Mask hides what no report may show: secrets whole; of a signature made with a user's key all
// but its first and last four characters; of sensitive fields most; of a card number at most the
// first six and last four digits are left. It works on text, so that it also reaches what a peer
// echoes in a place where nobody expects it.
type Mask struct{ pairs []pair }

type pair struct{ from, to string }

// Format writes "wire.Mask(redacted)" for every verb: a mask holds what it hides.
func (*Mask) Format(s fmt.State, _ rune) { io.WriteString(s, "wire.Mask(redacted)") }

// NewMask returns a mask for these secrets.
func NewMask(secrets ...string) *Mask {
	m := &Mask{}
	for _, s := range secrets {
		m.add(s, "[secret]")
	}
	m.sort()
	return m
}

// For returns a mask that hides what m hides and the signatures and sensitive fields of x.
func (m *Mask) For(x *Exchange) *Mask {
	out := &Mask{}
	if m != nil {
		out.pairs = append(out.pairs, m.pairs...)
	}
	if x == nil {
		return out
	}
	out.fields(x.Request.Fields, x.Operation.Request.Fields)
	out.sensitive(x.Request.Header.Get(jws.HeaderName))
	if x.Response != nil {
		out.fields(x.Response.Fields, x.Operation.Response.Fields)
		for _, token := range x.Response.Header.Values(jws.HeaderName) {
			out.sensitive(token)
		}
	}
	out.sort()
	return out
}

func (m *Mask) fields(msg sig.Message, fields []*catalogue.Field) {
	for _, f := range msg {
		if f.Name == sig.FieldSig || f.Name == jws.HeaderName {
			m.sensitive(f.Value)
			continue
		}
		c := fieldNamed(fields, f.Name)
		if f.Children != nil {
			var inner []*catalogue.Field
			if c != nil {
				if inner = c.Fields; c.Items != nil {
					inner = c.Items.Fields
				}
			}
			m.fields(f.Children, inner)
			// The items of a list are nested once more under their own name or number.
			for _, item := range f.Children {
				m.fields(item.Children, inner)
			}
			continue
		}
		if c != nil && c.Sensitive {
			m.add(f.Value, shorten(f.Value))
		}
	}
}

// sensitive hides the middle of a signature.
func (m *Mask) sensitive(value string) { m.add(value, Ends(value)) }

// Ends returns the first and last four characters of a signature or a token.
func Ends(s string) string {
	r := []rune(s)
	if len(r) <= 11 {
		return "…"
	}
	return string(r[:4]) + "…" + string(r[len(r)-4:])
}

// shorten leaves of a card number the first six and last four digits, of other values the ends.
func shorten(s string) string {
	if pan.MatchString(s) {
		return hidePAN(s)
	}
	if r := []rune(s); len(r) >= 8 {
		return string(r[:2]) + strings.Repeat("*", len(r)-4) + string(r[len(r)-2:])
	}
	return strings.Repeat("*", len([]rune(s)))
}

// shortest is the length in bytes from which a value is looked for in text: shorter ones would hide
// half of any message.
const shortest = 4

func (m *Mask) add(value, to string) {
	if len(value) < shortest {
		return
	}
	seen := map[string]bool{}
	for _, form := range forms(value) {
		if !seen[form] && len(form) >= shortest {
			seen[form] = true
			m.pairs = append(m.pairs, pair{form, to})
		}
	}
}

// forms are the ways in which a value is met in text.
func forms(value string) []string {
	var x strings.Builder
	_ = xml.EscapeText(&x, []byte(value)) // a strings.Builder takes everything
	quoted, _ := json.Marshal(value)      // a string always marshals
	return []string{
		value,
		url.QueryEscape(value),
		url.PathEscape(value),
		x.String(),
		strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(value)),
		base64.RawURLEncoding.EncodeToString([]byte(value)),
		hex.EncodeToString([]byte(value)),
		strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
}

// sort puts longer texts first, so that none is hidden in part by one that it contains.
func (m *Mask) sort() {
	sort.SliceStable(m.pairs, func(i, j int) bool { return len(m.pairs[i].from) > len(m.pairs[j].from) })
}

// Text returns s as a report may show it.
func (m *Mask) Text(s string) string {
	if m != nil {
		for _, p := range m.pairs {
			if strings.Contains(s, p.from) {
				s = strings.ReplaceAll(s, p.from, p.to)
			}
		}
	}
	return pan.ReplaceAllStringFunc(s, func(digits string) string {
		if luhn(digits) {
			return hidePAN(digits)
		}
		return digits
	})
}

// pan matches what may be a card number, with the separators that people put between the digits.
var pan = regexp.MustCompile(`\b[2-6](?:[ -]?\d){12,18}\b`)

func hidePAN(s string) string {
	digits := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	seen := 0
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return c
		}
		seen++
		if seen > 6 && seen <= digits-4 {
			return '*'
		}
		return c
	}, s)
}

func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}
