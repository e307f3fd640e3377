package mock

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// findings are those of whoever the operation belongs to.
func (b *bench) findings(op string) []report.Finding {
	if b.op(op).Role() == catalogue.RoleMerchant {
		return b.merchant.Findings()
	}
	return b.gateway.Findings()
}

func TestWrongRequestsAreRefusedByTheirClauseAndRightOnesAccepted(t *testing.T) {
	b := newBench(t, Options{})
	all := requests(b)
	if len(all) < 250 {
		t.Fatalf("only %d requests", len(all))
	}
	clauses := map[string]bool{}
	for _, r := range all {
		t.Run(r.op+"/"+r.name, func(t *testing.T) {
			b := plain(&bench{TB: t}, Options{})
			a := b.do(r.draft(b))
			found := b.findings(r.op)
			if r.clause == "" {
				if !a.accepted() || len(found) > 0 {
					t.Fatalf("refused: HTTP %d %s\nfindings %+v", a.Response.Status, a.Response.Body, found)
				}
				return
			}
			clauses[r.clause] = true
			if a.refusedAs() == "" {
				t.Fatalf("accepted: %s", a.Response.Body)
			}
			if len(found) != 1 || found[0].Clause != r.clause {
				t.Fatalf("findings %+v, want one of %s", found, r.clause)
			}
			if found[0].Text == "" || !strings.HasPrefix(found[0].Path, "request") {
				t.Errorf("finding %+v has no sentence or no place in the request", found[0])
			}
			if a.Operation.Role() == catalogue.RoleGateway && len(a.code()) < 3 {
				t.Errorf("the refusal names no code: %s", a.Response.Body)
			}
			if strings.Contains(string(a.Response.Body), secret) {
				t.Error("the answer holds the secret")
			}
		})
	}
	for _, clause := range []string{"SIG-12", "SIG-13", "SIG-14", "REQ-2", "REQ-3", "REQ-4", "REQ-5", "REQ-6", "JWS-1", "JWS-2", "JWS-3", "JWS-4",
		"JWS-5", "JWS-6", "JWS-7", "CARD-1", "CARD-2", "CARD-3", "CARD-4", "INV-5", "INV-6", "PAY-4", "PAY-7", "PAY-8", "PRT-3", "CB-3", "CB-4", "CB-5"} {
		if !clauses[clause] {
			t.Errorf("no request was refused by %s", clause)
		}
	}
}

func TestTheCodeOfARefusalIsOfTheClassThatItsReasonIs(t *testing.T) {
	b := newBench(t, Options{})
	seen := 0
	for _, r := range requests(b) {
		if r.clause == "" || b.op(r.op).Role() == catalogue.RoleMerchant {
			continue
		}
		want := catalogue.ClassField
		switch id := catalogue.ClauseID(r.clause); {
		case id.Family() == "JWS" && id != "JWS-12", id.Family() == "SIG":
			want = catalogue.ClassSignature
		case id == "REQ-6", id == "CARD-4", r.name == "no merchant":
			want = catalogue.ClassMerchant
		case id == "PAY-8", id == "CARD-2", id == "CARD-3", id == "INV-5", id == "INV-6", id == "PRT-3":
			want = catalogue.ClassState
		}
		b := plain(b, Options{})
		a := b.do(r.draft(b))
		code, ok := b.c.ErrorCode(a.code())
		if !ok || !code.Is(want) {
			t.Errorf("%s/%s: code %q is not of class %s", r.op, r.name, a.code(), want)
		}
		seen++
	}
	if seen < 100 {
		t.Fatalf("only %d refusals", seen)
	}
}

func TestTheFirstBrokenRuleIsTheOneThatCounts(t *testing.T) {
	type fault struct {
		clause string
		edit   func(*wire.Draft)
	}
	faults := []fault{ // in the order of judgement
		{"REQ-6", set("pg_merchant_id", "999999")},
		{"SIG-12", func(d *wire.Draft) { d.Signing.Omit = true }},
		{"REQ-2", without("pg_description")},
		{"CARD-4", func(d *wire.Draft) { d.Path = map[string]string{"merchant_id": "1"} }},
		{"CARD-1", set("pg_card_token", "none")},
	}
	for i := range faults {
		for j := i + 1; j < len(faults); j++ {
			b := newBench(t, Options{})
			d := b.valid(opCardInit)
			faults[j].edit(d)
			faults[i].edit(d)
			b.do(d)
			if found := b.gateway.Findings(); len(found) != 1 || found[0].Clause != faults[i].clause {
				t.Errorf("%s and %s together: %+v", faults[i].clause, faults[j].clause, found)
			}
		}
	}
}

