package catalogue

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func load(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func operation(t *testing.T, id string) *Operation {
	t.Helper()
	o, ok := load(t).Operation(id)
	if !ok {
		t.Fatalf("no operation %s", id)
	}
	return o
}

func TestTheEmbeddedDataIsConsistent(t *testing.T) {
	for _, err := range load(t).Lint() {
		t.Error(err)
	}
}

func TestTheEmbeddedDataIsFormatted(t *testing.T) {
	n := 0
	err := fs.WalkDir(embedded, "data", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		if path.Ext(name) != ".yaml" {
			t.Errorf("%s is no YAML", name)
			return nil
		}
		src, err := fs.ReadFile(embedded, name)
		if err != nil {
			return err
		}
		want, err := Format(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		if string(src) != string(want) {
			was, is := strings.Split(string(src), "\n"), strings.Split(string(want), "\n")
			for i := range was {
				if i >= len(is) || was[i] != is[i] {
					t.Errorf("%s:%d is not formatted", name, i+1)
					break
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Errorf("%d data files, want 20 or more", n)
	}
}

// The ids are for life: one that goes missing breaks the patterns and recordings of others.
func TestOperationIDsAreForLife(t *testing.T) {
	want := map[string]string{
		"callback.check":            "reads POST {check_url} merchant",
		"callback.result":           "charges POST {result_url} merchant",
		"invoice.merchant.info":     "reads POST /v5/merchant/invoice/info gateway, name-only",
		"invoice.merchant.init":     "creates POST /v5/merchant/invoice/init gateway order_id",
		"invoice.merchant.pay":      "charges POST /v5/merchant/invoice/pay gateway",
		"invoice.merchant.status":   "reads POST /v5/merchant/invoice/status gateway, name-only",
		"invoice.partner.info_get":  "reads GET /v5/partner/invoice/info gateway",
		"invoice.partner.info_post": "reads POST /v5/partner/invoices/info gateway",
		"merchant.card.init_cvc":    "creates POST /v1/merchant/{merchant_id}/card/init gateway pg_order_id",
		"merchant.card.pay":         "charges POST /v1/merchant/{merchant_id}/card/pay gateway",
		"merchant.purchase.create":  "creates POST /init_payment.php gateway pg_order_id",
		"merchant.purchase.status":  "reads POST /get_status3.php gateway",
	}
	got := make(map[string]string)
	for _, o := range load(t).Operations {
		s := fmt.Sprintf("%s %s %s %s", o.Effect, o.Method, o.Path, o.Role())
		if o.Unique != "" {
			s += " " + o.Unique
		}
		if !o.Sendable() {
			s += ", " + string(o.Status)
		}
		got[o.ID] = s
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: got %q, want %q", id, got[id], w)
		}
	}
	for id := range got {
		if want[id] == "" {
			t.Errorf("%s is not in this test", id)
		}
	}
}

func TestValuesThatOneOperationTakesFromAnother(t *testing.T) {
	want := map[string]string{
		"merchant.purchase.status pg_payment_id": "merchant.purchase.create#pg_payment_id",
		"merchant.card.pay pg_payment_id":        "merchant.card.init_cvc#pg_payment_id",
		"invoice.merchant.pay customer":          "invoice.merchant.init#invoice_methods/qr",
		"invoice.partner.info_get payment_id":    "merchant.purchase.create#pg_payment_id given",
		"invoice.partner.info_post id":           "merchant.purchase.create#pg_payment_id given",
		"merchant.card.init_cvc pg_card_token":   " given",
		"invoice.merchant.pay card_token":        " given",
	}
	got := make(map[string]string)
	for _, o := range load(t).Operations {
		for _, f := range o.Request.Fields {
			if f.From != "" || f.Given {
				got[o.ID+" "+f.Name] = f.From + map[bool]string{true: " given"}[f.Given]
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestMarksThatNoPageGivesAreUnknown(t *testing.T) {
	o := operation(t, "invoice.merchant.init")
	if len(o.Request.Fields) != 9 {
		t.Fatalf("%d fields, want 9", len(o.Request.Fields))
	}
	for _, f := range o.Request.Fields {
		if f.Required != Unknown {
			t.Errorf("%s: got %v, want unknown", f.Name, f.Required)
		}
	}
	if f, ok := operation(t, "merchant.purchase.create").Request.Field("pg_order_id"); !ok || f.Required != Unknown {
		t.Error("pg_order_id is optional on one page and required on another")
	}
}

func TestOnlyTheHeadersOfThePartnerPostAreKnown(t *testing.T) {
	o := operation(t, "invoice.partner.info_post")
	if !o.Response.FieldsUnknown || len(o.Response.Fields) != 0 || len(o.Response.Headers) != 3 {
		t.Errorf("got %+v", o.Response)
	}
	if _, ok := o.Response.Header("x-request-id"); !ok {
		t.Error("headers are found in one spelling only")
	}
}

func TestTopicsAndReadings(t *testing.T) {
	want := map[string]string{
		"refusals":              "SIG-9 unsigned signed",
		"salt-form":             "SIG-11 letters-and-digits any",
		"empty-values":          "SIG-16 signed dropped",
		"order":                 "SIG-17 reference documented alphabetical",
		"transports":            "TRN-2 any multipart urlencoded",
		"address":               "TRN-5 php bare",
		"refusal-status":        "MSG-8 200 401 422",
		"bad-signature-code":    "ERR-2 9998 1100 100",
		"unknown-merchant-code": "ERR-3 9997 9998 101",
		"repeated-order":        "PAY-3 same new refused",
		"status-by-order-id":    "PAY-7 refused answered",
		"invoice-body":          "INV-1 form json",
		"partner-get-auth":      "PRT-1 unsigned jws",
		"partner-merchant-id":   "PRT-4 text number",
		"partner-lifetime":      "PRT-5 date-time seconds",
		"partner-zero":          "PRT-6 absent zero",
		"partner-get-id":        "PRT-11 text object",
		"jws-target":            "JWS-8 path uri",
		"jws-identity":          "JWS-9 number text",
		"answer-salt":           "CB-8 new repeated",
		"callback-body":         "CB-9 multipart urlencoded",
		"merchant-refusal":      "CB-10 answer http",
	}
	got := make(map[string]string)
	for topic, cl := range load(t).Topics() {
		s := string(cl.ID)
		for _, r := range cl.Readings {
			s += " " + r.Name
		}
		got[topic] = s
		if !cl.Disputed() {
			t.Errorf("%s has a topic and is not disputed", cl.ID)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestClauseNumbersAreForLifeAndWithoutGaps(t *testing.T) {
	want := map[string]int{"SIG": 25, "TRN": 8, "MSG": 14, "REQ": 7, "ERR": 5, "PAY": 11, "CARD": 6, "INV": 7, "PRT": 11, "JWS": 15, "CB": 24, "KIT": 1}
	got := make(map[string]int)
	for _, cl := range load(t).Clauses {
		family := cl.ID.Family()
		got[family]++
		if cl.ID != ClauseID(fmt.Sprintf("%s-%d", family, got[family])) {
			t.Errorf("got %s, want %s-%d", cl.ID, family, got[family])
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTheGeneralClauseCoversHowSignaturesAreMade(t *testing.T) {
	cl, ok := load(t).Clause("SIG-7")
	if want := []ClauseID{"SIG-1", "SIG-2", "SIG-3", "SIG-4", "SIG-5", "SIG-19"}; !ok || !slices.Equal(cl.Covers, want) {
		t.Errorf("got %v, want %v", cl.Covers, want)
	}
	if !cl.Observable || cl.Disputed() {
		t.Error("the general clause is observable and not disputed")
	}
	if cl, _ := load(t).Clause("SIG-20"); cl.Observable {
		t.Error("which key signs payouts cannot be seen from outside")
	}
}

func TestErrorCodesHaveTheirClasses(t *testing.T) {
	c := load(t)
	for code, want := range map[string]Class{
		"9998": ClassSignature, "1100": ClassSignature, "100": ClassSignature, "9997": ClassMerchant, "101": ClassMerchant,
		"9403": ClassField, "200": ClassField, "9991": ClassState, "11068": ClassState, "10015": ClassState, "340": ClassState,
		"9992": ClassContract, "9994": ClassContract, "9996": ClassContract, "110": ClassContract, "120": ClassContract, "8016": ClassContract,
	} {
		if e, ok := c.ErrorCode(code); !ok || !e.Is(want) {
			t.Errorf("%s: got %+v, want class %s", code, e, want)
		}
	}
	if e, _ := c.ErrorCode("9998"); !e.Is(ClassMerchant) || e.Is(ClassField, ClassState) {
		t.Errorf("9998: got %v", e.Classes)
	}
	for _, code := range []string{"0100", "320", ""} {
		if e, ok := c.ErrorCode(code); ok {
			t.Errorf("%q is taken for %+v", code, e)
		}
	}
}

func TestProductionHostsAreKnown(t *testing.T) {
	c := load(t)
	for host, want := range map[string]bool{
		"api.freedompay.kz": true, "API.FreedomPay.KZ.": true, "api.paybox.money": true, "api.paybox.ru": true, "customer.freedompay.kz": true,
		"test-api.freedompay.kz": false, "localhost": false, "api.freedompay.kz.evil.example": false, "": false,
	} {
		if got := c.Production(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	want := "[callback 1 documented, 1 partial, 0 by name only invoice 2 documented, 2 partial, 2 by name only merchant 3 documented, 1 partial, 0 by name only]"
	if got := fmt.Sprint(load(t).Count()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	total := 0
	for _, n := range load(t).Count() {
		total += n.Total()
	}
	if total != len(load(t).Operations) {
		t.Errorf("%d counted of %d", total, len(load(t).Operations))
	}
}

func TestAuthTakesAHeaderSchemeApart(t *testing.T) {
	if target, identity, alg, ok := AuthJWSMerchant.JWS(); !ok || target != "path" || identity != "merchant_id" || alg != "HS512" {
		t.Errorf("got %s %s %s %v", target, identity, alg, ok)
	}
	if target, identity, alg, ok := AuthJWSPartner.JWS(); !ok || target != "uri" || identity != "auth_id" || alg != "HS256" {
		t.Errorf("got %s %s %s %v", target, identity, alg, ok)
	}
	for _, a := range []Auth{AuthSig, AuthNone, AuthUnknown, ""} {
		if _, _, _, ok := a.JWS(); ok {
			t.Errorf("%q is no header scheme", a)
		}
	}
}

func TestFieldsAreFoundByTheirPath(t *testing.T) {
	o := operation(t, "merchant.purchase.create")
	if f, ok := o.Request.Field("pg_receipt_positions/price"); !ok || f.Max != "9999999" || f.In != InBody {
		t.Errorf("got %+v, %v", f, ok)
	}
	if _, ok := o.Request.Field("pg_receipt_positions/nothing"); ok {
		t.Error("a field that there is not was found")
	}
	f, _ := operation(t, "merchant.purchase.status").Response.Field("pg_amount")
	if f.Judged() != TypeNumber || f.Type != TypeInteger {
		t.Errorf("pg_amount: got %s, printed %s", f.Judged(), f.Type)
	}
	if v, ok := o.Response.Variant("error"); !ok || len(v.Fields) == 0 || v.HTTPStatus != 200 {
		t.Errorf("variant error: got %+v, %v", v, ok)
	}
	if f, ok := o.Request.Field("<merchant parameters>"); !ok || f.Literal() {
		t.Error("an entry that stands for others is taken for a field")
	}
}

func TestSaid(t *testing.T) {
	for _, s := range []Said{Unknown, No, Yes} {
		b, _ := s.MarshalText()
		var back Said
		if err := back.UnmarshalText(b); err != nil || back != s {
			t.Errorf("%s: got %v, %v", b, back, err)
		}
	}
}

func TestLoadFSRefuses(t *testing.T) {
	cases := []struct{ name, file, src, want string }{
		{"an unknown key", initFile, "id: shop.init\ncolour: red\n", `init.yaml:2: unknown key "colour"`},
		{"an unknown effect, with its line", initFile, "id: shop.init\neffect: explodes\n", `init.yaml:2: catalogue: effect "explodes" is none of reads, creates`},
		{"an unknown type inside a field", initFile, "id: shop.init\nrequest:\n  fields:\n    - {name: a, type: text}\n", `init.yaml:4: catalogue: type "text"`},
		{"a required mark that is neither", initFile, "id: shop.init\nrequest:\n  fields:\n    - {name: a, required: maybe}\n", `init.yaml:4: catalogue: "maybe" is none of true, false, unknown`},
		{"an operation without an id", initFile, "title: x\n", "an operation without id"},
		{"an empty file", "clauses/sig.yaml", "", "clauses/sig.yaml: empty"},
		{"an unknown level", "clauses/sig.yaml", "- id: SIG-1\n  level: shall\n", `sig.yaml:2: catalogue: level "shall"`},
		{"an unknown class", "errors.yaml", "- code: a\n  classes: [odd]\n", `errors.yaml:2: catalogue: class "odd"`},
		{"a file that has no place", "extra.yaml", "a: b\n", "no place for this file"},
		{"a file that is no YAML", "operations/readme.txt", "a", `"operations/readme.txt" is not a .yaml file`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			all := small()
			all[c.file] = c.src
			if _, err := LoadFS(files(all)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("a catalogue without operations", func(t *testing.T) {
		if _, err := LoadFS(fstest.MapFS{"clauses/sig.yaml": {Data: []byte(small()["clauses/sig.yaml"])}}); err == nil || !strings.Contains(err.Error(), "no operation") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a catalogue without clauses", func(t *testing.T) {
		if _, err := LoadFS(fstest.MapFS{nameFile: {Data: []byte(small()[nameFile])}}); err == nil || !strings.Contains(err.Error(), "no clause") {
			t.Errorf("got %v", err)
		}
	})
}

func TestDigestFollowsTheData(t *testing.T) {
	digest := func(m map[string]string) string {
		c, err := LoadFS(files(m))
		if err != nil {
			t.Fatal(err)
		}
		return c.Digest()
	}
	all := small()
	before := digest(all)
	if again := digest(small()); again != before || len(before) != 64 {
		t.Errorf("got %s and %s for equal data", before, again)
	}
	all["hosts.yaml"] += "# a comment\n"
	if digest(all) == before {
		t.Error("other data, the same digest")
	}
}

func ExampleLoad() {
	c, err := Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	op, _ := c.Operation("merchant.card.pay")
	fmt.Println(op.Title, op.Path, op.Effect)
	for _, f := range op.Request.Fields {
		fmt.Println(f.Name, f.Type, f.Required)
	}
	// Output:
	// Confirm payment (with CVC) /v1/merchant/{merchant_id}/card/pay charges
	// merchant_id integer true
	// pg_merchant_id integer true
	// pg_payment_id integer true
	// pg_salt string true
	// pg_sig string true
}
