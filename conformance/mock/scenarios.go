package mock

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// The operations that scenarios touch.
const (
	opCreate      = "merchant.purchase.create"
	opStatus      = "merchant.purchase.status"
	opCardInit    = "merchant.card.init_cvc"
	opCardPay     = "merchant.card.pay"
	opInvoiceInit = "invoice.merchant.init"
	opInvoicePay  = "invoice.merchant.pay"
	opPartnerGet  = "invoice.partner.info_get"
	opPartnerPost = "invoice.partner.info_post"
	opCheck       = "callback.check"
	opResult      = "callback.result"
)

var (
	signedOps = []string{opCreate, opStatus, opCardInit, opCardPay}
	tokenOps  = []string{opInvoiceInit, opInvoicePay, opPartnerPost}
	callbacks = []string{opCheck, opResult}
	// In these answers pg_salt and pg_sig are not called required: leaving one out breaks the
	// rule about signatures and none about fields.
	initOps = []string{opCreate, opCardInit}
)

// ByReading names the clauses that must hold, can be seen, and have no scenario, with the reason:
// a peer that lives by none of their readings is seen to break another clause, or there is no peer.
var ByReading = map[catalogue.ClauseID]string{
	"SIG-16": "an answer signed by neither reading does not verify: SIG-7",
	"SIG-17": "an answer signed by none of the orders does not verify: SIG-7",
	"TRN-5":  "a gateway with neither address accepts nothing there: REQ-1",
	"PAY-7":  "to refuse and to answer are both lawful; an answer about another payment breaks PAY-5",
	"INV-1":  "a gateway that takes neither form accepts nothing: REQ-1",
	"PRT-1":  "a gateway that takes neither accepts nothing: REQ-1",
	"PRT-11": "a gateway that takes neither accepts nothing: REQ-1",
	"JWS-8":  "a gateway that takes neither member accepts nothing: REQ-1",
	"JWS-9":  "a gateway that takes neither type accepts nothing: REQ-1",
	"CB-8":   "an answer without any salt breaks CB-23",
	"CB-9":   "a merchant that takes neither form accepts nothing: CB-12",
	"KIT-1":  "it speaks about the configuration of a run, not about a peer",
}

