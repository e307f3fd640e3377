package check

import (
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// Signatures of answers. An accepted answer of a gateway must be signed, every answer of a merchant
// too; whether a gateway signs refusals is disputed (SIG-9).

// signedOnly wraps a check of a signature: it looks only where there ought to be one.
func signedOnly(f func(*Scope, *Seen) ([]report.Finding, string)) func(*Scope, *Seen) ([]report.Finding, string) {
	return readable(func(s *Scope, x *Seen) ([]report.Finding, string) {
		if gateway(s) && x.Outcome != OutAccepted {
			return nil, "the request was not accepted"
		}
		return f(s, x)
	})
}

func answerSigned(s *Scope, x *Seen) ([]report.Finding, string) {
	if _, n := x.Response.Fields.Get(sig.FieldSig); n == 0 {
		return s.one(byRole(s, "SIG-8", "CB-23"), "response/pg_sig", "the answer is not signed", "no pg_sig", "a pg_sig")
	}
	return nil, ""
}

// signedHere wraps a check that needs a signature to look at.
func signedHere(f func(*Scope, *Seen) ([]report.Finding, string)) func(*Scope, *Seen) ([]report.Finding, string) {
	return signedOnly(func(s *Scope, x *Seen) ([]report.Finding, string) {
		if _, n := x.Response.Fields.Get(sig.FieldSig); n == 0 {
			return nil, "the answer is not signed"
		}
		return f(s, x)
	})
}

func answerSalted(s *Scope, x *Seen) ([]report.Finding, string) {
	if salt, n := x.Response.Fields.Get(sig.FieldSalt); n == 0 || salt == "" {
		return s.one(byRole(s, "SIG-10", "CB-23"), "response/pg_salt", "a signed answer without a salt", "none", "a random pg_salt")
	}
	return nil, ""
}

func saltForm(s *Scope, x *Seen) ([]report.Finding, string) {
	salt, n := x.Response.Fields.Get(sig.FieldSalt)
	if n == 0 {
		return nil, "the answer has no salt"
	}
	if salt == "" {
		return s.one("SIG-11", "response/pg_salt", "an empty salt", "nothing", "at least one character")
	}
	return nil, "" // both readings are lawful; which one it is, is shown
}

func showsSalt(s *Scope, x *Seen) map[string]string {
	if x.Response.Bad != nil || gateway(s) && x.Outcome != OutAccepted {
		return nil
	}
	salt, n := x.Response.Fields.Get(sig.FieldSalt)
	if n != 1 || salt == "" {
		return nil
	}
	for _, c := range salt {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return map[string]string{"salt-form": "any"}
		}
	}
	return map[string]string{"salt-form": "letters-and-digits"}
}

func answerHex(s *Scope, x *Seen) ([]report.Finding, string) {
	value, n := x.Response.Fields.Get(sig.FieldSig)
	if _, err := sig.ParseSignature(value); n != 1 || err != nil {
		return s.one("SIG-6", "response/pg_sig", "not 32 lower-case hexadecimal digits", shapeOf(value), "32 digits 0-9 and a-f")
	}
	return nil, ""
}

// shapeOf tells how a signature is written without printing it.
func shapeOf(v string) string {
	switch {
	case v == "":
		return "nothing"
	case len(v) == 32 && strings.ToLower(v) != v:
		return wire.Ends(v) + ", with capital letters"
	}
	return wire.Ends(v) + ", " + plural(len([]rune(v)), "character")
}

// answerVerifies: SIG-7 for a gateway, CB-2 for a merchant. Any lawful way of signing is right:
// the three orders, with empty values or without; which one it is, is shown. A signature that is
// only written wrongly is left to SIG-6.
func answerVerifies(s *Scope, x *Seen) ([]report.Finding, string) {
	fields, written := normalised(x.Response.Fields)
	if !written {
		return nil, "pg_sig has not the form of one"
	}
	key, ok := s.Credentials.SigKeys[s.Operation.Key]
	if !ok {
		return nil, "no key to verify with"
	}
	ways := waysThatVerify(scriptOf(x), fields, key)
	if len(ways) == 0 {
		sent, _ := x.Response.Fields.Get(sig.FieldSig)
		return s.one(byRole(s, "SIG-7", "CB-2"), "response/pg_sig", "it does not match the answer",
			"pg_sig "+wire.Ends(sent), "the signature of these fields with script name "+quoted(scriptOf(x)))
	}
	if w := ways[0]; w.order != sig.Reference {
		return s.one("SIG-17", "response/pg_sig", "right in another lawful order of the fields", w.order.String()+" order", "reference order")
	} else if w.drop {
		return s.one("SIG-16", "response/pg_sig", "right only without the empty values", "empty values left out", "every value signed")
	}
	return nil, ""
}

