package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
)

// with replaces one probe by a copy that is bent.
func withProbe(id string, bend func(*check.Probe)) func(*engine.Options) {
	return func(o *engine.Options) {
		o.Probes = slices.Clone(check.Probes)
		for i := range o.Probes {
			if o.Probes[i].ID == id {
				bend(&o.Probes[i])
			}
		}
	}
}

func withCheck(id string, bend func(*check.Check)) func(*engine.Options) {
	return func(o *engine.Options) {
		o.Checks = slices.Clone(check.Checks)
		for i := range o.Checks {
			if o.Checks[i].ID == id {
				bend(&o.Checks[i])
			}
		}
	}
}

// errorsOnly fails if a case in error is none of the wanted, or a wanted one is none, and if anything
// else than a pass or a skip stands beside them.
func errorsOnly(t *testing.T, r *report.Report, wanted func(report.Result) bool) {
	t.Helper()
	n := 0
	for _, res := range r.Results {
		want := wanted(res)
		switch {
		case want && res.Status == report.Error:
			n++
		case want:
			t.Errorf("%s: %s %s, want error", res.ID, res.Status, res.Reason)
		case res.Status == report.Error:
			t.Errorf("%s: error, and nothing is wrong there: %s", res.ID, res.Reason)
		case res.Status == report.Fail || res.Status == report.Warn:
			t.Errorf("%s: %s %v", res.ID, res.Status, res.Findings)
		}
	}
	if n == 0 {
		t.Error("no case is in error")
	}
	if r.Exit() != 3 {
		t.Errorf("exit code %d, want 3", r.Exit())
	}
}

func TestACheckThatCrashesIsAnErrorOfItsCases(t *testing.T) {
	for name, bend := range map[string]func(*check.Check){
		"look": func(c *check.Check) {
			c.Look = func(*check.Scope, *check.Seen) ([]report.Finding, string) { panic("boom " + selftest.Secret) }
		},
		"nil": func(c *check.Check) {
			c.Look = func(s *check.Scope, x *check.Seen) ([]report.Finding, string) { return nil, *(*string)(nil) }
		},
	} {
		for _, id := range []string{"msg.http", "req.accepted", "req.refused", "sig.answer-verifies"} {
			b := bench{seed: 1, crashes: true, options: func(o *engine.Options) {
				withCheck(id, bend)(o)
				o.Run = []string{create, status}
			}}
			r, _ := b.run(t)
			errorsOnly(t, r, func(res report.Result) bool { return res.Check == id })
			for _, res := range r.Results {
				if strings.Contains(res.Reason, selftest.Secret) {
					t.Fatalf("%s: a crash of %s shows the secret: %s", res.ID, name, res.Reason)
				}
				if res.Status == report.Error && (!strings.Contains(res.Reason, id) || strings.Contains(res.Reason, "\n")) {
					t.Errorf("%s: reason %q, want one line that names %s", res.ID, res.Reason, id)
				}
			}
		}
	}
}

// What a check shows for the behaviour may crash too; it spoils nothing else.
func TestACheckThatCrashesWhereItShowsSpoilsNothing(t *testing.T) {
	b := bench{seed: 1, options: func(o *engine.Options) {
		withCheck("sig.refusal-signed", func(c *check.Check) {
			c.Shows = func(*check.Scope, *check.Seen) map[string]string { panic("boom") }
		})(o)
		o.Run = []string{create}
	}}
	r, _ := b.run(t)
	if r.Exit() != 0 {
		t.Errorf("exit code %d, want 0", r.Exit())
	}
}

func TestAProbeThatCrashesIsAnErrorOfItsCases(t *testing.T) {
	for _, op := range []string{create, status, cardPay} {
		for _, probe := range []string{"sig-tampered", "extra-field"} {
			for where, bend := range map[string]func(*check.Probe){
				"making the request": func(p *check.Probe) { p.Edit = func(*check.Scope, *wire.Draft, string) { panic("boom") } },
				"after signing": func(p *check.Probe) {
					p.Edit = func(_ *check.Scope, d *wire.Draft, _ string) {
						d.Tamper = append(d.Tamper, func(*wire.Request) { panic("boom") })
					}
				},
			} {
				t.Run(op+" "+probe+" "+where, func(t *testing.T) {
					b := bench{seed: 1, crashes: true, options: func(o *engine.Options) {
						withProbe(probe, bend)(o)
						o.Run = []string{op}
					}}
					o, h := b.prepared(t)
					inside := *o.Target
					h.peer = &wire.Client{Target: &inside}
					o.Peer = h.peer
					r, err := engine.Run(t.Context(), o)
					if err != nil {
						t.Fatal(err)
					}
					b.holds(t, r)
					errorsOnly(t, r, func(res report.Result) bool { return res.Probe == probe })
				})
			}
		}
	}
}

// A control whose making crashes leaves nothing to judge beside it.
func TestAControlThatCrashesLeavesNothingToJudge(t *testing.T) {
	for _, op := range []string{create, cardPay} {
		b := bench{seed: 1, crashes: true, options: func(o *engine.Options) {
			withProbe("valid", func(p *check.Probe) {
				p.Edit = func(s *check.Scope, _ *wire.Draft, _ string) {
					if s.Operation.ID == op {
						panic("boom")
					}
				}
			})(o)
			o.Run = []string{op}
		}}
		r, _ := b.run(t)
		for _, res := range r.Results {
			if res.Status == report.Pass && strings.HasPrefix(res.Check, "req.") || res.Status == report.Fail {
				t.Errorf("%s: %s", res.ID, res.Status)
			}
		}
		if r.Exit() != 3 {
			t.Errorf("%s: exit code %d, want 3", op, r.Exit())
		}
	}
}

