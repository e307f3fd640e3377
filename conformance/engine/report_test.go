package engine_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// written is everything that a report says, in each of its forms.
func written(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	for _, w := range []report.Writer{report.JSON, report.JUnit, report.Text(report.TextOptions{Verbose: true})} {
		if err := w(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	// JSON writes < and & of bodies as they are; unescape the rest, so that nothing hides in escapes.
	var v any
	var j bytes.Buffer
	if err := report.JSON(&j, r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(j.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			b.WriteString(v + "\n")
			if raw, err := base64.StdEncoding.DecodeString(v); err == nil {
				b.Write(raw) // of a body that is no text
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				b.WriteString(k + "\n")
				walk(e)
			}
		}
	}
	walk(v)
	return b.String()
}

// hides fails if a report shows one of these texts, in any of the ways in which a text travels.
func hides(t *testing.T, r *report.Report, what string, texts ...string) {
	t.Helper()
	hidesIn(t, written(t, r), what, texts...)
}

func hidesIn(t *testing.T, all, what string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if len(text) < 8 {
			t.Fatalf("%s: %q is too short to look for", what, text)
		}
		for _, form := range []string{text, url.QueryEscape(text), base64.StdEncoding.EncodeToString([]byte(text)), hex.EncodeToString([]byte(text)), strings.ToUpper(text)} {
			if form == strings.ToUpper(text) && len(text) > 32 {
				continue // base64 in capitals is another text
			}
			if i := strings.Index(all, form); i >= 0 {
				t.Errorf("%s: the report shows %q: …%s…", what, form, all[max(0, i-60):min(len(all), i+len(form)+20)])
				return
			}
		}
	}
}

const pan = "4242424242424242"

// plant runs over a peer that says a text in every place in which an answer can say one.
func plant(t *testing.T, role catalogue.Role, op string, text func(d *wire.Draft, x *wire.Exchange) string) *report.Report {
	t.Helper()
	b := bench{role: role, seed: 1, options: selects(op)}
	n := 0
	b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		if d.Operation.ID != op || d.Intent.Probe == "valid" {
			return nil
		}
		x := send(d)
		if x.Response == nil {
			return x
		}
		say := text(d, x)
		r := *x.Response
		r.Header = r.Header.Clone()
		n++
		leaf := sig.Leaf
		describe := func(value string) {
			r.Fields = append(sig.Message{}, r.Fields...)
			for i := range r.Fields {
				switch r.Fields[i].Name {
				case "pg_error_description", "error_description", "pg_description", "description":
					r.Fields[i].Value = value
				}
			}
			r.Fields = append(r.Fields, leaf("pg_error_description", value), leaf("x_"+value, "y"), sig.Branch("x_meta", leaf("inner", value)))
			r.Body = append(append([]byte{}, r.Body...), value...)
		}
		switch n % 9 {
		case 0:
			describe("you sent " + say + ", which is wrong")
		case 1:
			r.Header.Set("X-Debug", "key="+say)
			r.Header.Set("Location", "https://elsewhere.example/?s="+url.QueryEscape(say))
			r.Header.Set("Content-Type", "text/"+say)
			r.Status = 302
		case 2:
			x.Response, x.Err = nil, errors.New("test: the peer said "+say)
			return x
		case 3:
			r.Body, r.Fields, r.Bad, r.Root = []byte("<html>"+say+"</html>"), nil, errors.New("test: not a document: "+say), ""
		case 4:
			describe(strings.Repeat("x", 58) + say) // findings cut values at 64 characters
		case 5:
			r.Fields = sig.Message{leaf("pg_status", say), leaf("status", say), leaf("pg_sig", say), leaf("pg_salt", say)}
		case 6:
			r.Root = say
			r.Before = []byte(say)
		case 7:
			r.Body = []byte(base64.StdEncoding.EncodeToString([]byte(say)) + " " + hex.EncodeToString([]byte(say)) + " " + url.QueryEscape(say) + "\xff")
		case 8:
			r.Body, r.Fields, r.Bad, r.Root = []byte(strings.Repeat(" ", 20)+strings.Repeat("y", 20)+say), nil, errors.New("test: garbage"), ""
		}
		x.Response = &r
		return x
	}
	r, _ := b.run(t)
	return r
}

func TestNoSecretStandsInAReport(t *testing.T) {
	for _, tt := range []struct {
		role   catalogue.Role
		op     string
		secret string
	}{
		{catalogue.RoleGateway, create, selftest.Secret}, {catalogue.RoleGateway, billPay, selftest.JWSKey},
		{catalogue.RoleGateway, partnerPut, selftest.JWSKey}, {catalogue.RoleMerchant, resultCB, selftest.Secret},
	} {
		r := plant(t, tt.role, tt.op, func(*wire.Draft, *wire.Exchange) string { return tt.secret })
		hides(t, r, tt.op, tt.secret)
		// Nor a part of it, where a value was cut.
		all := written(t, r)
		if part := tt.secret[:len("fpconform-em")]; strings.Contains(all, part) {
			i := strings.Index(all, part)
			t.Errorf("%s: the report shows a part of the secret: %q", tt.op, all[max(0, i-80):min(len(all), i+20)])
		}
	}
}

