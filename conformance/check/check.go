package check

import (
	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A Probe is one thing worth sending to an operation, or one for each of its variants:
// field-missing has a variant for every required field and goes by field-missing:pg_amount.
type Probe struct {
	ID, Title string
	Expect    wire.Expect
	// Clause is the one that a wrong reaction breaks; ClauseFor, if set, decides by scope.
	Clause    catalogue.ClauseID
	ClauseFor func(s *Scope, variant string) catalogue.ClauseID
	// Classes are those of the codes that fit a refusal; ClassesFor, if set, decides by variant.
	Classes    []catalogue.Class
	ClassesFor func(s *Scope, variant string) []catalogue.Class
	// Effect is the operation's unless set.
	Effect catalogue.Effect
	// Follows names the spec of the same operation whose accepted request this one comes after,
	// over the same state: "valid", "optional:pg_idempotency_key". Empty: it stands alone.
	Follows string
	// State names what must have happened to the payment before: see States.
	State State
	// For returns the variants for this operation: nil, not for it; one empty name, unnamed.
	For func(s *Scope) []string
	// Edit is the one step away from the control; nil for the control itself.
	Edit func(s *Scope, d *wire.Draft, variant string)
	// Field names the request field that the step is about.
	Field func(variant string) string
	// Needs names the spec of another lawful step that this one contains too: where that one was
	// refused, this one tells nothing new.
	Needs func(variant string) string
	// UnknownOrder says that a merchant is asked about an order that it cannot know.
	UnknownOrder bool
	// KnownOrder says that it is about what a merchant knows of an order, its amount.
	KnownOrder bool
}

// State is what must have happened to a payment before a probe asks about it.
type State string

const (
	Fresh    State = ""          // the operation's own control comes straight after what hands out its values
	PaidCard State = "paid-card" // a card payment that was initialised and paid
)

// Steps are the operations whose controls bring the state about, in their order.
func (s State) Steps() []string {
	if s == PaidCard {
		return []string{cardInit, cardPay}
	}
	return nil
}

// Name returns the name of a spec: the probe, with its variant.
func (p *Probe) Name(variant string) string {
	if variant == "" {
		return p.ID
	}
	return p.ID + ":" + variant
}

// A Check looks for one thing in one exchange.
type Check struct {
	ID, Title string
	// Clauses are those that its findings may name, besides the intent's own where Intent is set.
	Clauses []catalogue.ClauseID
	Intent  bool
	// For must be decidable before anything is sent, so that the cases are known.
	For func(s *Scope, i wire.Intent) bool
	// Look returns what is wrong, or why it cannot be told (then the case is skipped).
	Look func(s *Scope, x *Seen) (findings []report.Finding, skip string)
	// Shows returns the readings of disputed clauses that the exchange shows.
	Shows func(s *Scope, x *Seen) map[string]string
}

// Seen is an exchange together with those that it is judged beside. A check must not write to it.
type Seen struct {
	*wire.Exchange
	Outcome Outcome
	Before  *wire.Exchange // of a probe that follows another: that one
	Control *wire.Exchange // the accepted control, nil if there is none
}

// Probes are all the probes, in the order in which a report lists them.
var Probes = []Probe{
	{ID: Valid, Title: "a right request", Expect: wire.Accepted, ClauseFor: controlClause, For: always},

	// Signatures of requests.
	{ID: "sig-missing", Title: "without pg_sig", Expect: wire.Refused, ClauseFor: sigClause("SIG-12"), Classes: signature, For: pgSig, Edit: omitSignature},
	{ID: "sig-tampered", Title: "one digit of pg_sig changed", Expect: wire.Refused, ClauseFor: sigClause("SIG-13"), Classes: signature, For: pgSig, Edit: tamperSignature},
	{ID: "sig-other-secret", Title: "signed with another secret", Expect: wire.Refused, ClauseFor: sigClause("SIG-13"), Classes: signature, For: pgSig, Edit: otherSecret},
	{ID: "sig-other-script", Title: "signed for another script name", Expect: wire.Refused, ClauseFor: sigClause("SIG-13"), Classes: signature, For: pgSig, Edit: otherScript},
	{ID: "sig-other-fields", Title: "a value changed after signing", Expect: wire.Refused, ClauseFor: sigClause("SIG-13"), Classes: signature, For: pgSig, Edit: otherFields},
	{ID: "salt-missing", Title: "without pg_salt, rightly signed otherwise", Expect: wire.Refused, Clause: "SIG-14", Classes: signatureMerchantField, For: sigGateway, Edit: omitSalt, Field: saltField},

	// X-JWS-Signature of requests.
	{ID: "jws-missing", Title: "without X-JWS-Signature", Expect: wire.Refused, Clause: "JWS-1", Classes: signatureMerchantField, For: jwsOnly, Edit: omitSignature},
	{ID: "jws-tampered", Title: "one character of the signature changed", Expect: wire.Refused, Clause: "JWS-3", Classes: signature, For: jwsOnly, Edit: tamperToken},
	{ID: "jws-body-changed", Title: "the body changed after signing", Expect: wire.Refused, Clause: "JWS-3", Classes: signature, For: jwsOnly, Edit: changeBody},
	{ID: "jws-other-secret", Title: "signed with another key", Expect: wire.Refused, Clause: "JWS-3", Classes: signature, For: jwsOnly, Edit: otherKey},
	{ID: "jws-payload-kept", Title: "the payload not cut out", Expect: wire.Refused, Clause: "JWS-2", Classes: signature, For: jwsOnly, Edit: keepPayload},
	{ID: "jws-other-alg", Title: "another HMAC size", Expect: wire.Refused, Clause: "JWS-4", Classes: signature, For: jwsOnly, Edit: otherAlg},
	{ID: "jws-none", Title: "alg none, no signature", Expect: wire.Refused, Clause: "JWS-4", Classes: signature, For: jwsOnly, Edit: algNone},
	{ID: "jws-other-path", Title: "the header names another path", Expect: wire.Refused, Clause: "JWS-5", Classes: signature, For: jwsOnly, Edit: otherPath},
	{ID: "jws-other-method", Title: "the header names another method", Expect: wire.Refused, Clause: "JWS-6", Classes: signature, For: jwsOnly, Edit: otherMethod},
	{ID: "jws-other-identity", Title: "the header names another caller", Expect: wire.Refused, Clause: "JWS-7", Classes: signatureMerchant, For: jwsOnly, Edit: otherIdentity},

	// What is lawful and odd.
	{ID: "extra-field", Title: "with a field that no page knows", Expect: wire.Accepted, ClauseFor: extraClause, For: pgSig, Edit: addExtra},
	{ID: "odd", Title: "an odd but lawful value", Expect: wire.Accepted, ClauseFor: oddClause, For: oddValues, Edit: setOdd, Needs: oddNeeds},
	{ID: "transport", Title: "another permitted transport", Expect: wire.Accepted, Clause: "TRN-2", For: otherTransports, Edit: setTransport},

	// Fields of requests.
	{ID: "field-missing", Title: "a required field left out", Expect: wire.Refused, Clause: "REQ-2", ClassesFor: fieldClasses, For: requiredFields, Edit: dropField, Field: itself},
	{ID: "header-missing", Title: "a required header left out", Expect: wire.Refused, Clause: "REQ-2", Classes: field, For: requiredHeaders, Edit: dropHeader},
	{ID: "limit-beyond", Title: "one past a limit", Expect: wire.Refused, ClauseFor: beyondClause, ClassesFor: fieldClasses, For: beyondLimits, Edit: setBeyond, Field: beforeRule},
	{ID: "limit-edge", Title: "just at a limit", Expect: wire.Accepted, Clause: "REQ-3", For: edges, Edit: setEdge, Field: beforeRule, Needs: edgeNeeds},
	{ID: "wrong-type", Title: "a value of the wrong type", Expect: wire.Refused, Clause: "REQ-4", ClassesFor: fieldClasses, For: typedFields, Edit: setWrongType, Field: itself},
	{ID: "enum-stranger", Title: "a value that no source lists", Expect: wire.Refused, Clause: "REQ-5", ClassesFor: fieldClasses, For: enumFields, Edit: setStranger, Field: itself},
	{ID: "unknown-merchant", Title: "a merchant that does not exist", Expect: wire.Refused, Clause: "REQ-6", Classes: signatureMerchant, For: knowsMerchant, Edit: unknownMerchant},
	{ID: "optional", Title: "with an optional field", Expect: wire.Accepted, Clause: "REQ-7", For: optionalFields, Edit: addOptional, Field: itself},
	{ID: "all-optional", Title: "with every optional field", Expect: wire.Accepted, Clause: "REQ-7", For: someOptional, Edit: addAllOptional},

	// What depends on what happened before.
	{ID: "unknown-payment", Title: "a payment that does not exist", Expect: wire.Refused, ClauseFor: unknownPaymentClause, Classes: stateFieldMerchant, For: takesPayment, Edit: unknownPayment},
	{ID: "unknown-token", Title: "a card token that does not exist", Expect: wire.Refused, Clause: "CARD-1", Classes: stateField, For: takesToken, Edit: unknownToken},
	{ID: "path-identity", Title: "another merchant in the path than in the body", Expect: wire.Refused, Clause: "CARD-4", Classes: signatureMerchantField, For: pathMerchant, Edit: otherPathMerchant},
	{ID: "repeated-order", Title: "the same order id again", Expect: wire.Either, Clause: "PAY-3", Classes: stateField, Follows: Valid, For: only(purchase), Edit: again},
	{ID: "same-key", Title: "the same idempotency key and fields again", Expect: wire.Accepted, Clause: "PAY-4", Follows: "optional:pg_idempotency_key", For: hasField("pg_idempotency_key"), Edit: again},
	{ID: "second-pay", Title: "a paid payment paid again", Expect: wire.Refused, ClauseFor: secondPayClause, Classes: state, Follows: Valid, For: pays, Edit: again},
	{ID: "other-order", Title: "with the order id of no payment beside the payment id", Expect: wire.Accepted, Clause: "PAY-6", For: only(status), Edit: addOtherOrder},
	{ID: "order-alone", Title: "by the order id alone", Expect: wire.Either, Clause: "PAY-7", For: only(status), Edit: orderAlone},
	{ID: "after-pay", Title: "the status of a paid payment", Expect: wire.Accepted, Clause: "PAY-9", Effect: catalogue.Charges, State: PaidCard, For: only(status), Edit: again},
	{ID: "same-request-id", Title: "the same X-Request-Id again", Expect: wire.Accepted, Clause: "JWS-12", Follows: Valid, For: only(partnerPost), Edit: again},

	// A merchant under test.
	{ID: "failed", Title: "a failed payment is reported", Expect: wire.Accepted, Clause: "CB-13", Effect: catalogue.Reads, For: only(resultNotify), Edit: reportFailure},
	{ID: "own-field", Title: "with a field that the merchant sent itself", Expect: wire.Accepted, Clause: "CB-7", For: callbacks, Edit: addOwnField},
	{ID: "repeated", Title: "the same result reported again", Expect: wire.Accepted, Clause: "CB-6", Follows: Valid, For: only(resultNotify), Edit: again},
	{ID: "unknown-order", Title: "a check of an order that does not exist", Expect: wire.Refused, Clause: "CB-4", UnknownOrder: true, For: only(checkRequest), Edit: unknownOrder},
	{ID: "other-amount", Title: "a check with another amount", Expect: wire.Refused, Clause: "CB-5", KnownOrder: true, For: only(checkRequest), Edit: otherAmount},
	{ID: "callback-field-missing", Title: "a rightly signed callback that lacks a field", Expect: wire.Either, Clause: "CB-1", For: callbackFields, Edit: dropField, Field: itself},
	{ID: "callback-limit-beyond", Title: "a rightly signed callback past a limit", Expect: wire.Either, Clause: "CB-1", For: callbackLimits, Edit: setBeyond, Field: beforeRule},
}

// Checks are all the checks, in the order in which a report lists them.
var Checks = []Check{
	// Was it taken?
	{ID: "req.accepted", Title: "a lawful request is accepted", Intent: true, For: expects(wire.Accepted), Look: accepted, Shows: showsSending},
	{ID: "req.refused", Title: "a negative is refused", Intent: true, For: expects(wire.Refused), Look: refused},
	{ID: "req.answered", Title: "the request is answered one way or the other", Intent: true, For: expects(wire.Either), Look: answered, Shows: showsSending},

	// The form of the answer.
	{ID: "msg.parses", Title: "the answer is a document of the promised kind", Clauses: ids("MSG-1", "PRT-10"), For: anyAnswer, Look: parses},
	{ID: "msg.root", Title: "the root element is the page's", Clauses: ids("MSG-2", "CB-1"), For: xmlAnswer, Look: readable(root)},
	{ID: "msg.content-type", Title: "Content-Type says what it is", Clauses: ids("MSG-3"), For: anyAnswer, Look: contentType},
	{ID: "msg.status", Title: "the status is one that the page lists", Clauses: ids("MSG-4", "CB-1", "PRT-2"), For: hasStatus, Look: readable(documentedStatus)},
	{ID: "msg.http", Title: "the HTTP status fits", Clauses: ids("MSG-7", "MSG-8", "CB-10", "CB-11"), For: anyAnswer, Look: httpStatus, Shows: showsHTTP},
	{ID: "msg.required", Title: "every required field is there", Clauses: ids("MSG-5"), For: expectsAnswer, Look: whenAccepted(requiredAnswer)},
	{ID: "msg.amounts", Title: "amounts are written with a point and at most two digits after it", Clauses: ids("TRN-7"), For: hasAmounts, Look: whenAccepted(amounts)},
	{ID: "msg.fields", Title: "every field fits its type and limits", Clauses: ids("MSG-6"), For: knownFields, Look: readable(answerFields)},

	// Signatures of answers.
	{ID: "sig.answer-signed", Title: "the answer is signed", Clauses: ids("SIG-8", "CB-23"), For: signedAnswer, Look: signedOnly(answerSigned)},
	{ID: "sig.answer-salted", Title: "a signed answer has a salt", Clauses: ids("SIG-10", "CB-23"), For: signedAnswer, Look: signedHere(answerSalted), Shows: showsAnswerSalt},
	{ID: "sig.salt-form", Title: "the salt is letters and digits", Clauses: ids("SIG-11"), For: signedAnswer, Look: signedHere(saltForm), Shows: showsSalt},
	{ID: "sig.answer-hex", Title: "pg_sig is 32 lower-case hexadecimal digits", Clauses: ids("SIG-6"), For: signedAnswer, Look: signedHere(answerHex)},
	{ID: "sig.answer-verifies", Title: "the answer's pg_sig is right", Clauses: ids("SIG-7", "SIG-16", "SIG-17", "CB-2"), For: signedAnswer, Look: signedHere(answerVerifies), Shows: showsOrder},
	{ID: "sig.refusal-signed", Title: "a refusal is unsigned, or rightly signed", Clauses: ids("SIG-9", "SIG-6", "SIG-7", "SIG-21"), For: refusalOfGateway, Look: readable(refusalSigned), Shows: showsRefusal},

	// Codes of refusals.
	{ID: "err.named", Title: "a refusal names its code and reason", Clauses: ids("ERR-1"), For: refusalWithCode, Look: readable(errorNamed)},
	{ID: "err.code-fits", Title: "the code fits what was wrong", Clauses: ids("ERR-2", "ERR-3", "ERR-4", "ERR-5"), For: refusalWithCode, Look: readable(codeFits), Shows: showsCode},

	// Values that an answer repeats.
	{ID: "echo.payment", Title: "the payment id is the one that was asked about", Clauses: ids("MSG-10", "PAY-5"), For: echoes(catalogue.EchoPayment), Look: echo(catalogue.EchoPayment)},
	{ID: "echo.order", Title: "the order id is the one that was sent", Clauses: ids("MSG-11"), For: echoes(catalogue.EchoOrder), Look: echo(catalogue.EchoOrder)},
	{ID: "echo.merchant", Title: "the merchant id is the caller's", Clauses: ids("MSG-12"), For: echoes(catalogue.EchoMerchant), Look: echo(catalogue.EchoMerchant)},
	{ID: "echo.amount", Title: "the amount is the one that was sent", Clauses: ids("MSG-13"), For: echoes(catalogue.EchoAmount), Look: echo(catalogue.EchoAmount)},
	{ID: "echo.currency", Title: "the currency is the one that was sent", Clauses: ids("MSG-14"), For: echoes(catalogue.EchoCurrency), Look: echo(catalogue.EchoCurrency)},

	// Payments.
	{ID: "pay.id", Title: "init hands out a payment id", Clauses: ids("PAY-1"), For: acceptedOf(purchase, cardInit), Look: whenAccepted(paymentID)},
	{ID: "pay.redirect", Title: "init hands out the address of the payment page", Clauses: ids("PAY-2"), For: acceptedOf(purchase), Look: whenAccepted(redirectURL)},
	{ID: "pay.repeated-order", Title: "a repeated order is the same payment, a new one or refused", Clauses: ids("PAY-3"), For: probe("repeated-order"), Look: readable(repeatedOrder), Shows: showsRepeatedOrder},
	{ID: "pay.same-key", Title: "the same idempotency key is the same payment", Clauses: ids("PAY-4"), For: probe("same-key"), Look: whenAccepted(samePayment)},
	{ID: "pay.status", Title: "the payment status follows what happened", Clauses: ids("PAY-9"), For: acceptedOf(status), Look: whenAccepted(paymentStatus)},
	{ID: "pay.by-order", Title: "a status by order id alone is refused, or about that order", Clauses: ids("PAY-5", "PAY-7"), For: probe("order-alone"), Look: readable(byOrder), Shows: showsByOrder},

	// Invoices.
	{ID: "inv.customer", Title: "init hands out what pay takes", Clauses: ids("INV-2"), For: acceptedOf(invoiceInit), Look: whenAccepted(invoiceCustomer)},
	{ID: "inv.status", Title: "invoice_status is one of the listed values", Clauses: ids("INV-3"), For: acceptedOf(invoiceInit, invoicePay), Look: whenAccepted(invoiceStatus)},
	{ID: "inv.dt", Title: "dt is a date-time with its offset", Clauses: ids("INV-4"), For: acceptedOf(invoiceInit, invoicePay), Look: whenAccepted(invoiceTime)},

	// Partner reads.
	{ID: "prt.merchant-id", Title: "how merchantId is written", Clauses: ids("PRT-4"), For: acceptedOf(partnerGet), Look: whenAccepted(partnerMerchantID), Shows: showsPartnerMerchantID},
	{ID: "prt.lifetime", Title: "how lifetime is written", Clauses: ids("PRT-5"), For: acceptedOf(partnerGet), Look: whenAccepted(partnerLifetime), Shows: showsPartnerLifetime},
	{ID: "prt.zero", Title: "how a fee or discount of nothing is written", Clauses: ids("PRT-6"), For: acceptedOf(partnerGet), Look: whenAccepted(partnerZero), Shows: showsPartnerZero},
	{ID: "prt.request-id", Title: "X-Request-Id is repeated", Clauses: ids("PRT-7"), For: ofPartnerPost, Look: whenAnswered(requestIDRepeated)},
	{ID: "prt.datetime", Title: "X-Datetime is a date and time", Clauses: ids("PRT-8"), For: ofPartnerPost, Look: whenAnswered(datetimeHeader)},
	{ID: "prt.request-status", Title: "X-Request-Status is success or error", Clauses: ids("PRT-9"), For: ofPartnerPost, Look: whenAnswered(requestStatusHeader)},
	{ID: "jws.same-answer", Title: "the same X-Request-Id gives the same answer", Clauses: ids("JWS-12"), For: probe("same-request-id"), Look: whenAccepted(sameAnswer)},

	// A merchant under test.
	{ID: "cb.same-answer", Title: "a repeated result gets the same answer", Clauses: ids("CB-6"), For: probe("repeated"), Look: readable(sameStatus)},
}

// ProbeNamed returns the probe called id.
func ProbeNamed(id string) (*Probe, bool) {
	for i := range Probes {
		if Probes[i].ID == id {
			return &Probes[i], true
		}
	}
	return nil, false
}

// CheckNamed returns the check called id.
func CheckNamed(id string) (*Check, bool) {
	for i := range Checks {
		if Checks[i].ID == id {
			return &Checks[i], true
		}
	}
	return nil, false
}

func ids(list ...catalogue.ClauseID) []catalogue.ClauseID { return list }