// A probe or a check that crashes before anything is sent ends the preparation with an error.
func TestWhatCrashesInThePlanIsAnError(t *testing.T) {
	for name, edit := range map[string]func(*engine.Options){
		"a probe's For":       withProbe("sig-tampered", func(p *check.Probe) { p.For = func(*check.Scope) []string { panic("boom") } }),
		"a probe's ClauseFor": withProbe("sig-tampered", func(p *check.Probe) { p.ClauseFor = func(*check.Scope, string) catalogue.ClauseID { panic("boom") } }),
		"a check's For":       withCheck("msg.http", func(c *check.Check) { c.For = func(*check.Scope, wire.Intent) bool { panic("boom") } }),
	} {
		b := bench{options: edit}
		o, h := b.prepared(t)
		_, err := engine.Prepare(o)
		if err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("%s: %v, want an error that says what crashed", name, err)
		}
		if len(h.sent) > 0 {
			t.Errorf("%s: something was sent", name)
		}
	}
}

// A peerFunc is a peer that may do anything.
type peerFunc func(ctx context.Context, d *wire.Draft) *wire.Exchange

func (f peerFunc) Do(ctx context.Context, d *wire.Draft) *wire.Exchange { return f(ctx, d) }

func TestAPeerThatMisbehavesIsAnErrorAndNoCrash(t *testing.T) {
	for name, do := range map[string]func(d *wire.Draft) *wire.Exchange{
		"panics":           func(*wire.Draft) *wire.Exchange { panic("boom " + selftest.Secret) },
		"returns nothing":  func(*wire.Draft) *wire.Exchange { return nil },
		"an empty one":     func(*wire.Draft) *wire.Exchange { return &wire.Exchange{} },
		"neither":          func(d *wire.Draft) *wire.Exchange { return built(d, nil, nil) },
		"without an id":    func(d *wire.Draft) *wire.Exchange { x := lost(d); x.ID = ""; return x },
		"always one id":    func(d *wire.Draft) *wire.Exchange { x := lost(d); x.ID = "one"; return x },
		"no operation":     func(d *wire.Draft) *wire.Exchange { x := lost(d); x.Operation = nil; return x },
		"no request":       func(d *wire.Draft) *wire.Exchange { x := lost(d); x.Request = wire.Request{}; return x },
		"an empty message": func(d *wire.Draft) *wire.Exchange { return built(d, &wire.Response{}, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			// From the start, and for one negative alone.
			for _, always := range []bool{true, false} {
				b := bench{seed: 1, crashes: true, options: selects(create)}
				o, h := b.prepared(t)
				o.Peer = peerFunc(func(ctx context.Context, d *wire.Draft) *wire.Exchange {
					if always || judged(d, create, "sig-tampered") {
						return do(d)
					}
					return h.peer.Do(ctx, d)
				})
				r, err := engine.Run(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				b.holds(t, r)
				if r.Exit() == 0 {
					t.Errorf("always %v: the run conforms", always)
				}
				for _, res := range r.Results {
					if res.Probe == "sig-tampered" && res.Status == report.Pass && name != "an empty message" {
						t.Errorf("always %v: %s passes", always, res.ID)
					}
					if !always && res.Probe != "sig-tampered" && res.Status != report.Pass && res.Status != report.Skip {
						t.Errorf("%s: %s %s, and nothing is wrong there", res.ID, res.Status, res.Reason)
					}
					if strings.Contains(res.Reason, selftest.Secret) {
						t.Errorf("%s shows the secret: %s", res.ID, res.Reason)
					}
				}
			}
		})
	}
}

// A handler in process that panics, like one over the network, gives no answer.
func TestAHandlerThatPanicsIsAnErrorOfTheCases(t *testing.T) {
	for _, value := range []any{"boom", errors.New("boom"), http.ErrAbortHandler, fmt.Stringer(nil)} {
		b := bench{seed: 1}
		o, _ := b.prepared(t)
		good := o.Target.Handler
		o.Peer, o.Run = nil, []string{create}
		n := 0
		o.Target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 3 {
				panic(value)
			}
			good.ServeHTTP(w, r)
		})
		r, err := engine.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		b.holds(t, r)
		probe := ""
		for _, res := range r.Results {
			if res.Status == report.Error {
				probe = res.Probe
			}
		}
		if probe == "" {
			t.Fatalf("%v: no case is in error", value)
		}
		errorsOnly(t, r, func(res report.Result) bool { return res.Probe == probe })
	}
}

// A handler that does not come back is silent: an error after the timeout, not a hang.
func TestAHandlerThatHangsEnds(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	b := bench{seed: 1}
	o, _ := b.prepared(t)
	o.Peer, o.Run, o.Timeout = nil, []string{create}, 10*time.Millisecond
	o.Target.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.holds(t, r)
	if r.Exit() != 3 {
		t.Errorf("exit code %d, want 3", r.Exit())
	}
}

// A crash in the middle of a batch takes back no finding that was made before it.
func TestACrashTakesNoFindingBack(t *testing.T) {
	b := bench{seed: 1, crashes: true, mock: faulty(waives(catalogue.RoleGateway, cardPay, "SIG-12"))}
	b.options = func(o *engine.Options) {
		withProbe("unknown-payment", func(p *check.Probe) { p.Edit = func(*check.Scope, *wire.Draft, string) { panic("boom") } })(o)
		o.Run = []string{cardPay}
	}
	r, _ := b.run(t)
	ends(t, r, report.Fail, refused(cardPay, "sig-missing")...)
}