func quoted(s string) string { return `"` + cut(s) + `"` }

// normalised returns the fields with pg_sig in lower case, and whether it is one at all.
func normalised(m sig.Message) (sig.Message, bool) {
	value, n := m.Get(sig.FieldSig)
	if n != 1 {
		return nil, false
	}
	lower := strings.ToLower(value)
	if _, err := sig.ParseSignature(lower); err != nil {
		return nil, false
	}
	if lower == value {
		return m, true
	}
	out := append(sig.Message(nil), m...)
	for i := range out {
		if out[i].Name == sig.FieldSig && out[i].Children == nil {
			out[i].Value = lower
		}
	}
	return out, true
}

type way struct {
	order sig.Order
	drop  bool
}

// waysThatVerify tries the lawful ways of signing, ours first.
func waysThatVerify(script string, m sig.Message, key sig.Key) []way {
	var out []way
	for _, drop := range []bool{false, true} {
		for _, order := range []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical} {
			scheme := sig.Scheme{Order: order, DropEmpty: drop}
			if scheme.Verify(script, m, key) == nil {
				out = append(out, way{order, drop})
			}
		}
	}
	return out
}

// showsOrder: an answer shows an order only if the other two would sign it otherwise, and what
// becomes of empty values only if it has one.
func showsOrder(s *Scope, x *Seen) map[string]string {
	if x.Response.Bad != nil || gateway(s) && x.Outcome != OutAccepted {
		return nil
	}
	m, ok := normalised(x.Response.Fields)
	key, have := s.Credentials.SigKeys[s.Operation.Key]
	if !ok || !have {
		return nil
	}
	ways := waysThatVerify(scriptOf(x), m, key)
	if len(ways) == 0 {
		return nil
	}
	shows := map[string]string{}
	orders, drops := map[sig.Order]bool{}, map[bool]bool{}
	for _, w := range ways {
		orders[w.order], drops[w.drop] = true, true
	}
	if len(orders) == 1 {
		shows[wire.TopicOrder] = ways[0].order.String()
	}
	if len(drops) == 1 {
		shows[wire.TopicEmpty] = "signed"
		if ways[0].drop {
			shows[wire.TopicEmpty] = "dropped"
		}
	}
	return shows
}

// refusalSigned: a refusal may be unsigned or signed (SIG-9); a signed one must verify (SIG-7);
// one to a merchant that is not known cannot be signed (SIG-21).
func refusalSigned(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Outcome != OutRefused {
		return nil, "the request was not refused"
	}
	sent, n := x.Response.Fields.Get(sig.FieldSig)
	if n == 0 {
		return nil, ""
	}
	if x.Intent.Probe == "unknown-merchant" {
		return s.one("SIG-21", "response/pg_sig", "signed for a merchant that does not exist", "pg_sig "+wire.Ends(sent), "no pg_sig")
	}
	key, ok := s.Credentials.SigKeys[s.Operation.Key]
	if !ok {
		return nil, "no key to verify with"
	}
	if m, ok := normalised(x.Response.Fields); !ok || len(waysThatVerify(scriptOf(x), m, key)) == 0 {
		return []report.Finding{
			s.finding("SIG-9", "response/pg_sig", "neither unsigned nor rightly signed", "pg_sig "+wire.Ends(sent), "no pg_sig, or a right one"),
			s.finding("SIG-7", "response/pg_sig", "a signed refusal does not match its fields", "pg_sig "+wire.Ends(sent), "a signature that matches"),
		}, ""
	}
	if _, err := sig.ParseSignature(sent); err != nil {
		return s.one("SIG-6", "response/pg_sig", "right, and not written in 32 lower-case hexadecimal digits", shapeOf(sent), "32 digits 0-9 and a-f")
	}
	return nil, ""
}

