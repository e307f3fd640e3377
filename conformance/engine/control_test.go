package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// refusing answers every request that fits with a refusal of this code.
func refusing(code string, fits func(d *wire.Draft) bool) func(*wire.Draft, func(*wire.Draft) *wire.Exchange) *wire.Exchange {
	return func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		if fits(d) {
			return refuse(d, code)
		}
		return nil
	}
}

func is(operation, probe string) func(*wire.Draft) bool {
	return func(d *wire.Draft) bool { return judged(d, operation, probe) }
}

// A control that is refused while another operation shows that the key is right is a finding, and
// what stands beside it proves nothing. A code about the state or the contract makes it inconclusive.
func TestTheControlHasAVerdictOfItsOwn(t *testing.T) {
	for _, op := range []string{status, cardPay, billPay, cardInit} {
		for code, want := range map[string]report.Status{"9999": report.Fail, "9403": report.Fail, "10015": report.Inconclusive, "9994": report.Inconclusive, "4242": report.Fail} {
			t.Run(op+" "+code, func(t *testing.T) {
				run := []string{op, create + "/valid", billInit + "/valid"}
				b := bench{seed: 1, bend: refusing(code, is(op, "valid")), options: selects(run...)}
				r, all := b.run(t)
				ends(t, r, want, op+"/valid/req.accepted")
				for _, probe := range negatives(t, r, op) {
					ends(t, r, report.Inconclusive, refused(op, probe)...)
				}
				if want == report.Fail {
					only(t, r, report.Fail, op+"/valid/req.accepted")
				} else {
					only(t, r, report.Fail)
					if reason := result(t, r, op+"/valid/req.accepted").Reason; !strings.Contains(reason, code) {
						t.Errorf("the reason does not name the code: %s", reason)
					}
				}
				if op == cardPay || op == billPay {
					// After the batch one control alone, over a state of its own.
					states := count(all, func(s sent) bool { return s.setup && (s.operation == cardInit || s.operation == billInit) })
					if states < 2 {
						t.Errorf("%d states were brought about, want one more for the control alone", states)
					}
				}
			})
		}
	}
}

// Where every control of a key is refused nothing can be told, and one line says so.
func TestWhereEveryControlOfAKeyIsRefusedNothingCanBeTold(t *testing.T) {
	b := bench{seed: 1, bend: refusing("9998", func(d *wire.Draft) bool { return d.Intent.Expect == wire.Accepted })}
	r, _ := b.run(t)
	only(t, r, report.Fail)
	only(t, r, report.Warn)
	for _, op := range []string{create, cardInit, billInit} {
		ends(t, r, report.Inconclusive, op+"/valid/req.accepted")
		for _, p := range negatives(t, r, op) {
			ends(t, r, report.Inconclusive, refused(op, p)...)
		}
	}
	if len(r.Notes) != 2 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "the secret") }) ||
		!slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "the jws_key") }) {
		t.Errorf("notes %q, want one for the secret and one for the jws_key", r.Notes)
	}
	if r.Exit() != 3 {
		t.Errorf("exit code %d, want 3", r.Exit())
	}
}

func TestARefusedKeySaysNothingAboutTheOther(t *testing.T) {
	b := bench{seed: 1, bend: refusing("9998", func(d *wire.Draft) bool {
		return wire.KeyName(d.Operation) == "secret" && d.Intent.Expect == wire.Accepted || judged(d, billPay, "valid")
	})}
	r, _ := b.run(t)
	only(t, r, report.Fail, billPay+"/valid/req.accepted")
	ends(t, r, report.Inconclusive, create+"/valid/req.accepted")
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "the secret") {
		t.Errorf("notes %q, want one for the secret alone", r.Notes)
	}
}

