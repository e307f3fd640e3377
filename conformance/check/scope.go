package check

import (
	"slices"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A Scope is what probes and checks know besides the exchange: the operation, what the pages say,
// and what the user said about the target.
type Scope struct {
	Catalogue   *catalogue.Catalogue
	Operation   *catalogue.Operation
	Credentials *wire.Credentials
	Values      map[string]string // field name -> value that this target wants
	Seed        string            // makes generated text differ between runs
	Readings    map[string]string // topic -> reading that requests are sent by at present
}

// Operations that code must name, because a rule speaks of them and of no other.
const (
	checkRequest = "callback.check"
	resultNotify = "callback.result"
	purchase     = "merchant.purchase.create"
	status       = "merchant.purchase.status"
	cardInit     = "merchant.card.init_cvc"
	cardPay      = "merchant.card.pay"
	invoiceInit  = "invoice.merchant.init"
	invoicePay   = "invoice.merchant.pay"
	partnerGet   = "invoice.partner.info_get"
	partnerPost  = "invoice.partner.info_post"
)

// Valid is the probe that is the control of all others.
const Valid = "valid"

// Intent is what a probe's variant is meant to bring about.
func Intent(s *Scope, p *Probe, variant string) wire.Intent {
	i := wire.Intent{
		Probe:   p.Name(variant),
		Expect:  p.Expect,
		Clause:  p.Clause,
		Classes: p.Classes,
		Effect:  p.Effect,
	}
	if p.ClauseFor != nil {
		i.Clause = p.ClauseFor(s, variant)
	}
	if p.ClassesFor != nil {
		i.Classes = p.ClassesFor(s, variant)
	}
	if i.Effect == "" {
		i.Effect = s.Operation.Effect
	}
	if p.Field != nil {
		i.Field = p.Field(variant)
	}
	return i
}

// Classes of codes that fit a step.
var (
	signature              = []catalogue.Class{catalogue.ClassSignature}
	signatureMerchant      = []catalogue.Class{catalogue.ClassSignature, catalogue.ClassMerchant}
	signatureMerchantField = []catalogue.Class{catalogue.ClassSignature, catalogue.ClassMerchant, catalogue.ClassField}
	field                  = []catalogue.Class{catalogue.ClassField}
	state                  = []catalogue.Class{catalogue.ClassState}
	stateField             = []catalogue.Class{catalogue.ClassState, catalogue.ClassField}
	stateFieldMerchant     = []catalogue.Class{catalogue.ClassState, catalogue.ClassField, catalogue.ClassMerchant}
)

// Which operations a probe is for.

func always(*Scope) []string { return []string{""} }

func when(yes bool) []string {
	if yes {
		return []string{""}
	}
	return nil
}

func pgSig(s *Scope) []string { return when(s.Operation.Auth == catalogue.AuthSig) }

func gateway(s *Scope) bool { return s.Operation.Role() == catalogue.RoleGateway }

func sigGateway(s *Scope) []string {
	return when(s.Operation.Auth == catalogue.AuthSig && gateway(s))
}

func isJWS(o *catalogue.Operation) bool {
	_, ok := wire.ProfileOf(o)
	return ok
}

func jwsOnly(s *Scope) []string { return when(isJWS(s.Operation)) }

func only(operations ...string) func(*Scope) []string {
	return func(s *Scope) []string { return when(slices.Contains(operations, s.Operation.ID)) }
}

func callbacks(s *Scope) []string { return when(!gateway(s)) }

func hasField(name string) func(*Scope) []string {
	return func(s *Scope) []string {
		_, ok := s.Operation.Request.Field(name)
		return when(ok && gateway(s))
	}
}

// pays is for operations that use a payment up.
func pays(s *Scope) []string { return when(UsesUp(s.Operation) && gateway(s)) }

// UsesUp tells whether an operation changes the payment that another one handed out, so that it
// can be carried out once.
func UsesUp(o *catalogue.Operation) bool {
	switch o.Effect {
	case catalogue.Reads, catalogue.Creates:
		return false
	}
	return o.Role() == catalogue.RoleGateway
}

// Which exchanges a check is for.

func anyAnswer(*Scope, wire.Intent) bool { return true }

func expects(e wire.Expect) func(*Scope, wire.Intent) bool {
	return func(_ *Scope, i wire.Intent) bool { return i.Expect == e }
}

func expectsAnswer(s *Scope, i wire.Intent) bool {
	return i.Expect == wire.Accepted && !s.Operation.Response.FieldsUnknown
}

func knownFields(s *Scope, _ wire.Intent) bool { return !s.Operation.Response.FieldsUnknown }

func promises(s *Scope, kind string) bool {
	return strings.Contains(s.Operation.Response.ContentType, kind)
}

func hasStatus(s *Scope, _ wire.Intent) bool {
	return statusField(s.Operation) != "" || s.Operation.ID == partnerGet
}

func hasAmounts(s *Scope, i wire.Intent) bool {
	return i.Expect == wire.Accepted && len(amountFields(s)) > 0
}

func xmlAnswer(s *Scope, _ wire.Intent) bool {
	return promises(s, "xml") && s.Operation.Response.Root != ""
}

// signedAnswer: an accepted answer of a gateway that signs, and every answer of a merchant.
func signedAnswer(s *Scope, i wire.Intent) bool {
	if s.Operation.Auth != catalogue.AuthSig {
		return false
	}
	return i.Expect == wire.Accepted || !gateway(s)
}

func refusalOfGateway(s *Scope, i wire.Intent) bool {
	return s.Operation.Auth == catalogue.AuthSig && gateway(s) && i.Expect == wire.Refused
}

func refusalWithCode(s *Scope, i wire.Intent) bool {
	if !gateway(s) || i.Expect != wire.Refused {
		return false
	}
	_, pg := s.Operation.Response.Field("pg_status")
	_, bare := s.Operation.Response.Field("error_code")
	return pg || bare
}

func acceptedOf(operations ...string) func(*Scope, wire.Intent) bool {
	return func(s *Scope, i wire.Intent) bool {
		return i.Expect == wire.Accepted && slices.Contains(operations, s.Operation.ID)
	}
}

func probe(name string) func(*Scope, wire.Intent) bool {
	return func(_ *Scope, i wire.Intent) bool { return i.Probe == name }
}

func ofPartnerPost(s *Scope, i wire.Intent) bool {
	return s.Operation.ID == partnerPost && i.Expect == wire.Accepted
}

// echoes is for operations whose answer has a field of this kind. Where the step is about the very
// field, or a negative is refused, the answer need not repeat what was sent.
func echoes(kind catalogue.Echo) func(*Scope, wire.Intent) bool {
	return func(s *Scope, i wire.Intent) bool {
		return i.Expect == wire.Accepted && len(echoing(s.Operation.Response.Fields, kind)) > 0
	}
}

func echoing(fields []*catalogue.Field, kind catalogue.Echo) []*catalogue.Field {
	var out []*catalogue.Field
	for _, f := range fields {
		if f.Echo == kind {
			out = append(out, f)
		}
	}
	return out
}

// ValueAt returns the leaf at a path whose steps are separated by "/".
func ValueAt(m sig.Message, path string) (string, bool) {
	name, rest, deeper := strings.Cut(path, "/")
	for _, f := range m {
		if f.Name != name {
			continue
		}
		if deeper {
			return ValueAt(f.Children, rest)
		}
		return f.Value, f.Children == nil
	}
	return "", false
}

// finding makes one with the clause's sentence.
func (s *Scope) finding(clause catalogue.ClauseID, path, message, got, want string) report.Finding {
	f := report.Finding{Clause: string(clause), Path: path, Message: message, Got: got, Want: want}
	if c, ok := s.Catalogue.Clause(clause); ok {
		f.Text = c.Text
	}
	return f
}

func (s *Scope) one(clause catalogue.ClauseID, path, message, got, want string) ([]report.Finding, string) {
	return []report.Finding{s.finding(clause, path, message, got, want)}, ""
}

// Clauses of intents.

func controlClause(s *Scope, _ string) catalogue.ClauseID {
	switch s.Operation.ID {
	case checkRequest:
		return "CB-24"
	case resultNotify:
		return "CB-12"
	}
	return "REQ-1"
}

// sigClause: what a gateway must refuse by its clause, a merchant must by CB-3.
func sigClause(id catalogue.ClauseID) func(*Scope, string) catalogue.ClauseID {
	return func(s *Scope, _ string) catalogue.ClauseID {
		if !gateway(s) {
			return "CB-3"
		}
		return id
	}
}

func extraClause(s *Scope, _ string) catalogue.ClauseID {
	if !gateway(s) {
		return "CB-7"
	}
	return "SIG-15"
}

func unknownPaymentClause(s *Scope, _ string) catalogue.ClauseID {
	switch s.Operation.ID {
	case cardPay:
		return "CARD-2"
	case invoicePay:
		return "INV-6"
	case status:
		return "PAY-8"
	}
	return "PRT-3"
}

func secondPayClause(s *Scope, _ string) catalogue.ClauseID {
	if s.Operation.ID == invoicePay {
		return "INV-5"
	}
	return "CARD-3"
}

// request returns the operation's literal request fields that travel with the message; pg_salt
// and pg_sig are not among them, since signing adds them.
func request(o *catalogue.Operation) []*catalogue.Field {
	var out []*catalogue.Field
	for _, f := range o.Request.Fields {
		if f.Literal() && f.In != catalogue.InPath && f.Name != "pg_salt" && f.Name != "pg_sig" {
			out = append(out, f)
		}
	}
	return out
}

func requestField(o *catalogue.Operation, name string) *catalogue.Field {
	f, ok := o.Request.Field(name)
	if !ok {
		return nil
	}
	return f
}

func lawful(s *Scope, f *catalogue.Field) string {
	if v, ok := s.Values[f.Name]; ok {
		return v
	}
	return schema.Lawful(f, s.Seed)
}
