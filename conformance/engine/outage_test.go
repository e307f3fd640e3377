package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
)

// An endpoint is the embedded gateway with something in front of it that may fail. It counts what
// arrives, by path.
type endpoint struct {
	*httptest.Server
	mu   sync.Mutex
	seen map[string]int
	all  int
}

// newEndpoint serves the embedded gateway. fail is asked before each request, with how many came to
// its path before; it returns true if it dealt with the request.
func newEndpoint(t *testing.T, fail func(w http.ResponseWriter, r *http.Request, before int) bool) *endpoint {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := selftest.NewPair(c, selftest.MockOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	e := &endpoint{seen: map[string]int{}}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		before := e.seen[r.URL.Path]
		e.seen[r.URL.Path]++
		e.all++
		e.mu.Unlock()
		if fail == nil || !fail(w, r, before) {
			pair.Gateway.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all
}

// hangUp reads the request and closes the connection without an answer.
func hangUp(w http.ResponseWriter, r *http.Request) bool {
	io.Copy(io.Discard, r.Body)
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	c.Close()
	return true
}

// options judge the gateway at an address, the patterns alone.
func options(t *testing.T, address string, patterns ...string) engine.Options {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Options{
		Role: catalogue.RoleGateway, Target: selftest.GatewayTarget(nil, base), Run: patterns, Seed: 1, Mask: selftest.Mask(),
		Timeout: 5 * time.Second,
	}
}

func run(t *testing.T, o engine.Options) *report.Report {
	t.Helper()
	r, err := engine.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	return r
}

// reasons counts the cases of a status by reason.
func reasons(r *report.Report, s report.Status) map[string]int {
	out := map[string]int{}
	for _, res := range r.Results {
		if res.Status == s {
			out[res.Reason]++
		}
	}
	return out
}

// Of this run each operation begins anew, and the first one ends after three errors.
const (
	creates = "merchant.purchase.create"
	reads   = "invoice.partner.info_get" // its page asks for no signature, so nothing else is sent for it
	first   = "invoice.merchant.init"    // in the order of a run
)

func TestARequestOfWhichAByteWasSentIsNotRepeated(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool { return hangUp(w, r) })
	r := run(t, options(t, e.URL, creates))
	if got, exchanges := e.count(), len(r.Exchanges); got != exchanges || got != 3 {
		t.Errorf("%d requests arrived in %d exchanges, want 3 in 3: each once, and three errors in a row", got, exchanges)
	}
}

func TestARequestThatReadsIsRepeatedTwiceAtMost(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool { return hangUp(w, r) })
	o := options(t, e.URL, reads)
	o.Target.Values = map[string]string{"payment_id": "77"}
	r := run(t, o)
	if got, exchanges := e.count(), len(r.Exchanges); exchanges != 3 || got != 9 {
		t.Errorf("%d requests arrived in %d exchanges, want 9 in 3", got, exchanges)
	}
}

func TestARequestThatReadsIsRepeatedTwiceAtMostOnAConnectionInUse(t *testing.T) {
	// net/http repeats a GET by itself where a connection that had been used turns out to be dead.
	const path = "/v5/partner/invoice/info"
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool { return r.URL.Path == path && hangUp(w, r) })
	r := run(t, options(t, e.URL, reads)) // asks for a payment first, over a connection that stays
	exchanges := 0
	for _, x := range r.Exchanges {
		if x.Operation == reads {
			exchanges++
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen["/init_payment.php"] == 0 {
		t.Error("no payment was asked for, so no connection was in use")
	}
	if exchanges != 3 || e.seen[path] != 9 {
		t.Errorf("%d requests arrived in %d exchanges, want 9 in 3", e.seen[path], exchanges)
	}
}

func TestARequestOfWhichNoByteWasSentIsRepeatedTwice(t *testing.T) {
	var dials atomic.Int32
	o := options(t, "http://gateway.test", creates)
	o.Target.Allow = []catalogue.Effect{catalogue.Creates}
	o.Target.Pace = time.Nanosecond
	o.Peer = &wire.Client{Target: o.Target, HTTP: &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			return nil, errors.New("no route")
		},
	}}}
	r := run(t, o)
	if got, exchanges := dials.Load(), len(r.Exchanges); exchanges != 3 || got != 9 {
		t.Errorf("%d attempts in %d exchanges, want 9 in 3", got, exchanges)
	}
}