func TestALostControlIsAnErrorAndItsNegativesAreInconclusive(t *testing.T) {
	for _, op := range []string{create, status, cardPay, billPay, partnerPut} {
		t.Run(op, func(t *testing.T) {
			b := bench{seed: 1, options: selects(op)}
			b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
				if judged(d, op, "valid") {
					return lost(d)
				}
				return nil
			}
			r, _ := b.run(t)
			only(t, r, report.Fail)
			only(t, r, report.Warn)
			for _, res := range r.Results {
				if res.Probe == "valid" && res.Status != report.Error {
					t.Errorf("%s: %s, want error", res.ID, res.Status)
				}
				if res.Probe == "valid" && res.Reason != errLost.Error() {
					t.Errorf("%s: reason %q, want why it was lost", res.ID, res.Reason)
				}
			}
			for _, p := range negatives(t, r, op) {
				ends(t, r, report.Inconclusive, refused(op, p)...)
			}
			if r.Exit() != 3 {
				t.Errorf("exit code %d, want 3", r.Exit())
			}
		})
	}
}

// A lawful variant that is refused beside an accepted control is a finding, whatever its code, but for
// one about the contract.
func TestALawfulVariantThatIsRefusedIsAFinding(t *testing.T) {
	for _, tt := range []struct{ operation, probe string }{
		{create, "extra-field"},
		{create, "optional:pg_language"},
		{create, "limit-edge:pg_description.max-length"},
		{create, "odd:plus"},
		{create, "odd:empty"},
		{create, "odd:list-12"},
		{create, "odd:prefix-names"},
		{create, "odd:nested"},
		{create, "all-optional"},
		{status, "other-order"},
		{cardPay, "extra-field"},
	} {
		for code, want := range map[string]report.Status{"9403": report.Fail, "10015": report.Fail, "9994": report.Inconclusive} {
			t.Run(tt.operation+" "+tt.probe+" "+code, func(t *testing.T) {
				b := bench{seed: 1, options: selects(tt.operation+"/"+tt.probe, tt.operation+"/extra-field", tt.operation+"/s*"), bend: refusing(code, func(d *wire.Draft) bool {
					return d.Operation.ID == tt.operation && d.Intent.Probe == tt.probe // by whatever reading
				})}
				r, _ := b.run(t)
				ends(t, r, want, accepted(tt.operation, tt.probe)...)
				ends(t, r, report.Pass, accepted(tt.operation, "valid")...)
				only(t, r, report.Error)
				for _, res := range r.Results {
					if res.Status == report.Fail && res.Probe != tt.probe {
						t.Errorf("%s: fail, and nothing is wrong there", res.ID)
					}
				}
			})
		}
	}
}

// A variant that is refused by the reading at hand and taken by another one is a warning that names it.
func TestAVariantThatAnotherReadingExplainsIsAWarning(t *testing.T) {
	for _, tt := range []struct {
		topic, reading string
		probes         []string
	}{
		{"order", "alphabetical", []string{"odd:prefix-names"}},
		{"order", "documented", []string{"odd:list-12"}},
		{"empty-values", "dropped", nil}, // an empty value adds nothing to a sum but its place
		{"transports", "multipart", []string{"transport:urlencoded", "transport:query", "transport:pg_xml"}},
	} {
		b := bench{seed: 1, options: selects(create), mock: func(o *mock.Options) { o.Readings = map[string]string{tt.topic: tt.reading} }}
		r, _ := b.run(t)
		only(t, r, report.Fail)
		only(t, r, report.Inconclusive)
		for _, id := range accepted(create, tt.probes...) {
			res := result(t, r, id)
			if res.Status != report.Warn {
				t.Errorf("%s=%s: %s: %s, want warn", tt.topic, tt.reading, id, res.Status)
			}
		}
		named := false
		for _, b := range r.Behaviour {
			named = named || b.Topic == tt.topic && b.Reading == tt.reading
		}
		if !named {
			t.Errorf("%s=%s: behaviour %v does not name it", tt.topic, tt.reading, r.Behaviour)
		}
		if r.Exit() != 0 {
			t.Errorf("%s=%s: exit code %d, want 0", tt.topic, tt.reading, r.Exit())
		}
	}
}

