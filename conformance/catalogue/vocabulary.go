package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// The words of the data. Each refuses, with file and line, a word that it does not know.
type (
	// An API is the family of interfaces that an operation belongs to.
	API string
	// A Direction says who calls whom.
	Direction string
	// A Role is who is under test.
	Role string
	// An Auth is the way a request is authorised; see [Auth.JWS] for the signed-header ones.
	Auth string
	// An Effect is the worst that an operation does when it is carried out.
	Effect string
	// A Status says how much of an operation is known.
	Status string
	// A Class is what an error code is about. A code may belong to several.
	Class string
	// A Type is a field's type as the page prints it.
	Type string
	// An In is the place of a field in the request.
	In string
	// A Level is how strongly a clause binds.
	Level string
	// A Basis is how a clause is known.
	Basis string
	// An Echo is what a response field repeats.
	Echo string
	// A ClauseID such as SIG-4 is for life: it is never reused.
	ClauseID string
)

// The interfaces of the gateway.
const (
	APIMerchant     API = "merchant"
	APIGatewaySync  API = "gateway-sync"
	APIGatewayAsync API = "gateway-async"
	APICard         API = "card"
	APIPartner      API = "partner"
	APICallback     API = "callback"
)

// Who calls whom.
const (
	MerchantToGateway Direction = "merchant-to-gateway"
	PartnerToGateway  Direction = "partner-to-gateway"
	GatewayToMerchant Direction = "gateway-to-merchant"
	GatewayToPartner  Direction = "gateway-to-partner"
	DirectionUnknown  Direction = "unknown"
)

// Who is under test.
const (
	RoleGateway  Role = "gateway"
	RoleMerchant Role = "merchant"
)

// Ways to authorise. The names of the header schemes say member of the path, member of the
// identity, algorithm.
const (
	AuthSig         Auth = "pg_sig"
	AuthJWSPartner  Auth = "jws-uri-auth_id-HS256"
	AuthJWSMerchant Auth = "jws-path-merchant_id-HS512"
	AuthNone        Auth = "none"
	AuthUnknown     Auth = "unknown"
)

// Effects, from harmless to not.
const (
	Reads   Effect = "reads"
	Creates Effect = "creates" // an unpaid order, an invoice
	Holds   Effect = "holds"
	Charges Effect = "charges"
	Refunds Effect = "refunds"
	PaysOut Effect = "pays-out"
)

// How much is known.
const (
	Documented Status = "documented"
	Partial    Status = "partial"
	NameOnly   Status = "name-only" // listed, never sent
)

// What an error code is about.
const (
	ClassSignature Class = "signature" // pg_sig, pg_salt, the key
	ClassMerchant  Class = "merchant"  // who is calling
	ClassField     Class = "field"     // a parameter is missing or wrong
	ClassState     Class = "state"     // of a payment, an order, an invoice
	ClassContract  Class = "contract"  // the merchant's contract or settings forbid it
	ClassOther     Class = "other"
	ClassUnknown   Class = "unknown" // seen in use, and no source says what it is about
)

// Types that pages print.
const (
	TypeString  Type = "string"
	TypeInteger Type = "integer"
	TypeNumber  Type = "number" // decimal text, never a float
	TypeBoolean Type = "boolean"
	TypeObject  Type = "object"
	TypeArray   Type = "array"
)

// Places of a field.
const (
	InBody  In = "body"
	InQuery In = "query"
	InPath  In = "path"
)

// Levels.
const (
	Must   Level = "must"
	Should Level = "should"
	May    Level = "may"
)

// Bases, from the strongest to the weakest.
const (
	Stated   Basis = "stated"   // in words
	Example  Basis = "example"  // shown by an example
	Observed Basis = "observed" // seen live by a public integration
	Derived  Basis = "derived"  // follows from other clauses, or from code
)

// What a response field may repeat.
const (
	EchoPayment  Echo = "payment"  // the payment or invoice id that was sent or handed out
	EchoOrder    Echo = "order"    // the order id that was sent
	EchoMerchant Echo = "merchant" // the caller's merchant id
	EchoAmount   Echo = "amount"   // the amount of the order, as a decimal: 20 equals 20.00
	EchoCurrency Echo = "currency" // the currency of the order
)

