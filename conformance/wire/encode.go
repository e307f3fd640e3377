package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
	"github.com/fpconform/fpconform/sig/sigxml"
)

// FieldXML is the one form field in which a whole request may travel as XML (TRN-4).
const FieldXML = "pg_xml"

// Build turns a draft into the bytes that go out: address, fields, signature, body, headers.
// The same draft, readings and salt give the same bytes.
func Build(t *Target, d *Draft, salt func() string) (*Request, error) {
	readings := ReadingsOf(t, d)
	where := t.Where(d.Operation)
	if where == nil {
		return nil, fmt.Errorf("wire: the target has no address for %s", d.Operation.ID)
	}
	u, err := address(t, d, where, readings)
	if err != nil {
		return nil, err
	}
	r := &Request{
		Method:    d.Operation.Method,
		URL:       u,
		Header:    http.Header{},
		Transport: transportOf(t, d, readings),
		Fields:    slices.Clone(d.Fields),
		Script:    sig.ScriptName(u.EscapedPath()),
	}
	for name, values := range d.Header {
		r.Header[name] = slices.Clone(values)
	}
	if d.Operation.Role() == catalogue.RoleMerchant {
		// As observed: the query fields of the merchant's URL are sent in the body too, and signed.
		own, err := sigform.ParseQuery(u.RawQuery)
		if err != nil {
			return nil, fmt.Errorf("wire: the query of %s: %w", u.Redacted(), err)
		}
		r.Fields = append(r.Fields, own...)
	}
	if d.Operation.ID == partnerGet && readings[TopicPartnerGetID] == "object" {
		for i, f := range r.Fields {
			if f.Name == "payment_id" {
				r.Fields[i].Value = `{"payment_id": ` + f.Value + `}`
			}
		}
	}
	scheme := schemeOf(d.Operation, readings)
	if scheme == nil {
		return nil, fmt.Errorf("wire: %s: no way of authorising is called %q", d.Operation.ID, d.Operation.Auth)
	}
	if scheme.fields != nil {
		if err := scheme.fields(d, r, &t.Credentials, readings, salt); err != nil {
			return nil, err
		}
	}
	for _, edit := range d.AfterSign {
		r.Fields = edit(r.Fields)
	}
	if err := encode(d, r, readings); err != nil {
		return nil, err
	}
	if scheme.header != nil {
		if err := scheme.header(d, r, &t.Credentials, readings); err != nil {
			return nil, err
		}
	}
	for _, edit := range d.Tamper {
		edit(r)
	}
	return r, nil
}

// ReadingsOf are the readings by which d is sent: its own, else the target's.
func ReadingsOf(t *Target, d *Draft) map[string]string {
	out := maps.Clone(t.Readings)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, d.Readings)
	return out
}

func transportOf(t *Target, d *Draft, readings map[string]string) Transport {
	if d.Transport != "" {
		return d.Transport
	}
	o := d.Operation
	switch {
	case o.Role() == catalogue.RoleMerchant:
		switch t.RequestMethod {
		case "GET":
			return Query
		case "XML":
			return PGXML
		}
		if readings[TopicCallbackBody] == "urlencoded" {
			return URLEncoded
		}
		return Multipart
	case o.Method == http.MethodGet:
		return Query
	case o.Auth == catalogue.AuthJWSMerchant && readings[TopicInvoiceBody] == "json":
		return JSON
	case strings.HasPrefix(o.Request.ContentType, "application/json"):
		return JSON
	case o.Auth == catalogue.AuthSig && readings[TopicTransports] == "urlencoded":
		return URLEncoded
	}
	return Multipart
}

var parameter = regexp.MustCompile(`\{([^{}]+)\}`)

// address is where d goes: the merchant's own URL as it stands, or the gateway's base with the
// operation's path, its parameters filled in.
func address(t *Target, d *Draft, where *url.URL, readings map[string]string) (*url.URL, error) {
	if d.Operation.Role() == catalogue.RoleMerchant {
		u := *where
		return &u, nil
	}
	path := d.Operation.Path
	if readings[TopicAddress] == "bare" {
		path = strings.TrimSuffix(path, ".php") // TRN-5
	}
	var missing string
	path = parameter.ReplaceAllStringFunc(path, func(p string) string {
		name := p[1 : len(p)-1]
		value, ok := d.Path[name]
		if !ok && name == "merchant_id" {
			value, ok = t.Credentials.MerchantID, true
		}
		if !ok {
			missing = name
		}
		return url.PathEscape(value)
	})
	if missing != "" {
		return nil, fmt.Errorf("wire: %s: no value for {%s} in its path", d.Operation.ID, missing)
	}
	u := *where
	base := strings.TrimSuffix(u.EscapedPath(), "/")
	raw := base + path
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		return nil, fmt.Errorf("wire: %s: path %q: %w", d.Operation.ID, raw, err)
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = decoded, raw, "", ""
	return &u, nil
}

