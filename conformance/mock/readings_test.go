package mock

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// shown holds, for every topic, what a reading looks like on the wire: true for an answer of a peer
// that lives by it. The request is sent by the readings given in send.
var shown = map[string]struct {
	draft func(b *bench) *wire.Draft
	looks func(a answer, reading string) bool
	send  bool // the reading changes what the caller sends: the first reading's request is then refused
}{
	"refusals": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opCardPay)
		set("pg_payment_id", "5")(d)
		return d
	}, looks: func(a answer, reading string) bool {
		err := sig.Verify("pay", a.Response.Fields, key)
		return a.value("pg_status") == "error" && (reading == "signed") == (err == nil) && (reading == "signed") == a.has(sig.FieldSalt)
	}},
	"salt-form": {draft: valid(opCreate), looks: func(a answer, reading string) bool {
		plain := strings.Trim(a.value(sig.FieldSalt), letters) == ""
		return verifies(a, sig.Scheme{}) && plain == (reading == "letters-and-digits")
	}},
	"empty-values": {draft: valid(opCreate), looks: func(a answer, reading string) bool {
		return verifies(a, sig.Scheme{DropEmpty: true}) && verifies(a, sig.Scheme{}) == (reading == "signed")
	}},
	"order": {draft: valid(opCreate), looks: func(a answer, reading string) bool {
		if reading == "reference" {
			return verifies(a, sig.Scheme{})
		}
		order, err := sig.ParseOrder(reading)
		if err != nil {
			return false
		}
		for _, o := range []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical} {
			if verifies(a, sig.Scheme{Order: o}) != (o == order) {
				return false
			}
		}
		return true
	}},
	"transports": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opCreate)
		d.Transport = wire.Multipart
		return d
	}, looks: func(a answer, reading string) bool {
		d := a.b.valid(opCreate)
		d.Transport = wire.URLEncoded
		e := a.b.valid(opCreate)
		e.Transport = wire.Query
		return a.accepted() == (reading != "urlencoded") && a.b.do(d).accepted() == (reading != "multipart") && a.b.do(e).accepted() == (reading == "any")
	}},
	"address": {draft: valid(opCreate), send: true, looks: func(a answer, reading string) bool {
		script := map[string]string{"php": "init_payment.php", "bare": "init_payment"}[reading]
		return a.accepted() && sig.Verify(script, a.Response.Fields, key) == nil
	}},
	"refusal-status": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opCreate)
		d.Signing.Omit = true
		return d
	}, looks: func(a answer, reading string) bool {
		d := a.b.valid(opCreate)
		without("pg_description")(d)
		field, signature := a.b.do(d).Response.Status, a.Response.Status
		switch reading {
		case "401":
			return signature == 401 && field == 200
		case "422":
			return signature == 200 && field == 422
		}
		return signature == 200 && field == 200
	}},
	"bad-signature-code": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opInvoiceInit)
		d.Signing.Omit = true
		return d
	}, looks: func(a answer, reading string) bool { return a.code() == reading }},
	"unknown-merchant-code": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opCreate)
		set("pg_merchant_id", "1")(d)
		return d
	}, looks: func(a answer, reading string) bool { return a.code() == reading && !a.has(sig.FieldSig) }},
	"repeated-order": {draft: valid(opCreate), looks: func(a answer, reading string) bool {
		again := a.b.do(draftOf(a))
		switch reading {
		case "same":
			return again.accepted() && again.value("pg_payment_id") == a.value("pg_payment_id")
		case "new":
			return again.accepted() && again.value("pg_payment_id") != a.value("pg_payment_id")
		}
		return again.code() == "9991"
	}},
	"status-by-order-id": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opStatus)
		set("pg_order_id", "A-0001")(d)
		without("pg_payment_id")(d)
		return d
	}, looks: func(a answer, reading string) bool {
		return a.accepted() == (reading == "answered") && (reading == "refused" || a.value("pg_order_id") == "A-0001")
	}},
	"invoice-body": {draft: valid(opInvoiceInit), send: true, looks: func(a answer, reading string) bool { return a.accepted() }},
	"jws-target":   {draft: valid(opInvoiceInit), send: true, looks: func(a answer, reading string) bool { return a.accepted() }},
	"jws-identity": {draft: valid(opInvoiceInit), send: true, looks: func(a answer, reading string) bool { return a.accepted() }},
	"partner-get-auth": {draft: valid(opPartnerGet), looks: func(a answer, reading string) bool {
		d := draftOf(a)
		d.Readings = map[string]string{"partner-get-auth": "unsigned"}
		return a.accepted() && a.b.do(d).accepted() == (reading == "unsigned")
	}},
	"partner-get-id": {draft: valid(opPartnerGet), send: true, looks: func(a answer, reading string) bool { return a.accepted() }},
	"partner-merchant-id": {draft: valid(opPartnerGet), looks: func(a answer, reading string) bool {
		_, text := a.json("merchantId").(string)
		return text == (reading == "text") && a.value("merchantId") == merchantID
	}},
	"partner-lifetime": {draft: valid(opPartnerGet), looks: func(a answer, reading string) bool {
		_, text := a.json("lifetime").(string)
		return text == (reading == "date-time")
	}},
	"partner-zero": {draft: valid(opPartnerGet), looks: func(a answer, reading string) bool {
		return a.has("fee") == (reading == "zero") && a.has("discount") == (reading == "zero") && (reading == "absent" || a.value("fee") == "0")
	}},
	"answer-salt": {draft: valid(opCheck), looks: func(a answer, reading string) bool {
		sent, _ := a.Request.Fields.Get(sig.FieldSalt)
		return verifies(a, sig.Scheme{}) && (a.value(sig.FieldSalt) == sent) == (reading == "repeated")
	}},
	"callback-body": {draft: valid(opCheck), send: true, looks: func(a answer, reading string) bool { return a.accepted() }},
	"merchant-refusal": {draft: func(b *bench) *wire.Draft {
		d := b.valid(opCheck)
		d.Signing.Omit = true
		return d
	}, looks: func(a answer, reading string) bool {
		if reading == "http" {
			return a.Response.Status == http.StatusForbidden && a.Response.Bad != nil
		}
		return a.Response.Status == http.StatusOK && a.value("pg_status") == "error" && verifies(a, sig.Scheme{})
	}},
}