func word[T ~string](into *T, b []byte, what string, known ...T) error {
	if !slices.Contains(known, T(b)) {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = string(k)
		}
		return fmt.Errorf("catalogue: %s %s is none of %s", what, quote(string(b)), strings.Join(names, ", "))
	}
	*into = T(b)
	return nil
}

// UnmarshalText refuses a word that is no API.
func (a *API) UnmarshalText(b []byte) error {
	return word(a, b, "api", APIMerchant, APIGatewaySync, APIGatewayAsync, APICard, APIPartner, APICallback)
}

// UnmarshalText refuses a word that is no direction.
func (d *Direction) UnmarshalText(b []byte) error {
	return word(d, b, "direction", MerchantToGateway, PartnerToGateway, GatewayToMerchant, GatewayToPartner, DirectionUnknown)
}

// UnmarshalText refuses a word that is no way to authorise.
func (a *Auth) UnmarshalText(b []byte) error {
	return word(a, b, "auth", AuthSig, AuthJWSPartner, AuthJWSMerchant, AuthNone, AuthUnknown)
}

// UnmarshalText refuses a word that is no effect.
func (e *Effect) UnmarshalText(b []byte) error {
	return word(e, b, "effect", Reads, Creates, Holds, Charges, Refunds, PaysOut)
}

// UnmarshalText refuses a word that is no status.
func (s *Status) UnmarshalText(b []byte) error {
	return word(s, b, "status", Documented, Partial, NameOnly)
}

// UnmarshalText refuses a word that is no class.
func (c *Class) UnmarshalText(b []byte) error {
	return word(c, b, "class", ClassSignature, ClassMerchant, ClassField, ClassState, ClassContract, ClassOther, ClassUnknown)
}

// UnmarshalText refuses a word that is no type.
func (t *Type) UnmarshalText(b []byte) error {
	return word(t, b, "type", TypeString, TypeInteger, TypeNumber, TypeBoolean, TypeObject, TypeArray)
}

// UnmarshalText refuses a word that is no place.
func (i *In) UnmarshalText(b []byte) error { return word(i, b, "in", InBody, InQuery, InPath) }

// UnmarshalText refuses a word that is no level.
func (l *Level) UnmarshalText(b []byte) error { return word(l, b, "level", Must, Should, May) }

// UnmarshalText refuses a word that is no basis.
func (b *Basis) UnmarshalText(text []byte) error {
	return word(b, text, "basis", Stated, Example, Observed, Derived)
}

// UnmarshalText refuses a word that is no echo.
func (e *Echo) UnmarshalText(b []byte) error {
	return word(e, b, "echo", EchoPayment, EchoOrder, EchoMerchant, EchoAmount, EchoCurrency)
}

// JWS returns the parts of a signed-header scheme: the member that carries the path (uri or
// path), the member that names the caller (auth_id or merchant_id) and the algorithm. It
// returns false for every other way to authorise.
func (a Auth) JWS() (target, identity, alg string, ok bool) {
	rest, ok := strings.CutPrefix(string(a), "jws-")
	if !ok {
		return "", "", "", false
	}
	parts := strings.Split(rest, "-")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// Said is what the pages answer to a yes-or-no question. Often they say nothing.
type Said uint8

// The three answers. The zero value is that the pages do not say.
const (
	Unknown Said = iota
	No
	Yes
)

// String returns unknown, false or true, as in the data.
func (s Said) String() string {
	switch s {
	case No:
		return "false"
	case Yes:
		return "true"
	}
	return "unknown"
}

// MarshalText returns unknown, false or true.
func (s Said) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes unknown, false or true and nothing else.
func (s *Said) UnmarshalText(b []byte) error {
	switch string(b) {
	case "unknown":
		*s = Unknown
	case "false":
		*s = No
	case "true":
		*s = Yes
	default:
		return fmt.Errorf("catalogue: %s is none of true, false, unknown", quote(string(b)))
	}
	return nil
}

// quote quotes a value for an error, cut at 64 bytes.
func quote(s string) string {
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