// encode writes r.Fields into r as r.Transport says.
func encode(d *Draft, r *Request, readings map[string]string) error {
	var err error
	switch r.Transport {
	case Query:
		r.Method = http.MethodGet
		var q []byte
		if q, err = sigform.Append(nil, r.Fields, "application/x-www-form-urlencoded"); err == nil {
			r.URL.RawQuery = string(q)
		}
	case URLEncoded:
		r.Method = http.MethodPost
		r.setType("application/x-www-form-urlencoded")
		r.Body, err = sigform.Append(nil, r.Fields, "application/x-www-form-urlencoded")
	case Multipart:
		r.Method = http.MethodPost
		typ := "multipart/form-data; boundary=" + boundary(r.Fields)
		r.setType(typ)
		r.Body, err = sigform.Append(nil, r.Fields, typ)
	case PGXML:
		r.Method = http.MethodPost
		r.setType("application/x-www-form-urlencoded")
		doc := sigxml.Document{Root: "request", Fields: r.Fields}
		var xml []byte
		if xml, err = doc.Append(nil); err == nil {
			r.Body, err = sigform.Append(nil, sig.Message{sig.Leaf(FieldXML, string(xml))}, "application/x-www-form-urlencoded")
		}
	case JSON:
		r.setType("application/json")
		r.Body, err = appendJSON(nil, r.Fields, d.Operation.Request.Fields, readings)
	default:
		err = fmt.Errorf("no transport is called %q", r.Transport)
	}
	if err != nil {
		return fmt.Errorf("wire: %s: %w", d.ID, err)
	}
	if r.Header.Get("Accept") == "" && strings.HasPrefix(d.Operation.Response.ContentType, "application/json") {
		r.Header.Set("Accept", "application/json")
	}
	return nil
}

func (r *Request) setType(typ string) {
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", typ)
	}
}

// boundary returns one that no value contains, the same for the same fields.
func boundary(m sig.Message) string {
	b := "fpconform-6e1f0c2d9a4b8375"
	for {
		clash := false
		for _, f := range m.All() {
			if strings.Contains(f.Value, b) || strings.Contains(f.Name, b) {
				clash = true
			}
		}
		if !clash {
			return b
		}
		b += "0"
	}
}

// appendJSON writes an object in which a value is a number or a boolean where the catalogue says
// so and the value has that shape; everything else is a string.
func appendJSON(dst []byte, m sig.Message, fields []*catalogue.Field, readings map[string]string) ([]byte, error) {
	dst = append(dst, '{')
	for i, f := range m {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, f.Name)
		dst = append(dst, ':')
		var err error
		if dst, err = appendValue(dst, f, fieldNamed(fields, f.Name), readings); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, f sig.Field, c *catalogue.Field, readings map[string]string) ([]byte, error) {
	if f.Children != nil {
		var inner []*catalogue.Field
		if c != nil {
			inner = c.Fields
		}
		if c != nil && c.Items != nil {
			dst = append(dst, '[')
			for i, item := range f.Children {
				if i > 0 {
					dst = append(dst, ',')
				}
				var err error
				if dst, err = appendJSON(dst, item.Children, c.Items.Fields, readings); err != nil {
					return nil, err
				}
			}
			return append(dst, ']'), nil
		}
		return appendJSON(dst, f.Children, inner, readings)
	}
	if c != nil && literal(c.Type, f.Value) && !(f.Name == "merchant_id" && readings[TopicJWSIdentity] == "text") {
		return append(dst, f.Value...), nil
	}
	return appendString(dst, f.Value), nil
}

// literal tells whether value can stand in JSON without quotes for a field of this type.
func literal(t catalogue.Type, value string) bool {
	switch t {
	case "integer", "number":
		return value != "" && json.Valid([]byte(value)) && strings.Trim(value, "-+.0123456789eE") == ""
	case "boolean":
		return value == "true" || value == "false"
	}
	return false
}

func fieldNamed(fields []*catalogue.Field, name string) *catalogue.Field {
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// appendString writes s as JSON with letters and slashes as they are, since that is how the
// published examples that verify are written.
func appendString(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