func TestRefusalsOfTheGatewayAreUnsignedAndSaySo(t *testing.T) {
	b := newBench(t, Options{Plain: true})
	d := b.valid(opStatus)
	set("pg_payment_id", "5")(d)
	a := b.do(d)
	got := string(a.Response.Body)
	want := `<?xml version="1.0" encoding="utf-8"?>
<response><pg_status>error</pg_status><pg_error_code>11068</pg_error_code><pg_error_description>payment or order not found</pg_error_description></response>
`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPlacesWhereNothingIs(t *testing.T) {
	b := newBench(t, Options{})
	for _, c := range []struct {
		h              http.Handler
		method, target string
		status         int
	}{
		{b.gateway, "POST", "/nothing", 404},
		{b.gateway, "POST", "/init_payment", 404}, // the other reading of the address
		{b.gateway, "POST", "/init_payment.php/", 404},
		{b.gateway, "POST", "/v1/merchant/1/2/card/pay", 404},
		{b.gateway, "POST", "/v5/merchant/invoice/status", 404}, // known by name only
		{b.gateway, "DELETE", "/init_payment.php", 405},
		{b.gateway, "POST", "/v5/partner/invoice/info", 405},
		{b.gateway, "GET", "/v5/partner/invoices/info", 405},
		{b.merchant, "POST", "/shop/other", 404},
		{b.merchant, "PUT", "/shop/check", 405},
	} {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(c.method, c.target, http.NoBody))
		if w.Code != c.status {
			t.Errorf("%s %s: HTTP %d, want %d", c.method, c.target, w.Code, c.status)
		}
	}
}

func TestAMerchantTakesItsOperationFromTheLastSegment(t *testing.T) {
	b := newBench(t, Options{Plain: true})
	for path, op := range map[string]string{
		"/check": opCheck, "/a/check.php": opCheck, "/check-url": opCheck, "/check_payment/result": opResult, "/x/result": opResult, "/result/other": "",
	} {
		got := ""
		if o := b.merchant.called(sig.ScriptName(path)); o != nil {
			got = o.ID
		}
		if got != op {
			t.Errorf("%s is %q, want %q", path, got, op)
		}
	}
}

func TestAMerchantKnowsTheQueryOfItsOwnAddressAndChoosesHowItIsCalled(t *testing.T) {
	for _, method := range []string{"POST", "GET", "XML"} {
		b := newBench(t, Options{})
		b.client.Target.RequestMethod = method
		b.client.Target.Callbacks[opCheck] = &url.URL{Scheme: "http", Host: "shop.test", Path: "/shop/check", RawQuery: "session=a%20b&lang=ru"}
		a := b.ok(opCheck)
		if err := sig.Verify("check", a.Response.Fields, key); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestUnknownNamesAreErrorsThatListWhatThereIs(t *testing.T) {
	c := load(t)
	for _, bad := range []struct {
		readings map[string]string
		says     []string
	}{
		{map[string]string{"refusal": "signed"}, []string{`"refusal"`, "refusals", "salt-form"}},
		{map[string]string{"refusals": "sealed"}, []string{`"sealed"`, "unsigned, signed"}},
	} {
		err := CheckReadings(c, bad.readings)
		_, err2 := NewGateway(c, Options{Credentials: credentials(), Readings: bad.readings})
		_, err3 := NewMerchant(c, Options{Credentials: credentials(), Readings: bad.readings})
		for _, err := range []error{err, err2, err3} {
			if err == nil {
				t.Fatalf("%v is taken", bad.readings)
			}
			for _, s := range bad.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %s", err, s)
				}
			}
		}
	}
	if _, err := FindScenario("nothing"); err == nil || !strings.Contains(err.Error(), "answer-unsigned") {
		t.Errorf("no scenario: %v", err)
	}
	if _, err := NewGateway(c, Options{Credentials: wire.Credentials{MerchantID: merchantID, SigKeys: map[string]sig.Key{"": key}}}); err == nil || !strings.Contains(err.Error(), "jws_key") {
		t.Errorf("a gateway without jws_key: %v", err)
	}
	if _, err := NewMerchant(c, Options{}); err == nil || !strings.Contains(err.Error(), "secret") {
		t.Errorf("a merchant without secret: %v", err)
	}
}
