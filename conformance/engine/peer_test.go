package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A bench is an embedded peer and what judges it, with hands in between: bend sees every request
// before it is sent and may answer in the peer's place, send another one, or change the answer.
type bench struct {
	role    catalogue.Role // gateway unless set
	seed    uint64
	mock    func(*mock.Options)
	options func(*engine.Options)
	bend    func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange // nil: send d
	crashes bool                                                                      // a bug of the kit may be reported
	quiet   bool                                                                      // the report is not held to be valid
}

// A sent is one request as the peer got it.
type sent struct {
	operation, probe, id string
	setup                bool
	effect               catalogue.Effect
	exchange             *wire.Exchange
}

func (s sent) field(name string) string {
	v, _ := s.exchange.Request.Fields.Get(name)
	return v
}

// A hand is the peer that a bench gives to the engine.
type hand struct {
	peer wire.Peer
	bend func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange

	mu   sync.Mutex
	sent []sent
}

func (h *hand) Do(ctx context.Context, d *wire.Draft) *wire.Exchange {
	send := func(d *wire.Draft) *wire.Exchange { return h.peer.Do(ctx, d) }
	var x *wire.Exchange
	if h.bend != nil {
		x = h.bend(d, send)
	}
	if x == nil {
		x = send(d)
	}
	x.ID, x.Intent = d.ID, d.Intent
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, sent{d.Operation.ID, d.Intent.Probe, d.ID, d.Intent.Setup, d.Intent.Effect, x})
	return x
}

var load = sync.OnceValues(catalogue.Load)