// scriptOf is the script name of the called address, even where the request was signed for another.
func scriptOf(x *Seen) string { return sig.ScriptName(x.Request.URL.EscapedPath()) }

func showsRefusal(s *Scope, x *Seen) map[string]string {
	if x.Outcome != OutRefused || x.Response.Bad != nil || x.Intent.Probe == "unknown-merchant" {
		return nil
	}
	if _, n := x.Response.Fields.Get(statusField(s.Operation)); n == 0 {
		return nil
	}
	if _, n := x.Response.Fields.Get(sig.FieldSig); n > 0 {
		return map[string]string{"refusals": "signed"}
	}
	return map[string]string{"refusals": "unsigned"}
}

// What a refusal says.

func errorNamed(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Outcome != OutRefused {
		return nil, "the request was not refused"
	}
	code, text := "pg_error_code", "pg_error_description"
	if statusField(s.Operation) == "status" {
		code, text = "error_code", "error_description"
	}
	for _, name := range []string{code, text} {
		if v, n := x.Response.Fields.Get(name); n == 0 || v == "" {
			return s.one("ERR-1", "response/"+name, "a refusal without "+name, "nothing", name)
		}
	}
	return nil, ""
}

// codeFits: the code's classes and those that fit the step must have one in common. A code that no
// table lists has none. Of a few codes that are in use no source says what they mean; they tell nothing.
func codeFits(s *Scope, x *Seen) ([]report.Finding, string) {
	if x.Outcome != OutRefused {
		return nil, "the request was not refused"
	}
	if len(x.Intent.Classes) == 0 {
		return nil, ""
	}
	got := Code(x.Exchange)
	if got == "" {
		return nil, "the refusal names no code"
	}
	code, ok := s.Catalogue.ErrorCode(got)
	clause := codeClause(x.Intent)
	if !ok {
		return s.one(clause, "response/"+codeField(s), "a code that no table lists, so of no class that fits", cut(got), "a code about "+classes(x.Intent.Classes))
	}
	if code.Is(catalogue.ClassUnknown) {
		return nil, "the code " + got + " is in use, and no source says what it means"
	}
	if code.Is(x.Intent.Classes...) {
		return nil, ""
	}
	return s.one(clause, "response/"+codeField(s), "the code belongs to none of the classes that fit", got+" ("+code.Text+")", "a code about "+classes(x.Intent.Classes))
}

func classes(list []catalogue.Class) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = string(c)
	}
	return strings.Join(words, " or ")
}

func codeField(s *Scope) string {
	if statusField(s.Operation) == "status" {
		return "error_code"
	}
	return "pg_error_code"
}

// codeClause is the clause about the code that fits what the step broke: a rule of fields, though the
// field may name a payment whose state is another reason to refuse.
func codeClause(i wire.Intent) catalogue.ClauseID {
	switch i.Clause {
	case "REQ-6":
		return "ERR-3"
	case "REQ-2", "REQ-3", "REQ-4", "REQ-5":
		return "ERR-4"
	}
	switch i.Classes[0] {
	case catalogue.ClassSignature:
		return "ERR-2"
	case catalogue.ClassState:
		return "ERR-5"
	}
	return "ERR-4"
}

func showsCode(s *Scope, x *Seen) map[string]string {
	if x.Outcome != OutRefused || x.Response.Bad != nil || s.Operation.Auth != catalogue.AuthSig {
		return nil
	}
	topic := ""
	switch {
	case x.Intent.Clause == "SIG-13":
		topic = "bad-signature-code"
	case x.Intent.Clause == "REQ-6":
		topic = "unknown-merchant-code"
	default:
		return nil
	}
	for _, c := range s.Catalogue.Topics() {
		if c.Topic == topic {
			if _, ok := c.Reading(Code(x.Exchange)); ok {
				return map[string]string{topic: Code(x.Exchange)}
			}
		}
	}
	return nil
}
