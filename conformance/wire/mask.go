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

// A pair is a text and what stands for it. Where a value was cut short to fit a line, its beginning is
// hidden too, from a length of least.
type pair struct {
	from, to string
	least    int
}

// Format writes "wire.Mask(redacted)" for every verb: a mask holds what it hides.
func (*Mask) Format(s fmt.State, _ rune) { io.WriteString(s, "wire.Mask(redacted)") }

// NewMask returns a mask for these secrets.
func NewMask(secrets ...string) *Mask {
	m := &Mask{}
	for _, s := range secrets {
		m.add(s, "[secret]", 3)
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
			m.add(f.Value, shorten(f.Value), 5)
		}
	}
}

// sensitive hides the middle of a signature. Some write hexadecimal digits in capitals.
func (m *Mask) sensitive(value string) {
	m.add(value, Ends(value), 5) // four are what Ends leaves
	if capitals := strings.ToUpper(value); len(value) == 32 && capitals != value {
		m.pairs = append(m.pairs, pair{capitals, Ends(capitals), 5})
	}
}

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
	if end := panAt(s, 0); end == len(s) && s != "" {
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

func (m *Mask) add(value, to string, least int) {
	if len(value) < shortest {
		return
	}
	seen := map[string]bool{}
	for _, form := range forms(value) {
		if !seen[form] && len(form) >= shortest {
			seen[form] = true
			m.pairs = append(m.pairs, pair{form, to, least})
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
		s = m.cut(s)
	}
	s = digest.ReplaceAllStringFunc(s, Ends)
	s = namedSig.ReplaceAllStringFunc(s, func(found string) string {
		at := len(found) - 32
		return found[:at] + Ends(found[at:])
	})
	s = compactJWS.ReplaceAllStringFunc(s, Ends)
	return hidePANs(s)
}

// A signature is hidden by its name too, since an answer that cannot be read has no fields; a token by
// its form; and whatever has the form of a digest, since a peer may tell which signature would have
// been right.
var (
	digest     = regexp.MustCompile(`\b[0-9A-Fa-f]{32}\b`)
	namedSig   = regexp.MustCompile(`(?s)pg_sig.{0,24}?[0-9A-Fa-f]{32}`)
	compactJWS = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}`)
)

// cut hides the beginnings of what the mask hides where a value ends in "…", or is a quoted beginning
// of a body: there it was cut short.
func (m *Mask) cut(s string) string {
	const mark = "…"
	var out strings.Builder
	for {
		at := strings.Index(s, mark)
		if at < 0 {
			break
		}
		out.WriteString(m.beginning(s[:at]))
		out.WriteString(mark)
		s = s[at+len(mark):]
	}
	if inner, quoted := strings.CutSuffix(s, `"`); quoted {
		s = m.beginning(inner) + `"`
	}
	if out.Len() == 0 {
		return s
	}
	return out.String() + s
}

// beginning hides what s ends in, if that is the beginning of something hidden.
func (m *Mask) beginning(s string) string {
	for _, p := range m.pairs {
		for n := min(len(p.from)-1, len(s)); n >= p.least; n-- {
			if strings.HasSuffix(s, p.from[:n]) {
				return s[:len(s)-n] + p.to
			}
		}
	}
	if n, digits := trailingDigits(s); digits > 10 {
		return s[:len(s)-n] + hideDigits(s[len(s)-n:], 6, 0)
	}
	return s
}

// trailingDigits is the length in bytes of the digits at the end of s, with single blanks and dashes
// between them, and how many digits they are.
func trailingDigits(s string) (n, digits int) {
	for i := len(s) - 1; i >= 0; i-- {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			n = len(s) - i
		case (c == ' ' || c == '-') && n == len(s)-i-1 && n > 0:
		default:
			return n, digits
		}
	}
	return n, digits
}

// hidePANs hides the middle of every card number: 13 to 19 digits that begin as one does and have the
// right check digit, with the separators that people put between them, whatever stands around.
func hidePANs(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < '2' || s[i] > '6' || i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			continue
		}
		if end := panAt(s, i); end > 0 {
			s = s[:i] + hidePAN(s[i:end]) + s[end:]
			i = end - 1
		}
	}
	return s
}

// panAt returns where the card number that begins at i ends, or 0 if none does.
func panAt(s string, i int) (end int) {
	digits := 0
	for j := i; j < len(s) && digits < 19; j++ {
		switch c := s[j]; {
		case c >= '0' && c <= '9':
			digits++
			last := j+1 == len(s) || s[j+1] < '0' || s[j+1] > '9'
			if digits >= 13 && last && luhn(s[i:j+1]) {
				end = j + 1
			}
		case (c == ' ' || c == '-') && s[j-1] != ' ' && s[j-1] != '-':
		default:
			return end
		}
	}
	return end
}

func hidePAN(s string) string { return hideDigits(s, 6, 4) }

// hideDigits replaces the digits of s by stars but for the first and last ones.
func hideDigits(s string, first, last int) string {
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
		if seen > first && seen <= digits-last {
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