func TestARepeatThatIsAnsweredCounts(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, before int) bool {
		// Two of three go astray.
		return r.URL.Path == "/v5/partner/invoice/info" && before%3 < 2 && hangUp(w, r)
	})
	r := run(t, options(t, e.URL, reads))
	if r.Exit() != 0 || r.Counts[report.Error] > 0 || r.Counts[report.Pass] == 0 {
		t.Errorf("exit %d, counts %v, errors %v", r.Exit(), r.Counts, reasons(r, report.Error))
	}
}

func TestSilenceIsNotAskedTwice(t *testing.T) {
	over := make(chan struct{})
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		select {
		case <-over:
		case <-r.Context().Done():
		}
		return true
	})
	t.Cleanup(func() { close(over) })
	o := options(t, e.URL, reads)
	o.Target.Values = map[string]string{"payment_id": "77"}
	o.Timeout = 50 * time.Millisecond
	r := run(t, o)
	if got, exchanges := e.count(), len(r.Exchanges); got != exchanges || exchanges != 3 {
		t.Errorf("%d requests arrived in %d exchanges, want 3 in 3", got, exchanges)
	}
	if got := reasons(r, report.Error); got["wire: no whole answer within 50ms"] == 0 {
		t.Errorf("reasons %v", got)
	}
}

func TestAfterThreeErrorsInARowTheRestOfTheOperationIsSkipped(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		return strings.HasPrefix(r.URL.Path, "/v5/partner/invoices/") && hangUp(w, r)
	})
	const failing = "invoice.partner.info_post"
	r := run(t, options(t, e.URL, failing, "merchant.card.init_cvc"))
	if r.Ended != "" || r.Exit() != 3 {
		t.Errorf("ended %q, exit %d, want the end of the plan and 3", r.Ended, r.Exit())
	}
	lost := map[string]bool{}
	for _, res := range r.Results {
		switch {
		case res.Operation != failing:
			if res.Status != report.Pass && res.Status != report.Skip {
				t.Errorf("%s, of an operation that answers: %s %s", res.ID, res.Status, res.Reason)
			}
		case res.Status == report.Error:
			lost[res.Probe] = true
		case res.Probe == "same-request-id" && res.Status == report.Skip: // it has nothing to follow
		case res.Status != report.Skip || !strings.Contains(res.Reason, "after three errors in a row: ") || !strings.Contains(res.Reason, "EOF"):
			t.Errorf("%s: %s %q", res.ID, res.Status, res.Reason)
		}
	}
	if len(lost) != 3 {
		t.Errorf("the cases of %d requests are in error, want 3: %v", len(lost), lost)
	}
}

func TestErrorsWithAnAnswerBetweenThemAreNotInARow(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, before int) bool {
		// After the control two of three fail.
		return r.URL.Path == "/init_payment.php" && before > 0 && before%3 != 0 && hangUp(w, r)
	})
	r := run(t, options(t, e.URL, creates))
	if r.Ended != "" {
		t.Errorf("ended %q", r.Ended)
	}
	if n := r.Counts[report.Error]; n < 10 {
		t.Errorf("%d cases in error", n)
	}
	for reason := range reasons(r, report.Skip) {
		if strings.Contains(reason, "in a row") {
			t.Error(reason)
		}
	}
}

func TestIfTheNextOperationBeginsWithAnErrorTooTheRunEnds(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool { return hangUp(w, r) })
	r := run(t, options(t, e.URL, "merchant.card.init_cvc", creates, "merchant.purchase.status"))
	if r.Ended != report.EndedUnreachable || r.Exit() != 3 {
		t.Errorf("ended %q, exit %d", r.Ended, r.Exit())
	}
	if n := len(r.Exchanges); n != 4 {
		t.Errorf("%d exchanges, want three and one", n)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], e.URL) || !strings.Contains(r.Notes[0], "EOF") || strings.Contains(r.Notes[0], "\n") {
		t.Errorf("notes %q, want one line that names the endpoint and the error", r.Notes)
	}
	for _, res := range r.Results {
		if res.Operation == "merchant.purchase.status" && res.Status != report.Skip {
			t.Errorf("%s: %s %s", res.ID, res.Status, res.Reason)
		}
	}
}