// Scenarios are the faults that a mock can have, one each. Each is written from the text of the
// clause that it breaks.
var Scenarios = []Scenario{
	// How answers are signed. What does not verify breaks the general clause, SIG-7, whatever
	// the cause; the clauses on how a signature is made are covered by it.
	{
		ID: "answer-unsigned", Title: "answers carry no pg_sig",
		Role: catalogue.RoleGateway, Breaks: "SIG-8", Follows: clauses("SIG-7"), Operations: initOps,
		After: accepted(func(c *Call) { c.Drop(sig.FieldSig) }),
	},
	{
		ID: "answer-other-secret", Title: "answers are signed with another secret",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) { c.Signing.Key = sig.NewKey("of another merchant") }),
	},
	{
		ID: "answer-other-script", Title: "answers are signed with a script name that is not the request's",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) { c.Signing.Script = "index.php" }),
	},
	{
		ID: "answer-path-for-script", Title: "answers are signed with the whole path for a script name",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) { c.Signing.Script = c.Request.URL.EscapedPath() }),
	},
	{
		ID: "answer-sig-upper-case", Title: "pg_sig is written in upper-case digits",
		Role: catalogue.RoleGateway, Breaks: "SIG-6", Follows: clauses("SIG-7"), Operations: signedOps,
		After: signing(func(c *Call) { c.resign(strings.ToUpper) }),
	},
	{
		ID: "answer-sig-31-digits", Title: "pg_sig has one digit too few",
		Role: catalogue.RoleGateway, Breaks: "SIG-6", Follows: clauses("SIG-7"), Operations: signedOps,
		After: signing(func(c *Call) { c.resign(func(s string) string { return s[:len(s)-1] }) }),
	},
	{
		ID: "answer-message-order", Title: "values are signed in the order of the message and not by name",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			// By name pg_status would be behind the ids: in front, the two orders differ.
			status, _ := c.Reply.Fields.Get("pg_status")
			c.Reply.Fields = append(sig.Message{sig.Leaf("pg_status", status)}, c.Reply.Fields.Without("pg_status")...)
			c.Signing.Over = func(m sig.Message) sig.Message { return inOrder(leavesOf(m)) }
		}),
	},
	{
		ID: "answer-values-sorted", Title: "values are sorted by themselves and not by name",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Signing.Over = func(m sig.Message) sig.Message {
				leaves := leavesOf(m)
				sort.SliceStable(leaves, func(i, j int) bool { return leaves[i].Value > leaves[j].Value })
				return inOrder(leaves)
			}
		}),
	},
	{
		ID: "answer-names-signed", Title: "names are signed in place of values",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Signing.Over = lined(c, func(leaves []sig.Field) {
				for i := range leaves {
					leaves[i].Value = leaves[i].Name
				}
			})
		}),
	},
	{
		ID: "answer-extra-not-signed", Title: "a field beyond the documentation is not signed",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Add(sig.Leaf("shop_note", "beyond the documentation"))
			c.Signing.Over = func(m sig.Message) sig.Message { return m.Without("shop_note") }
		}),
	},
	{
		ID: "answer-empty-half-signed", Title: "of two empty values one is left out of the signature and one is not",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Add(sig.Leaf("shop_first", ""), sig.Leaf("shop_second", ""))
			c.Signing.Over = func(m sig.Message) sig.Message { return m.Without("shop_first") }
			c.Signing.Scheme.DropEmpty = false
		}),
	},
	{
		ID: "answer-salt-not-signed", Title: "pg_salt is not signed",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Signing.Over = func(m sig.Message) sig.Message { return m.Without(sig.FieldSalt) }
		}),
	},
	{
		ID: "answer-entities-signed", Title: "values are signed as XML writes them, with their entities",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Add(sig.Leaf("shop_note", "salt & pepper"))
			c.Signing.Over = lined(c, func(leaves []sig.Field) {
				for i := range leaves {
					leaves[i].Value = strings.ReplaceAll(leaves[i].Value, "&", "&amp;")
				}
			})
		}),
	},
	{
		ID: "answer-nested-reversed", Title: "nested fields are signed in the order of the message and not by name",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Add(sig.Branch("shop_box", sig.Leaf("b_in_box", "of b"), sig.Leaf("a_in_box", "of a")))
			c.Signing.Over = lined(c, func(leaves []sig.Field) { swap(leaves, "of a", "of b") })
		}),
	},
	{
		ID: "answer-repeated-reversed", Title: "fields with the same name are signed in reverse order",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		Edit: signing(func(c *Call) {
			c.Add(sig.Leaf("shop_item", "item one"), sig.Leaf("shop_item", "item two"))
			c.Signing.Over = lined(c, func(leaves []sig.Field) { swap(leaves, "item one", "item two") })
		}),
	},
	{
		ID: "answer-request-sig", Title: "answers repeat the pg_sig of the request",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		After: signing(func(c *Call) { c.resign(func(string) string { return c.Get(sig.FieldSig) }) }),
	},
	{
		ID: "answer-constant-sig", Title: "every answer has the same pg_sig",
		Role: catalogue.RoleGateway, Breaks: "SIG-7", Operations: signedOps,
		After: signing(func(c *Call) { c.resign(func(string) string { return "0123456789abcdef0123456789abcdef" }) }),
	},
	{
		ID: "answer-salt-missing", Title: "signed answers carry no pg_salt",
		Role: catalogue.RoleGateway, Breaks: "SIG-10", Operations: initOps,
		Edit: signing(func(c *Call) { c.Drop(sig.FieldSalt) }),
	},
	{
		ID: "answer-salt-empty", Title: "pg_salt is there and empty",
		Role: catalogue.RoleGateway, Breaks: "SIG-11", Follows: clauses("SIG-10"), Operations: initOps,
		Edit: signing(func(c *Call) { c.Set(sig.FieldSalt, "") }),
	},
	{
		ID: "refusal-upper-case", Title: "the pg_sig of refusals is written in upper-case digits",
		Role: catalogue.RoleGateway, Breaks: "SIG-6", Operations: signedOps,
		Readings: map[string]string{topicRefusals: "signed"},
		After:    refused(func(c *Call) { c.resign(strings.ToUpper) }),
	},
	{
		ID: "refusal-other-secret", Title: "refusals are signed with another secret: neither unsigned nor signed",
		Role: catalogue.RoleGateway, Breaks: "SIG-9", Follows: clauses("SIG-7"), Operations: signedOps,
		After: refused(func(c *Call) {
			if c.Refused.Clause == "REQ-6" {
				return // of which SIG-21 speaks
			}
			m := c.Reply.Fields.Without(sig.FieldSalt).Without(sig.FieldSig)
			scheme := c.Signing.Scheme
			scheme.Salt = func() string { return "saltOfARefusal" }
			if signed, err := scheme.Sign(c.Request.Script, m, sig.NewKey("of another merchant")); err == nil {
				c.Reply.Fields = signed
			}
		}),
	},
	{
		ID: "stranger-signed", Title: "the refusal of a merchant that is not known is signed",
		Role: catalogue.RoleGateway, Breaks: "SIG-21", Follows: clauses("SIG-9", "SIG-7"), Operations: []string{opCreate, opStatus},
		After: refused(func(c *Call) {
			if c.Refused.Clause != "REQ-6" {
				return
			}
			scheme := c.Signing.Scheme
			scheme.Salt = func() string { return "saltOfARefusal" }
			if signed, err := scheme.Sign(c.Request.Script, c.Reply.Fields, c.Signing.Key); err == nil {
				c.Reply.Fields = signed
			}
		}),
	},

	// Accepting what must be refused.
	{
		ID: "accepts-unsigned", Title: "requests without pg_sig are accepted",
		Role: catalogue.RoleGateway, Breaks: "SIG-12", Operations: signedOps, Waives: waive("SIG-12"),
	},
	{
		ID: "accepts-any-signature", Title: "requests whose pg_sig does not match are accepted",
		Role: catalogue.RoleGateway, Breaks: "SIG-13", Operations: signedOps, Waives: waive("SIG-13"),
	},
	{
		ID: "accepts-without-salt", Title: "requests without pg_salt are accepted",
		Role: catalogue.RoleGateway, Breaks: "SIG-14", Operations: signedOps, Waives: waive("SIG-14"),
	},
	{
		ID: "accepts-missing-field", Title: "a request without pg_description is accepted",
		Role: catalogue.RoleGateway, Breaks: "REQ-2", Operations: initOps,
		Waives: func(_ *Call, f *report.Finding) bool {
			return f.Clause == "REQ-2" && f.Path == "request/pg_description"
		},
	},
	{
		ID: "accepts-beyond-limit", Title: "values beyond their limits are accepted",
		Role: catalogue.RoleGateway, Breaks: "REQ-3", Operations: []string{opCreate}, Waives: waive("REQ-3"),
	},
	{
		ID: "accepts-wrong-type", Title: "values of the wrong type are accepted",
		Role: catalogue.RoleGateway, Breaks: "REQ-4", Operations: []string{opCreate}, Waives: waive("REQ-4", "TRN-7"),
	},
	{
		ID: "accepts-stranger", Title: "values that no enumeration lists are accepted",
		Role: catalogue.RoleGateway, Breaks: "REQ-5", Operations: []string{opCreate}, Waives: waive("REQ-5"),
	},
	{
		ID: "accepts-unknown-merchant", Title: "requests of merchants that are not known are accepted",
		Role: catalogue.RoleGateway, Breaks: "REQ-6", Operations: []string{opCreate, opStatus}, Waives: waive("REQ-6"),
	},
	{
		ID: "accepts-unknown-payment", Title: "the status of a payment that is not there is told",
		Role: catalogue.RoleGateway, Breaks: "PAY-8", Operations: []string{opStatus}, Waives: waive("PAY-8"),
	},
	{
		ID: "accepts-unknown-token", Title: "card init takes a card token that does not exist",
		Role: catalogue.RoleGateway, Breaks: "CARD-1", Operations: []string{opCardInit}, Waives: waive("CARD-1"),
	},
	{
		ID: "pays-unknown-payment", Title: "card pay takes a payment id that card init did not hand out",
		Role: catalogue.RoleGateway, Breaks: "CARD-2", Operations: []string{opCardPay}, Waives: waive("CARD-2"),
	},
	{
		ID: "pays-twice", Title: "card pay takes the money a second time",
		Role: catalogue.RoleGateway, Breaks: "CARD-3", Operations: []string{opCardPay}, Waives: waive("CARD-3"),
	},
	{
		ID: "ignores-merchant-in-path", Title: "the merchant id of the path is not compared",
		Role: catalogue.RoleGateway, Breaks: "CARD-4", Operations: []string{opCardInit, opCardPay}, Waives: waive("CARD-4"),
	},
	{
		ID: "pays-invoice-twice", Title: "invoice pay takes the money a second time",
		Role: catalogue.RoleGateway, Breaks: "INV-5", Operations: []string{opInvoicePay}, Waives: waive("INV-5"),
	},
	{
		ID: "pays-unknown-customer", Title: "invoice pay takes a customer that invoice init did not hand out",
		Role: catalogue.RoleGateway, Breaks: "INV-6", Operations: []string{opInvoicePay}, Waives: waive("INV-6"),
	},
	{
		ID: "tells-unknown-invoice", Title: "the partner is told about a payment that is not there",
		Role: catalogue.RoleGateway, Breaks: "PRT-3", Operations: []string{opPartnerGet, opPartnerPost}, Waives: waive("PRT-3"),
	},
	{
		ID: "jws-not-needed", Title: "requests without X-JWS-Signature are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-1", Operations: tokenOps, Waives: waive("JWS-1"),
	},
	{
		ID: "jws-payload-left-in", Title: "tokens whose payload is not cut out are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-2", Operations: tokenOps, Waives: waive("JWS-2"),
	},
	{
		ID: "jws-not-verified", Title: "tokens whose signature does not match are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-3", Operations: tokenOps, Waives: waive("JWS-3"),
	},
	{
		ID: "jws-any-algorithm", Title: "tokens of another algorithm, and of none, are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-4", Operations: tokenOps, Waives: waive("JWS-4"),
	},
	{
		ID: "jws-any-path", Title: "tokens that were made for another path are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-5", Operations: tokenOps, Waives: waive("JWS-5"),
	},
	{
		ID: "jws-any-method", Title: "tokens that were made for another method are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-6", Operations: tokenOps, Waives: waive("JWS-6"),
	},
	{
		ID: "jws-any-identity", Title: "tokens that name another caller are accepted",
		Role: catalogue.RoleGateway, Breaks: "JWS-7", Operations: tokenOps, Waives: waive("JWS-7"),
	},

	// Refusing what must be accepted.
	{
		ID: "refuses-extra-fields", Title: "fields beyond the documentation are refused",
		Role: catalogue.RoleGateway, Breaks: "SIG-15", Operations: []string{opStatus, opCardInit, opCardPay},
		Before: func(c *Call) {
			if c.beyond() {
				c.Refuse("SIG-15", codeField, "a field that is not documented")
			}
		},
	},
	{
		ID: "misreads-plus", Title: "a plus sign is signed as the blank that it is in a query",
		Role: catalogue.RoleGateway, Breaks: "SIG-18", Operations: []string{opCreate},
		Before: func(c *Call) {
			if c.holds("+") {
				c.Refuse("SIG-18", "9998", "the signature does not match")
			}
		},
	},
	{
		ID: "misreads-cyrillic", Title: "values with Cyrillic letters are signed in another encoding",
		Role: catalogue.RoleGateway, Breaks: "SIG-18", Operations: []string{opCreate},
		Before: func(c *Call) {
			for _, f := range c.Request.Fields.All() {
				if strings.ContainsFunc(f.Value, func(r rune) bool { return 'А' <= r && r <= 'я' }) {
					c.Refuse("SIG-18", "9998", "the signature does not match")
				}
			}
		},
	},
	{
		ID: "refuses-printed-form", Title: "the status is told to a GET alone, not to the POST that the page prints",
		Role: catalogue.RoleGateway, Breaks: "REQ-1", Follows: clauses("TRN-2"), Operations: []string{opStatus},
		Before: func(c *Call) {
			if c.Request.Method != http.MethodGet {
				c.Refuse("TRN-1", codeField, "only by GET")
			}
		},
	},
	{
		ID: "refuses-query", Title: "multipart, urlencoded and pg_xml are taken, the query of a GET is not",
		Role: catalogue.RoleGateway, Breaks: "TRN-2", Operations: []string{opStatus},
		Before: func(c *Call) {
			if c.Request.Transport == wire.Query {
				c.Refuse("TRN-2", codeField, "not by GET")
			}
		},
	},
	{
		ID: "refuses-pg-xml", Title: "multipart, urlencoded and a query are taken, pg_xml is not",
		Role: catalogue.RoleGateway, Breaks: "TRN-2", Operations: []string{opCreate, opStatus},
		Before: func(c *Call) {
			if c.Request.Transport == wire.PGXML {
				c.Refuse("TRN-2", codeField, "not as pg_xml")
			}
		},
	},
	{
		ID: "refuses-brackets", Title: "structured fields are not understood where their names have brackets",
		Role: catalogue.RoleGateway, Breaks: "TRN-3", Follows: clauses("REQ-7", "SIG-18"), Operations: initOps,
		Before: func(c *Call) {
			for _, f := range c.Request.Fields {
				if f.Children != nil && c.Request.Transport != wire.PGXML {
					c.Refuse("TRN-3", codeField, "a field in brackets")
				}
			}
		},
	},
	{
		ID: "refuses-valid", Title: "a valid and rightly signed request is refused",
		Role: catalogue.RoleGateway, Breaks: "REQ-1", Operations: []string{opStatus},
		Before: func(c *Call) { c.Refuse("REQ-1", "10000", "try again later") },
	},
	{
		ID: "refuses-edge", Title: "the least amount is refused",
		Role: catalogue.RoleGateway, Breaks: "REQ-3", Operations: []string{opCreate},
		Before: func(c *Call) {
			if short(c.Get("pg_amount")) == "0.01" {
				c.Refuse("REQ-3", codeField, "too little")
			}
		},
	},
	{
		ID: "refuses-optional", Title: "an optional field is refused",
		Role: catalogue.RoleGateway, Breaks: "REQ-7", Operations: []string{opCreate},
		Before: func(c *Call) {
			if c.Has("pg_user_ip") {
				c.Refuse("REQ-7", codeField, "pg_user_ip is not taken")
			}
		},
	},

	// The shape of answers.
	{
		ID: "answer-not-well-formed", Title: "an element is closed by the name of another",
		Role: catalogue.RoleGateway, Breaks: "MSG-1", Operations: []string{opStatus},
		After: accepted(func(c *Call) {
			c.Reply.Body = bytes.Replace(c.Reply.Bytes(), []byte("</pg_payment_id>"), []byte("</pg_order_id>"), 1)
		}),
	},
	{
		ID: "answer-html", Title: "an HTML page comes in place of the document",
		Role: catalogue.RoleGateway, Breaks: "MSG-1", Follows: clauses("MSG-3"), Operations: []string{opCardPay},
		After: accepted(func(c *Call) {
			c.Reply.Header.Set("Content-Type", "text/html; charset=utf-8")
			c.Reply.Body = []byte("<!DOCTYPE html>\n<html><head><title>Payment</title><meta charset=utf-8></head><body><p>Thank you<br>for paying</body></html>\n")
		}),
	},
	{
		ID: "answer-empty", Title: "the body is empty",
		Role: catalogue.RoleGateway, Breaks: "MSG-1", Operations: []string{opStatus},
		After: accepted(func(c *Call) { c.Reply.Body = []byte{} }),
	},
	{
		ID: "answer-after-blank-line", Title: "a blank line stands before the XML declaration",
		Role: catalogue.RoleGateway, Breaks: "MSG-1", Operations: signedOps,
		After: accepted(func(c *Call) { c.Reply.Body = append([]byte("\n"), c.Reply.Bytes()...) }),
	},
	{
		ID: "answer-not-json", Title: "a quote is doubled, so that the body is not JSON",
		Role: catalogue.RoleGateway, Breaks: "MSG-1", Operations: []string{opPartnerGet},
		After: accepted(func(c *Call) {
			c.Reply.Body = bytes.Replace(c.Reply.Bytes(), []byte(`"KZ`), []byte(`""KZ`), 1)
		}),
	},
	{
		ID: "answer-other-root", Title: "the root element has another name",
		Role: catalogue.RoleGateway, Breaks: "MSG-2", Operations: append(slices.Clone(signedOps), opInvoiceInit, opInvoicePay),
		After: func(c *Call) { c.Reply.Root = "answer" },
	},
	{
		ID: "answer-other-type", Title: "the Content-Type says text/html",
		Role: catalogue.RoleGateway, Breaks: "MSG-3", Operations: []string{opCreate, opStatus, opPartnerGet},
		After: func(c *Call) { c.Reply.Header.Set("Content-Type", "text/html; charset=utf-8") },
	},
	{
		ID: "answer-other-status", Title: "pg_status is a word that no page lists",
		Role: catalogue.RoleGateway, Breaks: "MSG-4", Follows: clauses("MSG-6"), Operations: []string{opStatus},
		Edit: accepted(func(c *Call) { c.Set("pg_status", "success") }),
	},
	{
		ID: "answer-field-missing", Title: "a required field is missing from the answer",
		Role: catalogue.RoleGateway, Breaks: "MSG-5", Operations: []string{opCardPay},
		Edit: accepted(func(c *Call) { c.Drop("pg_order_id") }),
	},
	{
		ID: "answer-field-retyped", Title: "a field of the answer has another type",
		Role: catalogue.RoleGateway, Breaks: "MSG-6", Operations: []string{opStatus},
		Edit: accepted(func(c *Call) { c.Set("pg_can_reject", "perhaps") }),
	},
	{
		ID: "answer-created-201", Title: "an accepted request is answered with HTTP 201",
		Role: catalogue.RoleGateway, Breaks: "MSG-7", Operations: append(slices.Clone(signedOps), opInvoicePay),
		After: accepted(func(c *Call) { c.Reply.Status = http.StatusCreated }),
	},
	{
		ID: "refusal-403", Title: "refusals come with HTTP 403, which is none of the readings",
		Role: catalogue.RoleGateway, Breaks: "MSG-8", Operations: signedOps,
		After: refused(func(c *Call) { c.Reply.Status = http.StatusForbidden }),
	},
	{
		ID: "answer-other-payment", Title: "the answer has another payment id",
		Role: catalogue.RoleGateway, Breaks: "MSG-10", Operations: []string{opCardPay},
		Edit: accepted(func(c *Call) { c.Set("pg_payment_id", "1"+c.Get("pg_payment_id")) }),
	},
	{
		ID: "answer-other-order", Title: "the answer has another order id",
		Role: catalogue.RoleGateway, Breaks: "MSG-11", Operations: []string{opCardInit, opCardPay, opInvoicePay},
		Edit: accepted(func(c *Call) {
			for _, name := range []string{"pg_order_id", "order_id"} {
				if v, n := c.Reply.Fields.Get(name); n > 0 {
					c.Set(name, v+"7")
				}
			}
		}),
	},
	{
		ID: "answer-other-merchant", Title: "the answer has the id of another merchant",
		Role: catalogue.RoleGateway, Breaks: "MSG-12", Operations: []string{opCardInit, opCardPay},
		Edit: accepted(func(c *Call) { c.Set("pg_merchant_id", c.Get("pg_merchant_id")+"0") }),
	},
	{
		ID: "answer-other-amount", Title: "the answer has another amount",
		Role: catalogue.RoleGateway, Breaks: "MSG-13", Operations: []string{opInvoicePay, opPartnerGet},
		Edit: accepted(func(c *Call) {
			v, _ := c.Reply.Fields.Get("amount")
			c.Set("amount", "1"+twoDecimals(v))
		}),
	},
	{
		ID: "answer-other-currency", Title: "the answer has another currency",
		Role: catalogue.RoleGateway, Breaks: "MSG-14", Operations: []string{opInvoicePay, opPartnerGet},
		Edit: accepted(func(c *Call) {
			if v, _ := c.Reply.Fields.Get("currency"); v == "UZS" {
				c.Set("currency", "KGS")
			} else {
				c.Set("currency", "UZS")
			}
		}),
	},
	{
		ID: "answer-three-decimals", Title: "an amount is written with three decimals",
		Role: catalogue.RoleGateway, Breaks: "TRN-7", Operations: []string{opStatus},
		Edit: accepted(func(c *Call) {
			v, _ := c.Reply.Fields.Get("pg_amount")
			c.Set("pg_amount", twoDecimals(v)+"0")
		}),
	},

	// Codes of refusals.
	{
		ID: "refusal-without-description", Title: "refusals have a code and no description",
		Role: catalogue.RoleGateway, Breaks: "ERR-1", Operations: append(slices.Clone(signedOps), opInvoiceInit, opInvoicePay),
		Edit: refused(func(c *Call) { c.Drop("pg_error_description"); c.Drop("error_description") }),
	},
	{
		ID: "code-of-bad-signature", Title: "a wrong signature is refused with a code that nobody knows",
		Role: catalogue.RoleGateway, Breaks: "ERR-2", Operations: signedOps,
		Edit: recode("7777", "SIG-12", "SIG-13", "SIG-14"),
	},
	{
		ID: "code-of-unknown-merchant", Title: "an unknown merchant is refused with a code that nobody knows",
		Role: catalogue.RoleGateway, Breaks: "ERR-3", Operations: signedOps,
		Edit: recode("7778", "REQ-6"),
	},
	{
		ID: "code-of-field", Title: "a missing or wrong field is refused with the code of a payment that was done already",
		Role: catalogue.RoleGateway, Breaks: "ERR-4", Operations: initOps,
		Edit: func(c *Call) {
			if c.Refused != nil && !strings.HasSuffix(c.Refused.Path, "/pg_merchant_id") {
				recode(codeDone, "REQ-2", "REQ-3", "REQ-4", "REQ-5")(c)
			}
		},
	},
	{
		ID: "code-of-field-unlisted", Title: "a missing or wrong field is refused with a code that no table has",
		Role: catalogue.RoleGateway, Breaks: "ERR-4", Operations: initOps,
		Edit: func(c *Call) {
			if c.Refused != nil && !strings.HasSuffix(c.Refused.Path, "/pg_merchant_id") {
				recode("42", "REQ-2", "REQ-3", "REQ-4", "REQ-5")(c)
			}
		},
	},
	{
		ID: "code-of-state", Title: "a payment that is paid already is refused with the code of a wrong field",
		Role: catalogue.RoleGateway, Breaks: "ERR-5", Operations: []string{opCardPay, opInvoicePay},
		Edit: recode(codeField, "CARD-3", "INV-5"),
	},

	// What a gateway remembers.
	{
		ID: "init-without-payment", Title: "card init hands out no payment id",
		Role: catalogue.RoleGateway, Breaks: "PAY-1", Follows: clauses("MSG-5"), Operations: []string{opCardInit},
		Edit: accepted(func(c *Call) { c.Drop("pg_payment_id") }),
	},
	{
		ID: "init-relative-url", Title: "the address to send the buyer to has no host",
		Role: catalogue.RoleGateway, Breaks: "PAY-2", Follows: clauses("MSG-6"), Operations: []string{opCreate},
		Edit: accepted(func(c *Call) { c.Set("pg_redirect_url", "/pay.html?customer=1") }),
	},
	{
		ID: "repeated-order-odd-code", Title: "a repeated order id is refused with a code that is not that of a repeated order id",
		Role: catalogue.RoleGateway, Breaks: "PAY-3", Operations: []string{opCreate},
		Readings: map[string]string{topicRepeatedOrder: "refused"},
		Edit:     recode("10009", "PAY-3"),
	},
	{
		ID: "idempotency-ignored", Title: "the same idempotency key makes a new payment",
		Role: catalogue.RoleGateway, Breaks: "PAY-4", Operations: initOps,
		Before: func(c *Call) { c.Forget = c.Has("pg_idempotency_key") },
	},
	{
		ID: "status-of-another", Title: "the status answers about another payment than the one that was asked for",
		Role: catalogue.RoleGateway, Breaks: "PAY-5", Follows: clauses("MSG-10", "MSG-11", "MSG-13"), Operations: []string{opStatus},
		Edit: accepted(func(c *Call) {
			c.Set("pg_payment_id", "1"+c.Get("pg_payment_id"))
			c.Set("pg_order_id", "of another payment")
			v, _ := c.Reply.Fields.Get("pg_amount")
			c.Set("pg_amount", "1"+v)
		}),
	},
	{
		ID: "answer-order-lower-case", Title: "the order id comes back in lower case",
		Role: catalogue.RoleGateway, Breaks: "MSG-11", Operations: []string{opStatus, opCardInit, opCardPay, opInvoicePay},
		Edit: accepted(func(c *Call) {
			for _, name := range []string{"pg_order_id", "order_id"} {
				if v, n := c.Reply.Fields.Get(name); n > 0 {
					c.Set(name, strings.ToLower(v))
				}
			}
		}),
	},
	{
		ID: "status-by-order-of-another", Title: "asked by the order id alone, the status answers about another payment",
		Role: catalogue.RoleGateway, Breaks: "PAY-5", Follows: clauses("MSG-10"), Operations: []string{opStatus},
		Readings: map[string]string{topicStatusByOrder: "answered"},
		Edit: accepted(func(c *Call) {
			if !c.Has("pg_payment_id") {
				c.Set("pg_payment_id", "1"+c.Get("pg_payment_id"))
			}
		}),
	},
	{
		ID: "status-order-id-first", Title: "the status goes by pg_order_id although pg_payment_id was sent",
		Role: catalogue.RoleGateway, Breaks: "PAY-6", Follows: clauses("PAY-5", "MSG-10", "MSG-11", "MSG-13", "REQ-7"), Operations: []string{opStatus},
		Before: func(c *Call) {
			if c.Has("pg_order_id") {
				c.Request.Fields = c.Request.Fields.Without("pg_payment_id")
			}
		},
	},
	{
		ID: "status-success-at-once", Title: "a payment is told to be a success before anything was paid",
		Role: catalogue.RoleGateway, Breaks: "PAY-9", Operations: []string{opStatus},
		Edit: accepted(func(c *Call) { c.Set("pg_payment_status", "success") }),
	},
	{
		ID: "request-id-ignored", Title: "the same X-Request-Id gets another answer",
		Role: catalogue.RoleGateway, Breaks: "JWS-12", Operations: []string{opPartnerPost},
		Before: func(c *Call) { c.Forget = true },
		Edit:   accepted(func(c *Call) { c.Set("serial", fmt.Sprint(c.Serial)) }),
	},

	// The invoice family and the partner's reads.
	{
		ID: "invoice-without-qr", Title: "invoice init hands out no invoice_methods",
		Role: catalogue.RoleGateway, Breaks: "INV-2", Follows: clauses("MSG-5"), Operations: []string{opInvoiceInit},
		Edit: accepted(func(c *Call) { c.Drop("invoice_methods") }),
	},
	{
		ID: "invoice-odd-status", Title: "invoice_status is a word that no page lists",
		Role: catalogue.RoleGateway, Breaks: "INV-3", Follows: clauses("MSG-6"), Operations: []string{opInvoicePay},
		Edit: accepted(func(c *Call) { c.Set("invoice_status", "paid") }),
	},
	{
		ID: "invoice-date-without-offset", Title: "dt has no offset",
		Role: catalogue.RoleGateway, Breaks: "INV-4", Follows: clauses("MSG-6"), Operations: []string{opInvoiceInit, opInvoicePay},
		Edit: accepted(func(c *Call) {
			if v, _ := c.Reply.Fields.Get("dt"); len(v) > len("2006-01-02T15:04:05") {
				c.Set("dt", v[:len("2006-01-02T15:04:05")])
			}
		}),
	},
	{
		ID: "partner-odd-status", Title: "paymentStatus is a word that the page does not list",
		Role: catalogue.RoleGateway, Breaks: "PRT-2", Follows: clauses("MSG-4", "MSG-6"), Operations: []string{opPartnerGet},
		Edit: accepted(func(c *Call) { c.Set("paymentStatus", "paid") }),
	},
	{
		ID: "partner-merchant-object", Title: "merchantId is an object, neither text nor number",
		Role: catalogue.RoleGateway, Breaks: "PRT-4", Follows: clauses("MSG-6", "MSG-12"), Operations: []string{opPartnerGet},
		Edit: accepted(func(c *Call) {
			for i, f := range c.Reply.Fields {
				if f.Name == "merchantId" {
					c.Reply.Fields[i] = sig.Branch("merchantId", sig.Leaf("id", f.Value))
				}
			}
		}),
	},
	{
		ID: "partner-amount-text", Title: "the amount of a payment document is written as a text",
		Role: catalogue.RoleGateway, Breaks: "MSG-6", Operations: []string{opPartnerGet},
		Edit: accepted(func(c *Call) { delete(c.Reply.Literal, "amount") }),
	},
	{
		ID: "partner-lifetime-words", Title: "lifetime is neither a date and time nor a number of seconds",
		Role: catalogue.RoleGateway, Breaks: "PRT-5", Follows: clauses("MSG-6"), Operations: []string{opPartnerGet},
		Edit: accepted(func(c *Call) { delete(c.Reply.Literal, "lifetime"); c.Set("lifetime", "one day") }),
	},
	{
		ID: "partner-tiny-fee", Title: "the fee is below the least one and not 0",
		Role: catalogue.RoleGateway, Breaks: "PRT-6", Follows: clauses("MSG-6", "TRN-7"), Operations: []string{opPartnerGet},
		Edit: accepted(func(c *Call) { c.Reply.Literal["fee"] = true; c.Set("fee", "0.001") }),
	},
	{
		ID: "partner-other-request-id", Title: "the answer has another X-Request-Id",
		Role: catalogue.RoleGateway, Breaks: "PRT-7", Operations: []string{opPartnerPost},
		Edit: accepted(func(c *Call) { c.Reply.Header.Set("X-Request-Id", "01978cb8-60f4-7b04-8b8d-8075a11d56a3") }),
	},
	{
		ID: "partner-without-datetime", Title: "the answer has no X-Datetime",
		Role: catalogue.RoleGateway, Breaks: "PRT-8", Operations: []string{opPartnerPost},
		Edit: accepted(func(c *Call) { c.Reply.Header.Del("X-Datetime") }),
	},
	{
		ID: "partner-odd-request-status", Title: "X-Request-Status is neither success nor error",
		Role: catalogue.RoleGateway, Breaks: "PRT-9", Operations: []string{opPartnerPost},
		Edit: accepted(func(c *Call) { c.Reply.Header.Set("X-Request-Status", "done") }),
	},
	{
		ID: "partner-answers-list", Title: "the body is a JSON list and no object",
		Role: catalogue.RoleGateway, Breaks: "PRT-10", Follows: clauses("MSG-1"), Operations: []string{opPartnerPost},
		After: accepted(func(c *Call) {
			c.Reply.Body = append(append([]byte("["), c.Reply.Bytes()...), ']')
		}),
	},

	// The merchant.
	{
		ID: "merchant-odd-status", Title: "the merchant's pg_status is none of ok, rejected and error",
		Role: catalogue.RoleMerchant, Breaks: "CB-1", Follows: clauses("MSG-4", "MSG-6"), Operations: []string{opCheck},
		Edit: accepted(func(c *Call) { c.Set("pg_status", "success") }),
	},
	{
		ID: "merchant-other-root", Title: "the root element of the merchant's answers is not response",
		Role: catalogue.RoleMerchant, Breaks: "CB-1", Follows: clauses("MSG-2"), Operations: callbacks,
		After: func(c *Call) { c.Reply.Root = "answer" },
	},
	{
		ID: "merchant-other-script", Title: "the merchant signs with a script name that is not that of its own address",
		Role: catalogue.RoleMerchant, Breaks: "CB-2", Follows: clauses("SIG-7"), Operations: callbacks,
		Edit: signing(func(c *Call) { c.Signing.Script = "init_payment.php" }),
	},
	{
		ID: "merchant-unsigned", Title: "the merchant answers without pg_sig",
		Role: catalogue.RoleMerchant, Breaks: "CB-23", Follows: clauses("SIG-7", "SIG-8", "CB-2"), Operations: callbacks,
		After: accepted(func(c *Call) { c.Drop(sig.FieldSig) }),
	},
	{
		ID: "merchant-after-blank-line", Title: "a line break stands before the merchant's XML declaration",
		Role: catalogue.RoleMerchant, Breaks: "MSG-1", Follows: clauses("CB-1"), Operations: callbacks,
		After: accepted(func(c *Call) { c.Reply.Body = append([]byte("\r\n"), c.Reply.Bytes()...) }),
	},
	{
		ID: "merchant-takes-any-signature", Title: "the merchant takes callbacks whose signature does not match",
		Role: catalogue.RoleMerchant, Breaks: "CB-3", Operations: callbacks, Waives: waive("CB-3"),
	},
	{
		ID: "merchant-takes-any-order", Title: "the merchant consents to an order that it does not know",
		Role: catalogue.RoleMerchant, Breaks: "CB-4", Operations: []string{opCheck}, Waives: waive("CB-4"),
	},
	{
		ID: "merchant-takes-any-amount", Title: "the merchant consents to another amount than that of the order",
		Role: catalogue.RoleMerchant, Breaks: "CB-5", Operations: []string{opCheck}, Waives: waive("CB-5"),
	},
	{
		ID: "merchant-changes-its-mind", Title: "the merchant rejects a result that it acknowledged before",
		Role: catalogue.RoleMerchant, Breaks: "CB-6", Follows: clauses("CB-12"), Operations: []string{opResult},
		Edit: accepted(func(c *Call) {
			if c.Again {
				c.Set("pg_status", "rejected")
			}
		}),
	},
	{
		ID: "merchant-refuses-extra-fields", Title: "the merchant leaves fields beyond the documentation out of the signature",
		Role: catalogue.RoleMerchant, Breaks: "CB-7", Follows: clauses("SIG-15"), Operations: callbacks,
		Before: func(c *Call) {
			if c.beyond() {
				c.Refuse("CB-7", "", "wrong signature")
			}
		},
	},
	{
		ID: "merchant-without-salt", Title: "the merchant's answer has no pg_salt",
		Role: catalogue.RoleMerchant, Breaks: "CB-23", Follows: clauses("SIG-10", "CB-8"), Operations: callbacks,
		Edit: signing(func(c *Call) { c.Drop(sig.FieldSalt) }),
	},
	{
		ID: "merchant-breaks-on-bad-signature", Title: "the merchant answers a wrong signature with HTTP 500",
		Role: catalogue.RoleMerchant, Breaks: "CB-10", Follows: clauses("CB-1", "CB-3", "CB-11", "MSG-1", "MSG-3", "MSG-7"), Operations: callbacks,
		After: refused(func(c *Call) {
			if c.Refused.Clause == "CB-3" {
				c.Reply.Status = http.StatusInternalServerError
				c.Reply.Header.Set("Content-Type", "text/plain; charset=utf-8")
				c.Reply.Body = []byte("Uncaught exception: wrong signature\n")
			}
		}),
	},
	{
		ID: "merchant-accepted-202", Title: "the merchant answers with HTTP 202",
		Role: catalogue.RoleMerchant, Breaks: "CB-11", Follows: clauses("MSG-7"), Operations: callbacks,
		After: accepted(func(c *Call) { c.Reply.Status = http.StatusAccepted }),
	},
	{
		ID: "merchant-rejects-paid", Title: "the merchant rejects the paid result of an order that it knows",
		Role: catalogue.RoleMerchant, Breaks: "CB-12", Follows: clauses("REQ-1"), Operations: []string{opResult},
		Edit: accepted(func(c *Call) {
			if c.Get("pg_result") != "0" {
				c.Set("pg_status", "rejected")
			}
		}),
	},
	{
		ID: "merchant-rejects-checks", Title: "the merchant rejects the check of an order that it knows, with its amount",
		Role: catalogue.RoleMerchant, Breaks: "CB-24", Follows: clauses("REQ-1"), Operations: []string{opCheck},
		Edit: accepted(func(c *Call) { c.Set("pg_status", "rejected") }),
	},
	{
		ID: "merchant-refusal-unsigned", Title: "the merchant refuses orders and amounts without a signature",
		Role: catalogue.RoleMerchant, Breaks: "CB-23", Operations: []string{opCheck},
		After: refused(func(c *Call) {
			if c.Refused.Clause == "CB-4" || c.Refused.Clause == "CB-5" {
				c.Drop(sig.FieldSig)
				c.Drop(sig.FieldSalt)
			}
		}),
	},
	{
		ID: "merchant-trips-over-failure", Title: "the merchant answers error to a result that reports a failed payment",
		Role: catalogue.RoleMerchant, Breaks: "CB-13", Operations: []string{opResult},
		Edit: accepted(func(c *Call) {
			if c.Get("pg_result") == "0" {
				c.Set("pg_status", "error")
			}
		}),
	},
}