// What contains a lawful step that was refused by itself tells nothing new.
func TestAVariantThatContainsARefusedOneIsSkipped(t *testing.T) {
	b := bench{seed: 1, options: selects(create), bend: refusing("9403", is(create, "extra-field"))}
	r, _ := b.run(t)
	ends(t, r, report.Skip, accepted(create, "odd:prefix-names")...)
	only(t, r, report.Fail, accepted(create, "extra-field")...)
}

// A follow-up of what was not accepted cannot be asked.
func TestAFollowUpOfWhatWasRefusedIsInconclusive(t *testing.T) {
	b := bench{seed: 1, options: selects(create), bend: refusing("9403", is(create, "optional:pg_idempotency_key"))}
	r, all := b.run(t)
	if n := count(all, func(s sent) bool { return s.probe == "same-key" }); n != 0 {
		t.Errorf("same-key was sent %d times", n)
	}
	res := result(t, r, create+"/same-key/req.accepted")
	if res.Status == report.Pass || res.Status == report.Fail {
		t.Errorf("same-key: %s", res.Status)
	}
}

// given: what only the target knows.

func without(names ...string) func(*engine.Options) {
	return func(o *engine.Options) {
		values := map[string]string{}
		for k, v := range o.Target.Values {
			if !slices.Contains(names, k) {
				values[k] = v
			}
		}
		o.Target.Values = values
	}
}

func TestWithoutAValueAMadeUpOneIsTriedAndTheOperationSkippedIfItIsRefused(t *testing.T) {
	b := bench{seed: 1, options: without("pg_card_token", "card_token")}
	r, all := b.run(t)
	if n := count(all, func(s sent) bool { return s.operation == cardInit && s.probe == "valid" }); n == 0 {
		t.Error("no made-up token was tried")
	}
	for op, key := range map[string]string{cardInit: "pg_card_token", cardPay: "pg_card_token", billPay: "card_token"} {
		for _, res := range r.Results {
			if res.Operation != op {
				continue
			}
			if res.Status != report.Skip || !strings.Contains(res.Reason, key) {
				t.Errorf("%s: %s %q, want a skip that names %s", res.ID, res.Status, res.Reason, key)
			}
		}
	}
	for _, res := range r.Results {
		if res.Probe == "after-pay" && (res.Status != report.Skip || !strings.Contains(res.Reason, "pg_card_token")) {
			t.Errorf("%s: %s %q, want a skip that names pg_card_token", res.ID, res.Status, res.Reason)
		}
	}
	ends(t, r, report.Pass, create+"/valid/req.accepted", status+"/valid/req.accepted", billInit+"/valid/req.accepted")
	if r.Exit() != 0 {
		t.Errorf("exit code %d, want 0", r.Exit())
	}
}

func TestWithoutAValueAMadeUpOneThatIsTakenWillDo(t *testing.T) {
	b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, cardInit, "CARD-1")),
		options: func(o *engine.Options) { without("pg_card_token")(o); o.Run = []string{cardInit, cardPay} }}
	r, _ := b.run(t)
	for _, res := range r.Results {
		if res.Status != report.Pass && res.Status != report.Skip {
			t.Errorf("%s: %s %s %v", res.ID, res.Status, res.Reason, res.Findings)
		}
	}
	ends(t, r, report.Pass, accepted(cardInit, "valid")...)
	ends(t, r, report.Pass, accepted(cardPay, "valid")...)
}

