package wire

import (
	"net/http"
	"net/url"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// Expect is what a right peer does with a request.
type Expect string

const (
	Accepted Expect = "accepted" // a control or a lawful variant of it
	Refused  Expect = "refused"  // a negative: one step short of the control
	Either   Expect = "either"   // lawful both ways; the answer must still be well made
)

// An Intent is what a request was meant to bring about.
type Intent struct {
	Probe   string // "valid", "sig-tampered", "field-missing:pg_amount"
	Expect  Expect
	Clause  catalogue.ClauseID // the one that a wrong reaction breaks
	Classes []catalogue.Class  // of the code that fits a refusal; none means any
	Effect  catalogue.Effect   // if it is carried out
	Field   string             // the request field that the step is about, if any
	Control string             // of a negative or a variant: the id of the exchange it is one step away from
	Setup   bool               // sent to bring a state about, not to be judged
}

// A Draft is a request before it is signed. A probe edits it; AfterSign edits the signed fields
// before they are encoded, Tamper the request after that.
type Draft struct {
	ID        string // of the exchange: merchant.card.pay/sig-tampered
	Operation *catalogue.Operation
	Intent    Intent
	Transport Transport         // empty means the operation's; probes try the other permitted ones
	Fields    sig.Message       // less pg_salt and pg_sig; path fields are among them
	Path      map[string]string // values of the path's parameters; nil: taken from the credentials
	Header    http.Header
	Signing   Signing
	Readings  map[string]string // topic -> reading; what is not named is the target's
	Known     Known
	AfterSign []func(sig.Message) sig.Message
	Tamper    []func(*Request)
}

// Known is what an answer must repeat where it carries it: values by what they are.
// The keys are the kinds that the catalogue's fields echo: payment, order, merchant, amount,
// currency; besides "paid", which is "yes" or "no" where the run knows it, and "payment-before",
// the payment id that an idempotent request must repeat.
type Known map[string]string

// With returns a copy of k in which key has value; an empty value leaves k as it is.
func (k Known) With(key, value string) Known {
	out := make(Known, len(k)+1)
	for name, v := range k {
		out[name] = v
	}
	if value != "" {
		out[key] = value
	}
	return out
}

// Transport is how the fields of a pg_sig request travel.
type Transport string

const (
	Multipart  Transport = "multipart"  // POST multipart/form-data, as the operation pages print
	URLEncoded Transport = "urlencoded" // POST application/x-www-form-urlencoded
	Query      Transport = "query"      // GET
	PGXML      Transport = "pg_xml"     // POST of one field pg_xml that holds <request>…</request>
	JSON       Transport = "json"       // POST application/json
)

// Signing is how to sign. What is empty is taken from the operation, the target and the readings.
type Signing struct {
	Script string // of pg_sig; see ScriptSet for the empty one
	// ScriptSet says that Script is meant even if it is empty.
	ScriptSet bool
	Scheme    *sig.Scheme
	Key       *sig.Key
	Omit      bool // send no signature at all
	NoSalt    bool // sign without a pg_salt

	Profile  *jws.Profile
	JWSKey   *jws.Key
	Method   string // that the JWS header names
	Path     string
	Identity string
}

// An Exchange is one request and what came of it. Nothing writes to it after Do.
type Exchange struct {
	ID        string
	Operation *catalogue.Operation
	Intent    Intent
	Known     Known
	Readings  map[string]string // topic -> reading by which the request was made, the first ones left out
	Request   Request
	Response  *Response // nil if none arrived
	Err       error     // why there is nothing to judge; nil if there is
	Started   time.Time
	Took      time.Duration
}

// A Request is what was sent, or what a mock received.
type Request struct {
	Method    string
	URL       *url.URL
	Header    http.Header
	Body      []byte
	Transport Transport   // how Fields travelled
	Fields    sig.Message // with pg_salt and pg_sig, without path parameters
	Bad       error       // of a received one: why Fields could not be read
	Script    string      // that it was signed for; of a received one, the last segment of its path
}

// A Response is what arrived.
type Response struct {
	Status  int
	Header  http.Header
	Body    []byte
	Before  []byte // of XML: what stood before the declaration
	Root    string // of XML: the root element
	Fields  sig.Message
	Bad     error // why Fields could not be read from Body; nil if they could
	TooLong bool  // Body is cut at MaxBody
}