func clauses(ids ...catalogue.ClauseID) []catalogue.ClauseID { return ids }

// waive lets objections pass that stand on one of these clauses.
func waive(of ...string) func(*Call, *report.Finding) bool {
	return func(_ *Call, f *report.Finding) bool { return slices.Contains(of, f.Clause) }
}

// accepted is a hook for answers to what was accepted.
func accepted(hook func(*Call)) func(*Call) {
	return func(c *Call) {
		if c.Refused == nil {
			hook(c)
		}
	}
}

// refused is a hook for refusals.
func refused(hook func(*Call)) func(*Call) {
	return func(c *Call) {
		if c.Refused != nil {
			hook(c)
		}
	}
}

// signing is a hook for answers that are signed.
func signing(hook func(*Call)) func(*Call) {
	return func(c *Call) {
		if c.Signing.Sign {
			hook(c)
		}
	}
}

// recode gives refusals that stand on one of these clauses another code.
func recode(code string, of ...string) func(*Call) {
	return refused(func(c *Call) {
		if !slices.Contains(of, c.Refused.Clause) {
			return
		}
		for _, name := range []string{"pg_error_code", "error_code"} {
			if _, n := c.Reply.Fields.Get(name); n > 0 {
				c.Set(name, code)
			}
		}
	})
}