func TestNoCardNumberStandsInAReport(t *testing.T) {
	for _, number := range []string{pan, "4242 4242 4242 4242", "4242-4242-4242-4242"} {
		r := plant(t, catalogue.RoleGateway, create, func(*wire.Draft, *wire.Exchange) string { return number })
		all := written(t, r)
		if i := strings.Index(all, number); i >= 0 {
			t.Errorf("the report shows %s: %q", number, all[max(0, i-60):min(len(all), i+30)])
		}
		if i := strings.Index(all, number[:9]); i >= 0 {
			t.Errorf("the report shows more than the first six digits: %q", all[max(0, i-60):min(len(all), i+30)])
		}
	}
}

// A right signature made with the user's key is shown by its ends, wherever a peer repeats it: that of
// this request, of an earlier one, in another case, in a body that cannot be read.
func TestNoWholeSignatureStandsInAReport(t *testing.T) {
	for _, tt := range []struct {
		role catalogue.Role
		op   string
	}{{catalogue.RoleGateway, create}, {catalogue.RoleGateway, billPay}, {catalogue.RoleGateway, partnerPut}, {catalogue.RoleMerchant, checkCB}} {
		var signatures []string
		r := plant(t, tt.role, tt.op, func(d *wire.Draft, x *wire.Exchange) string {
			mine, _ := x.Request.Fields.Get(sig.FieldSig)
			if mine == "" {
				mine = x.Request.Header.Get(jws.HeaderName)
			}
			if mine != "" {
				signatures = append(signatures, mine)
			}
			if answer, n := x.Response.Fields.Get(sig.FieldSig); n > 0 {
				signatures = append(signatures, answer)
			}
			if n := len(signatures); n > 0 && n%3 == 0 && len(signatures[0]) == 32 {
				return "pg_sig=" + strings.ToUpper(signatures[0]) // an earlier one
			}
			return mine + " padded"
		})
		if len(signatures) < 5 {
			t.Fatalf("%s: %d signatures", tt.op, len(signatures))
		}
		hidesIn(t, written(t, r), tt.op, signatures...)
	}
}

// An answer that is not well-formed is shown, and the signature in it is not.
func TestASignatureInABodyThatCannotBeReadIsHidden(t *testing.T) {
	b := bench{seed: 1}
	o, _ := b.prepared(t)
	good := o.Target.Handler
	signature := ""
	o.Peer, o.Run = nil, []string{create + "/valid", create + "/sig-missing"}
	o.Target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &bodyRecorder{header: http.Header{}}
		good.ServeHTTP(rec, r)
		body := rec.body.String()
		if _, after, ok := strings.Cut(body, "<pg_sig>"); ok {
			signature = after[:32]
		}
		w.Header().Set("Content-Type", "application/xml")
		w.Write([]byte(strings.Replace(body, "</response>", "</respons>", 1)))
	})
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.holds(t, r)
	if len(signature) != 32 {
		t.Fatal("the answer was not signed")
	}
	hides(t, r, "not well-formed", signature)
}

type bodyRecorder struct {
	header http.Header
	body   bytes.Buffer
}

func (w *bodyRecorder) Header() http.Header         { return w.header }
func (w *bodyRecorder) WriteHeader(int)             {}
func (w *bodyRecorder) Write(b []byte) (int, error) { return w.body.Write(b) }

// Sensitive values of the user's that travel in requests are masked in them and in what repeats them.
func TestSensitiveFieldsAreMasked(t *testing.T) {
	b := bench{seed: 1, options: selects(cardInit+"/valid", billPay+"/valid", create+"/optional:*")}
	r, all := b.run(t)
	hides(t, r, "the card token", selftest.CardToken)
	values := 0
	for _, s := range all {
		for _, f := range s.exchange.Operation.Request.Fields {
			if v := s.field(f.Name); f.Sensitive && len(v) >= 8 {
				values++
				hides(t, r, f.Name, v)
			}
		}
	}
	if values < 5 {
		t.Errorf("%d sensitive values were sent", values)
	}
}

// Every result refers to an exchange that is there, the one that it was judged by.
func TestAResultRefersToTheExchangeItWasJudgedBy(t *testing.T) {
	b := bench{seed: 1, mock: faulty(waives(catalogue.RoleGateway, cardPay, "SIG-13")), options: selects(cardPay, status)}
	r, _ := b.run(t)
	by := map[string]*report.Exchange{}
	for i := range r.Exchanges {
		by[r.Exchanges[i].ID] = &r.Exchanges[i]
	}
	for _, res := range r.Results {
		if res.Exchange == "" {
			if res.Status != report.Skip && res.Status != report.Inconclusive {
				t.Errorf("%s: %s without an exchange", res.ID, res.Status)
			}
			continue
		}
		x := by[res.Exchange]
		if x == nil {
			t.Errorf("%s refers to %s, which is not there", res.ID, res.Exchange)
			continue
		}
		if x.Operation != res.Operation || x.Probe != res.Probe {
			t.Errorf("%s refers to an exchange of %s/%s", res.ID, x.Operation, x.Probe)
		}
		if res.Probe != "valid" && x.Control != res.Operation+"/valid" {
			t.Errorf("%s: its exchange names the control %q", res.ID, x.Control)
		}
	}
}