func valid(id string) func(b *bench) *wire.Draft {
	return func(b *bench) *wire.Draft { return b.valid(id) }
}

func verifies(a answer, s sig.Scheme) bool {
	return s.Verify(sig.ScriptName(a.Request.URL.Path), a.Response.Fields, key) == nil
}

// draftOf sends the same request again.
func draftOf(a answer) *wire.Draft {
	return &wire.Draft{ID: a.ID, Operation: a.Operation, Fields: a.Request.Fields.Without(sig.FieldSig).Without(sig.FieldSalt)}
}

func (a answer) json(name string) any {
	var m map[string]any
	if err := json.Unmarshal(a.Response.Body, &m); err != nil {
		a.b.Fatalf("%v: %s", err, a.Response.Body)
	}
	return m[name]
}

func TestEveryReadingShowsOnTheWire(t *testing.T) {
	topics := load(t).Topics()
	if len(topics) < 20 {
		t.Fatalf("only %d topics", len(topics))
	}
	for topic, clause := range topics {
		show, ok := shown[topic]
		if !ok {
			t.Errorf("nothing says how %s shows", topic)
			continue
		}
		for _, seed := range []uint64{0, 1, 2, 3} {
			for i, lived := range clause.Readings {
				b := newBench(t, Options{Readings: map[string]string{topic: lived.Name}, Seed: seed, Plain: seed == 0})
				a := b.do(show.draft(b))
				for _, other := range clause.Readings {
					if show.send && other.Name != lived.Name {
						continue
					}
					if show.looks(a, other.Name) != (other.Name == lived.Name) {
						t.Errorf("seed %d, %s=%s: looks like %s: %v, want the contrary\nHTTP %d %s", seed, topic, lived.Name, other.Name, other.Name != lived.Name, a.Response.Status, a.Response.Body)
					}
				}
				if show.send {
					d := show.draft(b)
					other := clause.Readings[(i+1)%len(clause.Readings)].Name
					d.Readings = map[string]string{topic: other}
					if a := b.do(d); a.accepted() {
						t.Errorf("seed %d, %s=%s: a request by %s is accepted", seed, topic, lived.Name, other)
					}
				}
			}
		}
	}
	for topic := range shown {
		if topics[topic] == nil {
			t.Errorf("%s is no topic", topic)
		}
	}
}

func TestUnderEveryReadingEveryOperationIsServed(t *testing.T) {
	c := load(t)
	for topic, clause := range c.Topics() {
		for _, reading := range clause.Readings {
			b := newBench(t, Options{Readings: map[string]string{topic: reading.Name}, Seed: 5})
			for _, id := range b.all() {
				d := b.valid(id)
				if a := b.do(d); !a.accepted() {
					t.Errorf("%s=%s: %s is refused: HTTP %d %s", topic, reading.Name, id, a.Response.Status, a.Response.Body)
				} else if a.Operation.Auth == catalogue.AuthSig && !verifies(a, wire.SchemeBy(map[string]string{topic: reading.Name})) {
					t.Errorf("%s=%s: %s does not verify by it", topic, reading.Name, id)
				}
			}
		}
	}
}

func TestARequestIsJudgedByTheOrderOfTheReading(t *testing.T) {
	for _, lived := range []string{"reference", "documented", "alphabetical"} {
		for _, sent := range []string{"reference", "documented", "alphabetical"} {
			b := newBench(t, Options{Readings: map[string]string{"order": lived}})
			d := b.valid(opCreate)
			d.Fields = append(d.Fields, sig.Leaf("item1", "a"), sig.Leaf("item10", "b"))
			var list []sig.Field
			for i := range 12 {
				list = append(list, sig.Branch(itoa(i), sig.Leaf("name", "n"+itoa(i))))
			}
			d.Fields = append(d.Fields, sig.Branch("rows", list...))
			d.Readings = map[string]string{"order": sent}
			if got := b.do(d).accepted(); got != (lived == sent) {
				t.Errorf("a request by %s at a gateway of %s: accepted is %v", sent, lived, got)
			}
		}
	}
}