// lined returns what to sign where the leaves stand in the order of the scheme and were edited then.
func lined(c *Call, edit func([]sig.Field)) func(sig.Message) sig.Message {
	return func(m sig.Message) sig.Message {
		var leaves []sig.Field
		for f := range c.Signing.Scheme.Order.Fields(m) {
			leaves = append(leaves, *f)
		}
		edit(leaves)
		return inOrder(leaves)
	}
}

func swap(leaves []sig.Field, one, two string) {
	for i := range leaves {
		switch leaves[i].Value {
		case one:
			leaves[i].Value = two
		case two:
			leaves[i].Value = one
		}
	}
}

// resign changes the pg_sig of a signed reply.
func (c *Call) resign(change func(string) string) {
	for i := range c.Reply.Fields {
		if c.Reply.Fields[i].Name == sig.FieldSig {
			c.Reply.Fields[i].Value = change(c.Reply.Fields[i].Value)
		}
	}
}

// beyond tells whether the request has a field that the catalogue does not know.
func (c *Call) beyond() bool {
	for _, f := range c.Request.Fields {
		if _, ok := c.Operation.Request.Field(f.Name); !ok {
			return true
		}
	}
	return false
}

// holds tells whether a value of the request contains s.
func (c *Call) holds(s string) bool {
	for _, f := range c.Request.Fields.All() {
		if strings.Contains(f.Value, s) {
			return true
		}
	}
	return false
}
