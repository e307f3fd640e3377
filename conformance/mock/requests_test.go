package mock

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// A request is one that a caller may send to a fresh bench: right, or wrong in one step.
type request struct {
	op, name string
	clause   string // that a mock names when it refuses; "" if it must accept
	draft    func(b *bench) *wire.Draft
	needs    string // an operation whose answer the request is made of
}

// requests returns right and wrong requests to every operation, the same each time.
func requests(b *bench) []request {
	var all []request
	add := func(op, name, clause string, edits ...func(*wire.Draft)) {
		all = append(all, request{op, name, clause, func(b *bench) *wire.Draft {
			d := b.valid(op)
			for _, edit := range edits {
				edit(d)
			}
			return d
		}, needs[op]})
	}
	addDraft := func(op, name, clause string, draft func(b *bench) *wire.Draft) {
		all = append(all, request{op, name, clause, draft, needs[op]})
	}
	other := sig.NewKey("another secret")
	otherJWS := jws.NewKey([]byte(strings.Repeat("x", 64)))
	for _, id := range b.all() {
		op := b.op(id)
		gateway := op.Role() == catalogue.RoleGateway
		add(id, "valid", "")
		if op.Auth == catalogue.AuthSig {
			wrong := "SIG-13"
			none := "SIG-12"
			if !gateway {
				wrong, none = "CB-3", "CB-3"
			}
			add(id, "unsigned", none, func(d *wire.Draft) { d.Signing.Omit = true; d.Fields = append(d.Fields, sig.Leaf(sig.FieldSalt, "s")) })
			add(id, "other secret", wrong, func(d *wire.Draft) { d.Signing.Key = &other })
			add(id, "other script", wrong, func(d *wire.Draft) { d.Signing.Script = "other.php" })
			add(id, "upper-case sig", wrong, func(d *wire.Draft) {
				d.AfterSign = append(d.AfterSign, func(m sig.Message) sig.Message {
					v, _ := m.Get(sig.FieldSig)
					return append(m.Without(sig.FieldSig), sig.Leaf(sig.FieldSig, strings.ToUpper(v)))
				})
			})
			add(id, "field added after signing", wrong, func(d *wire.Draft) {
				d.AfterSign = append(d.AfterSign, func(m sig.Message) sig.Message { return append(m, sig.Leaf("pg_late", "1")) })
			})
			add(id, "no salt", "SIG-14", without(sig.FieldSalt), func(d *wire.Draft) { d.Signing.NoSalt = true })
			add(id, "extra field", "", set("pg_not_documented", "x"))
			add(id, "values with odd characters", "", set("shop_odd", "a+b %41 & <c> \" ' ; =  Ж \n end "))
			add(id, "empty own field", "", set("shop_empty", ""))
			for _, transport := range []wire.Transport{wire.URLEncoded, wire.Query, wire.PGXML} {
				if gateway || transport != wire.URLEncoded {
					add(id, "as "+string(transport), "", func(d *wire.Draft) { d.Transport = transport })
				}
			}
		}
		if gateway && op.Auth == catalogue.AuthSig {
			add(id, "unknown merchant", "REQ-6", set("pg_merchant_id", "999999"))
			add(id, "no merchant", "REQ-2", without("pg_merchant_id"))
			if strings.Contains(op.Path, "{merchant_id}") {
				add(id, "another merchant in the path", "CARD-4", func(d *wire.Draft) { d.Path = map[string]string{"merchant_id": "999999"} })
			}
		}
		if _, _, _, ok := op.Auth.JWS(); ok {
			profile, _ := jws.ParseProfile(string(op.Auth))
			add(id, "no token", "JWS-1", func(d *wire.Draft) { d.Signing.Omit = true })
			add(id, "token of another key", "JWS-3", func(d *wire.Draft) { d.Signing.JWSKey = &otherJWS })
			add(id, "another path", "JWS-5", func(d *wire.Draft) { d.Signing.Path = "/v5/other" })
			add(id, "another method", "JWS-6", func(d *wire.Draft) { d.Signing.Method = "PUT" })
			add(id, "another identity", "JWS-7", func(d *wire.Draft) { d.Signing.Identity = "999999" })
			add(id, "another algorithm", "JWS-4", func(d *wire.Draft) {
				p := profile
				if p.Alg = jws.HS512; profile.Alg == jws.HS512 {
					p.Alg = jws.HS256
				}
				d.Signing.Profile = &p
			})
			add(id, "body changed after signing", "JWS-3", func(d *wire.Draft) {
				d.Tamper = append(d.Tamper, func(r *wire.Request) {
					r.Body = []byte(strings.Replace(string(r.Body), "T", "t", 1))
					if op.Request.ContentType == "application/json" {
						r.Body = append(r.Body, ' ')
					}
				})
			})
			add(id, "payload not cut out", "JWS-2", func(d *wire.Draft) {
				d.Tamper = append(d.Tamper, func(r *wire.Request) {
					head, tail, _ := strings.Cut(r.Header.Get(jws.HeaderName), "..")
					r.Header.Set(jws.HeaderName, head+"."+base64.RawURLEncoding.EncodeToString(r.Body)+"."+tail)
				})
			})
		}
		// Field by field, as the catalogue has it.
		for _, f := range op.Request.Fields {
			if !f.Literal() || f.In == catalogue.InPath || strings.HasPrefix(f.Name, "pg_s") && (f.Name == sig.FieldSig || f.Name == sig.FieldSalt) ||
				f.Name == "pg_merchant_id" || f.Name == "merchant_id" || f.Judged() == catalogue.TypeArray || f.Judged() == catalogue.TypeObject {
				continue
			}
			if f.Required == catalogue.Yes {
				add(id, "without "+f.Name, "REQ-2", without(f.Name))
			}
			for _, c := range schema.Beyond(f) {
				add(id, "beyond "+f.Name+" "+string(c.Rule), string(clauseOf(c.Rule)), set(f.Name, c.Value))
			}
			if v, ok := schema.WrongType(f); ok {
				add(id, "wrong type of "+f.Name, "REQ-4", set(f.Name, v))
			}
			if v, ok := schema.Stranger(f); ok {
				add(id, "stranger in "+f.Name, "REQ-5", set(f.Name, v))
			}
			if f.From == "" && !f.Given && gateway {
				for _, v := range schema.AtEdges(f) {
					add(id, "edge of "+f.Name+" "+v[:min(len(v), 8)], "", set(f.Name, v))
				}
				if f.Required == catalogue.No {
					add(id, "with "+f.Name, "", set(f.Name, schema.Lawful(f, "seed")))
				}
			}
		}
	}
	nested := func(d *wire.Draft) {
		d.Fields = append(d.Fields, sig.Branch("pg_receipt_positions",
			sig.Branch("0", sig.Leaf("name", "Mouse pad"), sig.Leaf("count", "2"), sig.Leaf("price", "10.5"), sig.Leaf("tax_type", "0"))))
	}
	for _, id := range initOps {
		add(id, "nested", "", nested)
		add(id, "three decimals", "TRN-7", set("pg_amount", "10.125"))
		addDraft(id, "repeated order", "", func(b *bench) *wire.Draft {
			d := b.valid(id)
			b.do(d)
			again := b.valid(id)
			order, _ := d.Fields.Get("pg_order_id")
			set("pg_order_id", order)(again)
			return again
		})
		addDraft(id, "idempotent", "", func(b *bench) *wire.Draft {
			d := b.valid(id)
			set("pg_idempotency_key", "a key")(d)
			b.do(d)
			return d
		})
		addDraft(id, "idempotency key of another request", "PAY-4", func(b *bench) *wire.Draft {
			d := b.valid(id)
			set("pg_idempotency_key", "a key")(d)
			b.do(d)
			d.Fields = slices.Clone(d.Fields)
			set("pg_amount", "31")(d)
			return d
		})
	}
	add(opCardInit, "unknown token", "CARD-1", set("pg_card_token", "no such token"))
	add(opStatus, "unknown payment", "PAY-8", set("pg_payment_id", "123"))
	add(opStatus, "by order id alone", "PAY-7", without("pg_payment_id"), set("pg_order_id", "A-0001"))
	add(opStatus, "by both, unknown order", "", set("pg_order_id", "no such order"))
	add(opCardPay, "unknown payment", "CARD-2", set("pg_payment_id", "123"))
	addDraft(opCardPay, "payment of the buyer's page", "CARD-2", func(b *bench) *wire.Draft {
		d := b.valid(opCardPay)
		set("pg_payment_id", b.do(b.valid(opCreate)).value("pg_payment_id"))(d)
		return d
	})
	all[len(all)-1].needs = opCreate
	again := func(id string) func(b *bench) *wire.Draft {
		return func(b *bench) *wire.Draft {
			d := b.valid(id)
			b.do(d)
			return d
		}
	}
	addDraft(opCardPay, "second pay", "CARD-3", again(opCardPay))
	addDraft(opInvoicePay, "second pay", "INV-5", again(opInvoicePay))
	add(opInvoicePay, "unknown customer", "INV-6", set("customer", "no such customer"))
	add(opInvoicePay, "unknown token", "CARD-1", set("card_token", "no such token"))
	add(opInvoiceInit, "unknown merchant", "REQ-6", set("merchant_id", "999999"))
	add(opPartnerGet, "unknown payment", "PRT-3", set("payment_id", "123"))
	add(opPartnerPost, "unknown payment", "PRT-3", set("id", "123"))
	add(opPartnerPost, "no request id", "REQ-2", func(d *wire.Draft) { d.Header.Del("X-Request-Id") })
	add(opPartnerPost, "odd request id", "REQ-4", func(d *wire.Draft) { d.Header.Set("X-Request-Id", "7") })
	addDraft(opPartnerPost, "same request id", "", again(opPartnerPost))
	add(opCheck, "unknown order", "CB-4", set("pg_order_id", "B-1"))
	add(opCheck, "other amount", "CB-5", set("pg_amount", "99"))
	add(opCheck, "same amount", "", set("pg_amount", "100.00"))
	add(opResult, "unknown order", "CB-4", set("pg_order_id", "B-1"))
	add(opResult, "failed", "", set("pg_result", "0"))
	addDraft(opResult, "repeated", "", again(opResult))
	return all
}

// plain is a bench that answers the same to the same.
func plain(b *bench, o Options) *bench {
	o.Plain = true
	o.Orders = []wire.Order{{ID: "A-17", Amount: "100.00", Currency: "KZT"}}
	return newBench(b.TB, o)
}

// refusedAs says what of an answer shows that the request was refused: nothing for an accepted one.
func (a answer) refusedAs() string {
	if a.accepted() {
		return ""
	}
	for _, name := range []string{"pg_status", "status", "error"} {
		if v := a.value(name); v != "" {
			return v
		}
	}
	if a.Response.Status >= 400 {
		return http.StatusText(a.Response.Status)
	}
	return "something else"
}