// What was found before the control was refused with a made-up value stays.
func TestAFindingMadeBeforeAMadeUpValueWasRefusedIsNotLost(t *testing.T) {
	t.Run("a negative was accepted", func(t *testing.T) {
		b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, billPay, "JWS-1", "CARD-1"))}
		b.options = func(o *engine.Options) { without("card_token")(o); o.Run = []string{billPay} }
		b.bend = refusing("9403", is(billPay, "valid"))
		r, _ := b.run(t)
		only(t, r, report.Fail, refused(billPay, "jws-missing")...)
		ends(t, r, report.Skip, accepted(billPay, "valid")...)
		if r.Exit() != 1 {
			t.Errorf("exit code %d, want 1", r.Exit())
		}
	})
	t.Run("an answer was no document", func(t *testing.T) {
		b := bench{seed: 1, options: func(o *engine.Options) { without("card_token")(o); o.Run = []string{billPay} }}
		b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
			if !judged(d, billPay, "jws-tampered") {
				return nil
			}
			return built(d, &wire.Response{Status: 500, Body: []byte("<html>"), Bad: wire.ErrEmptyBody}, nil)
		}
		r, _ := b.run(t)
		ends(t, r, report.Fail, billPay+"/jws-tampered/msg.parses")
		if r.Exit() != 1 {
			t.Errorf("exit code %d, want 1", r.Exit())
		}
	})
}

// A value that the configuration gives stands in every request and in none made up.
func TestAGivenValueIsTheOneThatIsSent(t *testing.T) {
	b := bench{seed: 1, mock: func(o *mock.Options) { o.IDs = []string{"77777001"} }}
	b.options = func(o *engine.Options) {
		o.Target.Values["payment_id"], o.Target.Values["id"] = "77777001", "77777001"
		o.Run = []string{partnerGet, partnerPut}
	}
	r, all := b.run(t)
	only(t, r, report.Fail)
	ends(t, r, report.Pass, partnerGet+"/valid/req.accepted", partnerPut+"/valid/req.accepted")
	if n := count(all, func(s sent) bool { return s.operation == create }); n != 0 {
		t.Errorf("%d payments were made for reads whose ids are given", n)
	}
}

// A payment can be paid once, so a payment id of the configuration is no state for card pay.
func TestAValueDoesNotStandForAStateThatIsUsedUp(t *testing.T) {
	b := bench{seed: 1, mock: func(o *mock.Options) { o.IDs = []string{"77777001"} }}
	b.options = func(o *engine.Options) {
		o.Target.Values["pg_payment_id"] = "77777001" // for the status
		o.Run = []string{cardPay, status + "/valid"}
	}
	r, _ := b.run(t)
	for _, res := range r.Results {
		if res.Status == report.Fail || res.Status == report.Inconclusive {
			t.Errorf("%s: %s %s %v", res.ID, res.Status, res.Reason, res.Findings)
		}
	}
}

// A value for an optional field makes it part of the control; what is judged with and without it falls away.
func TestAValueForAnyOptionalFieldDoesNotUpsetTheRun(t *testing.T) {
	c := theCatalogue(t)
	tried := 0
	for _, id := range []string{create, cardInit, status} {
		op, _ := c.Operation(id)
		for _, f := range op.Request.Fields {
			if f.Required == catalogue.Yes || f.From != "" || f.Given || f.Items != nil || f.Fields != nil || !f.Literal() || f.Name == op.Unique {
				continue
			}
			value := f.Example
			if len(f.Enum) > 0 {
				value = f.Enum[0]
			}
			if value == "" {
				continue
			}
			tried++
			b := bench{seed: 1, options: func(o *engine.Options) {
				o.Target.Values[f.Name] = value
				o.Run = cases(id, "**", []string{"valid", "same-key", "all-optional", "odd*", "repeated-order"})
				if id == status {
					o.Run = []string{id}
				}
				if id == cardInit {
					o.Run = []string{id + "/valid", id + "/all-optional"}
				}
			}}
			r, _ := b.run(t)
			only(t, r, report.Error)
		}
	}
	if tried < 10 {
		t.Errorf("%d optional fields tried", tried)
	}
}