func TestHTTP404IsAnAnswer(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		http.NotFound(w, r)
		return true
	})
	r := run(t, options(t, e.URL))
	if r.Ended != "" || r.Counts[report.Error] > 0 {
		t.Errorf("ended %q, %d in error: %v", r.Ended, r.Counts[report.Error], reasons(r, report.Error))
	}
	if r.Exit() == 0 {
		t.Error("a gateway without any path conforms")
	}
}

func TestAFindingCountsAlsoWhereTheRunWasCutShort(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, before int) bool {
		if strings.HasPrefix(r.URL.Path, "/v5/merchant/invoice/init") {
			io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, "<html>") // an answer, and a wrong one
			return true
		}
		return hangUp(w, r)
	})
	r := run(t, options(t, e.URL, first, "merchant.card.init_cvc", creates))
	if r.Ended != report.EndedUnreachable || r.Counts[report.Fail] == 0 || r.Exit() != 1 {
		t.Errorf("ended %q, counts %v, exit %d", r.Ended, r.Counts, r.Exit())
	}
}

func TestAKnownErrorIsExcused(t *testing.T) {
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.HasPrefix(r.URL.Path, "/v5/partner/invoices/") {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	o := options(t, e.URL, "invoice.partner.info_post", "merchant.card.init_cvc")
	before := run(t, o)
	o.Known = map[string]string{}
	for _, res := range before.Results {
		if res.Status == report.Error {
			o.Known[res.ID] = "down until Friday"
		}
	}
	if len(o.Known) == 0 || before.Exit() != 3 {
		t.Fatalf("%d errors, exit %d", len(o.Known), before.Exit())
	}
	if after := run(t, o); after.Exit() != 0 || after.Counts[report.Error] != len(o.Known) {
		t.Errorf("exit %d, %d errors, want 0 and %d", after.Exit(), after.Counts[report.Error], len(o.Known))
	}
	for id := range o.Known {
		delete(o.Known, id)
		break
	}
	if after := run(t, o); after.Exit() != 3 {
		t.Errorf("exit %d with one error that is not known, want 3", after.Exit())
	}
}

func TestACheckThatCrashesIsAnErrorOfItsCaseAlone(t *testing.T) {
	e := newEndpoint(t, nil)
	o := options(t, e.URL, creates+"/valid")
	o.Checks = append([]check.Check{{
		ID: "x.crashes", Title: "crashes", Clauses: []catalogue.ClauseID{"MSG-1"},
		For:  func(*check.Scope, wire.Intent) bool { return true },
		Look: func(*check.Scope, *check.Seen) ([]report.Finding, string) { panic("at " + selftest.Secret) },
	}}, check.Checks...)
	r := run(t, o)
	if r.Exit() != 3 || r.Counts[report.Error] != 1 || r.Counts[report.Pass] == 0 {
		t.Errorf("exit %d, counts %v", r.Exit(), r.Counts)
	}
	for reason := range reasons(r, report.Error) {
		if !strings.Contains(reason, "x.crashes crashed, a bug of fpconform: at [secret]") || strings.Contains(reason, "\n") {
			t.Errorf("reason %q", reason)
		}
	}
}

func TestAHandlerThatPanicsIsAnError(t *testing.T) {
	base, _ := url.Parse("http://in.process")
	o := options(t, base.String(), creates+"/valid")
	o.Target.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") })
	r := run(t, o)
	if r.Exit() != 3 || r.Counts[report.Error] == 0 || r.Counts[report.Fail] > 0 {
		t.Errorf("exit %d, counts %v", r.Exit(), r.Counts)
	}
}

func TestTheTimeOfARunEndsIt(t *testing.T) {
	for name, bound := range map[string]func(*engine.Options) context.Context{
		"its own": func(o *engine.Options) context.Context {
			o.MaxTime = 300 * time.Millisecond
			return context.Background()
		},
		"the caller's": func(*engine.Options) context.Context {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request, _ int) bool {
				if r.URL.Path != "/init_payment.php" {
					return false
				}
				select {
				case <-over:
				case <-r.Context().Done():
				}
				return true
			})
			t.Cleanup(func() { close(over) })
			o := options(t, e.URL, "merchant.card.init_cvc/valid", creates)
			r, err := engine.Run(bound(&o), o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Ended != report.EndedMaxTime || r.Exit() != 3 || r.Counts[report.Pass] == 0 || r.Counts[report.Error] > 0 {
				t.Errorf("ended %q, exit %d, counts %v", r.Ended, r.Exit(), r.Counts)
			}
		})
	}
}