func theCatalogue(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// prepared makes the options of a bench.
func (b *bench) prepared(t testing.TB) (engine.Options, *hand) {
	t.Helper()
	c := theCatalogue(t)
	mo := selftest.MockOptions(b.seed)
	mo.Plain = true
	if b.mock != nil {
		b.mock(&mo)
	}
	pair, err := selftest.NewPair(c, mo)
	if err != nil {
		t.Fatal(err)
	}
	role := 0
	if b.role == catalogue.RoleMerchant {
		role = 1
	}
	o := pair.Options(c, b.seed)[role]
	inside := *o.Target // what is judged may pretend to be elsewhere
	h := &hand{peer: &wire.Client{Target: &inside}, bend: b.bend}
	o.Peer = h
	if b.options != nil {
		b.options(&o)
	}
	return o, h
}

// run runs the suite over the bench. Whatever the peer does, the report holds together and names no
// bug of the kit.
func (b *bench) run(t testing.TB) (*report.Report, []sent) {
	t.Helper()
	o, h := b.prepared(t)
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.holds(t, r)
	return r, h.sent
}

func (b *bench) holds(t testing.TB, r *report.Report) {
	t.Helper()
	if b.quiet {
		return
	}
	if err := r.Validate(); err != nil {
		t.Errorf("the report does not hold together: %v", err)
	}
	if len(r.Results) == 0 {
		t.Error("the report has no results")
	}
	for _, res := range r.Results {
		if !b.crashes && strings.Contains(res.Reason, "a bug of fpconform") {
			t.Errorf("%s: %s", res.ID, res.Reason)
		}
		switch {
		case (res.Status == report.Fail || res.Status == report.Warn) && len(res.Findings) == 0:
			t.Errorf("%s: %s without a finding", res.ID, res.Status)
		case (res.Status == report.Skip || res.Status == report.Inconclusive || res.Status == report.Error) && res.Reason == "":
			t.Errorf("%s: %s without a reason", res.ID, res.Status)
		}
		for _, f := range res.Findings {
			if f.Clause == "" || f.Text == "" || f.Message == "" {
				t.Errorf("%s: a finding without clause, sentence or message: %+v", res.ID, f)
			}
		}
	}
}

// result is one case of a report.
func result(t testing.TB, r *report.Report, id string) report.Result {
	t.Helper()
	for _, res := range r.Results {
		if res.ID == id {
			return res
		}
	}
	t.Fatalf("the report has no case %s", id)
	return report.Result{}
}

// ends fails unless each case ended as wanted.
func ends(t testing.TB, r *report.Report, want report.Status, cases ...string) {
	t.Helper()
	for _, id := range cases {
		if res := result(t, r, id); res.Status != want {
			t.Errorf("%s: %s, want %s (%s %v)", id, res.Status, want, res.Reason, res.Findings)
		}
	}
}

// only fails if a case ended so that is not named.
func only(t testing.TB, r *report.Report, status report.Status, cases ...string) {
	t.Helper()
	ends(t, r, status, cases...)
	for _, res := range r.Results {
		if res.Status == status && !slices.Contains(cases, res.ID) {
			t.Errorf("%s: %s, and nothing is wrong there (%s %v)", res.ID, res.Status, res.Reason, res.Findings)
		}
	}
}

// verdicts lists the cases that say whether a request was taken as it should be, by status.
func verdicts(r *report.Report, operation string, status report.Status) []string {
	var out []string
	for _, res := range r.Results {
		if res.Operation == operation && res.Status == status && strings.HasPrefix(res.Check, "req.") {
			out = append(out, res.Probe)
		}
	}
	return out
}

// count counts the requests that fit.
func count(all []sent, fits func(sent) bool) int {
	n := 0
	for _, s := range all {
		if fits(s) {
			n++
		}
	}
	return n
}

// waives is a fault: requests that break one of the clauses are taken, and carried out.
func waives(role catalogue.Role, operation string, clauses ...string) *mock.Scenario {
	return &mock.Scenario{
		ID: "test-waives", Title: "takes what it must refuse", Role: role, Breaks: "SIG-13", Operations: []string{operation},
		Waives: func(_ *mock.Call, f *report.Finding) bool { return slices.Contains(clauses, f.Clause) },
	}
}

// right is the request less the step of its probe, where the step is made when signing or after it.
func right(d *wire.Draft) *wire.Draft {
	c := *d
	c.AfterSign, c.Tamper, c.Signing = nil, nil, wire.Signing{}
	return &c
}

// built is an exchange for a request that is answered in the peer's place.
func built(d *wire.Draft, response *wire.Response, err error) *wire.Exchange {
	t := selftest.GatewayTarget(http.NotFoundHandler(), mustURL("http://gateway.embedded"))
	t.Callbacks = selftest.MerchantTarget(nil, mustURL("http://merchant.embedded")).Callbacks
	r, buildErr := wire.Build(t, d, nil)
	if buildErr != nil {
		panic(buildErr)
	}
	return &wire.Exchange{ID: d.ID, Operation: d.Operation, Intent: d.Intent, Known: d.Known,
		Readings: wire.ReadingsOf(t, d), Request: *r, Response: response, Err: err}
}

// refuse answers with a refusal of the operation's own kind, well-made and with this code.
func refuse(d *wire.Draft, code string) *wire.Exchange {
	x := built(d, nil, nil)
	x.Response = refusal(d.Operation, code, x.Request.Script)
	return x
}

// refusal is the answer to what was refused.
func refusal(op *catalogue.Operation, code, script string) *wire.Response {
	r := &wire.Response{Status: 200, Header: http.Header{"Content-Type": {"application/xml"}}, Root: op.Response.Root}
	leaf := sig.Leaf
	switch {
	case op.Role() == catalogue.RoleMerchant:
		signed, err := sig.Sign(script, sig.Message{leaf("pg_status", "error"), leaf("pg_description", "no")}, sig.NewKey(selftest.Secret))
		if err != nil {
			panic(err)
		}
		r.Fields = signed
	case op.Auth == catalogue.AuthSig:
		r.Fields = sig.Message{leaf("pg_status", "error"), leaf("pg_error_code", code), leaf("pg_error_description", "no")}
	case op.Response.Root != "":
		r.Fields = sig.Message{leaf("status", "error"), leaf("error_code", code), leaf("error_description", "no"), leaf("dt", "2026-01-02T03:04:05+05:00")}
	default:
		r.Header = http.Header{"Content-Type": {"application/json"}, "X-Request-Status": {"error"}}
		r.Fields = sig.Message{leaf("error", "no"), leaf("error_code", code)}
	}
	r.Body = []byte(fmt.Sprint(r.Fields))
	return r
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

var errLost = errors.New("test: the connection was reset")

func lost(d *wire.Draft) *wire.Exchange { return built(d, nil, errLost) }

// judged tells whether a request is one that is judged as this probe of the operation, and no setup.
func judged(d *wire.Draft, operation, probe string) bool {
	return d.Operation.ID == operation && d.Intent.Probe == probe && !d.Intent.Setup
}

const (
	create     = "merchant.purchase.create"
	status     = "merchant.purchase.status"
	cardInit   = "merchant.card.init_cvc"
	cardPay    = "merchant.card.pay"
	billInit   = "invoice.merchant.init"
	billPay    = "invoice.merchant.pay"
	partnerGet = "invoice.partner.info_get"
	partnerPut = "invoice.partner.info_post"
	checkCB    = "callback.check"
	resultCB   = "callback.result"
)

func accepted(op string, probes ...string) []string { return cases(op, "req.accepted", probes) }
func refused(op string, probes ...string) []string  { return cases(op, "req.refused", probes) }

func cases(op, ck string, probes []string) []string {
	var out []string
	for _, p := range probes {
		out = append(out, op+"/"+p+"/"+ck)
	}
	return out
}

// negatives are the probes of an operation that must be refused.
func negatives(t testing.TB, r *report.Report, op string) []string {
	t.Helper()
	var out []string
	for _, res := range r.Results {
		if res.Operation == op && res.Check == "req.refused" {
			out = append(out, res.Probe)
		}
	}
	if len(out) < 3 {
		t.Fatalf("%s has %d negatives, want 3 or more", op, len(out))
	}
	return out
}

// A peer without a fault: nothing is reported, and the report is whole. Everything below departs from
// this.
func TestNothingIsReportedWithoutAFault(t *testing.T) {
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		b := bench{role: role, seed: 4}
		r, _ := b.run(t)
		for _, res := range r.Results {
			if res.Status != report.Pass && res.Status != report.Skip {
				t.Errorf("%s: %s %s %v", res.ID, res.Status, res.Reason, res.Findings)
			}
		}
		if r.Exit() != 0 {
			t.Errorf("%s: exit code %d, want 0", role, r.Exit())
		}
	}
}
