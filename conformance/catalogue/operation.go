package catalogue

import (
	"strings"

	"github.com/fpconform/fpconform/internal/yamlfile"
)

// An Operation is one call with its answer. Its ID, such as merchant.card.pay, is for life.
type Operation struct {
	ID        string    `yaml:"id"`
	Title     string    `yaml:"title"` // as the page is called
	API       API       `yaml:"api"`
	Direction Direction `yaml:"direction"`
	// Effect is the worst it does. Of callback.result it is Charges, since a shop delivers
	// goods on a paid result; one that reports a failure only reads.
	Effect Effect `yaml:"effect"`
	Method string `yaml:"method"` // POST, GET
	// Path has {name} for each field whose In is path: /v1/merchant/{merchant_id}/card/pay.
	// A callback's is {check_url} or {result_url}, the merchant's whole address.
	Path  string  `yaml:"path"`
	Match []Match `yaml:"match"`
	// Script is what pg_sig begins with; empty where it comes from the merchant's address.
	Script string   `yaml:"script"`
	Hosts  []string `yaml:"hosts"` // as the pages name them
	Auth   Auth     `yaml:"auth"`
	// Key says which secret signs: "" the purchase one, or payout.
	Key string `yaml:"key"`
	// Unique names the request field that must be fresh in every request that creates:
	// pg_order_id, order_id. Empty where nothing is created.
	Unique         string   `yaml:"unique"`
	SignedResponse Said     `yaml:"signed_response"`
	Request        Body     `yaml:"request"`
	Response       Body     `yaml:"response"`
	Errors         []string `yaml:"errors"` // codes that the pages name for this operation
	Status         Status   `yaml:"status"`
	Sources        []string `yaml:"sources"`
	Notes          []string `yaml:"notes"`
	Note           string   `yaml:"note"`
	Doubts         string   `yaml:"doubts"`

	// Examples as the pages print them, mistakes included: some are not well-formed, and
	// their signatures are made with secrets that nobody printed.
	ExampleRequest  string `yaml:"example_request"`
	ExampleResponse string `yaml:"example_response"`

	src *yamlfile.File
}

// A Match tells an operation from others of the same method and path.
type Match struct {
	In    string `yaml:"in"` // header, field
	Name  string `yaml:"name"`
	Value string `yaml:"value"` // "" means that it is there
}

// A Body is a request or an answer.
type Body struct {
	ContentType string   `yaml:"content_type"` // as printed; "none" for a request without a body
	Root        string   `yaml:"root"`         // root element of an XML document
	Headers     []*Field `yaml:"headers"`
	Fields      []*Field `yaml:"fields"`
	// FieldsUnknown says that nothing is known about the fields of the body, which is not
	// the same as a body without fields. Only headers and form can be judged then.
	FieldsUnknown bool `yaml:"fields_unknown"`
	// Variants are other shapes of an answer, by name: error, invalid_signature, rejected.
	Variants []Variant `yaml:"variants"`
	SameAs   string    `yaml:"same_as"` // the operation whose answer this is
	Note     string    `yaml:"note"`
}

// A Variant is another shape of an answer. In YAML it is a name or a mapping with a name.
type Variant struct {
	Name       string   `yaml:"name"`
	HTTPStatus int      `yaml:"http_status"`
	Signed     Said     `yaml:"signed"`
	Fields     []*Field `yaml:"fields"`
	Example    string   `yaml:"example"`
	Note       string   `yaml:"note"`
}

// UnmarshalYAML takes a bare name or a mapping.
func (v *Variant) UnmarshalYAML(decode func(any) error) error {
	if decode(&v.Name) == nil {
		return nil
	}
	type bare Variant
	return decode((*bare)(v))
}

// Role returns who is under test when this operation is called: the merchant for what the
// gateway sends to merchants, else the gateway.
func (o *Operation) Role() Role {
	if o.Direction == GatewayToMerchant {
		return RoleMerchant
	}
	return RoleGateway
}

// Family returns the first segment of the ID: merchant, invoice, callback.
func (o *Operation) Family() string {
	family, _, _ := strings.Cut(o.ID, ".")
	return family
}

// Sendable reports whether enough is known to send it: content, a method and a path.
func (o *Operation) Sendable() bool {
	return o.Status != NameOnly && o.Method != "" && o.Path != ""
}

// Field returns the field at path, whose steps are separated by "/": invoice_methods/qr,
// pg_receipt_positions/price for a field of an array's items.
func (b *Body) Field(path string) (*Field, bool) { return fieldAt(b.Fields, path) }

// Header returns the header called name. Case does not count, as in HTTP.
func (b *Body) Header(name string) (*Field, bool) {
	for _, f := range b.Headers {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return nil, false
}

// Variant returns the variant called name.
func (b *Body) Variant(name string) (*Variant, bool) {
	for i := range b.Variants {
		if b.Variants[i].Name == name {
			return &b.Variants[i], true
		}
	}
	return nil, false
}

func fieldAt(fields []*Field, path string) (*Field, bool) {
	name, rest, deeper := strings.Cut(path, "/")
	for _, f := range fields {
		if f.Name != name {
			continue
		}
		if !deeper {
			return f, true
		}
		return fieldAt(f.Children(), rest)
	}
	return nil, false
}
