package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
)

// The plan tells beforehand how many requests of each effect, and how many orders, a peer sees that
// answers as it should; and preparing it sends nothing.
func TestThePlanIsWhatIsSent(t *testing.T) {
	gateway, shop := catalogue.RoleGateway, catalogue.RoleMerchant
	none := func(*engine.Options) {}
	given := func(o *engine.Options) {
		o.Target.Values["payment_id"], o.Target.Values["id"] = "77777001", "77777001"
	}
	for _, tt := range []struct {
		name string
		role catalogue.Role
		edit func(*engine.Options)
		mock func(*mock.Options)
	}{
		{"everything", gateway, none, nil},
		{"everything", shop, none, nil},
		{"ids of the partner's reads", gateway, given, func(o *mock.Options) { o.IDs = []string{"77777001"} }},
		{"one operation", gateway, selects(create), nil},
		{"one operation that needs another", gateway, selects(status), nil},
		{"one operation that uses another up", gateway, selects(cardPay), nil},
		{"invoice pay", gateway, selects(billPay), nil},
		{"one negative", gateway, selects(cardPay + "/sig-missing"), nil},
		{"one check of one negative", gateway, selects(create + "/sig-missing/req.refused"), nil},
		{"a follow-up", gateway, selects(create + "/same-key"), nil},
		{"a second pay", gateway, selects(cardPay + "/second-pay"), nil},
		{"a variant with a state of its own", gateway, selects(cardPay + "/extra-field"), nil},
		{"a paid payment's status", gateway, selects(status + "/after-pay"), nil},
		{"two partner reads", gateway, selects("invoice.partner.*"), nil},
		{"everything but", gateway, func(o *engine.Options) { o.Skip = []string{"merchant.**", "**/odd:*"} }, nil},
		{"reads and creates", gateway, func(o *engine.Options) { o.Target.Allow = []catalogue.Effect{toRead, toCreate} }, nil},
		{"one callback", shop, selects(checkCB), nil},
		{"one callback", shop, selects(resultCB), nil},
		{"a failed result", shop, selects(resultCB + "/failed"), nil},
		{"an unknown order", shop, selects(checkCB + "/unknown-order"), nil},
		{"a repeated result", shop, selects(resultCB + "/repeated"), nil},
		{"reads", shop, func(o *engine.Options) { o.Target.Allow = []catalogue.Effect{toRead} }, nil},
		{"any order", shop, func(o *engine.Options) { o.Target.Orders, o.Target.AnyOrder = nil, true }, takesAny(nil)},
		{"any order, to be found", shop, func(o *engine.Options) { o.Target.Orders = nil }, takesAny(nil)},
		{"any order, to be found, results alone", shop, func(o *engine.Options) { o.Target.Orders = nil; o.Run = []string{resultCB} }, takesAny(nil)},
	} {
		t.Run(fmt.Sprint(tt.role, " ", tt.name), func(t *testing.T) {
			b := bench{role: tt.role, seed: 1, options: tt.edit, mock: tt.mock}
			o, h := b.prepared(t)
			plan, err := engine.Prepare(o)
			if err != nil {
				t.Fatal(err)
			}
			if len(h.sent) > 0 {
				t.Fatalf("Prepare sent %d requests", len(h.sent))
			}
			r, err := engine.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			b.holds(t, r)
			if r.Exit() != 0 {
				t.Fatalf("exit code %d: this compares nothing", r.Exit())
			}
			got, orders := map[catalogue.Effect]int{}, map[string]bool{}
			for _, s := range h.sent {
				got[s.effect]++
				if order := s.field("pg_order_id"); tt.role == shop && s.probe != "unknown-order" && !strings.Contains(s.probe, "pg_order_id") && !s.setup {
					orders[order] = true
				}
			}
			want := maps.Clone(plan.Requests)
			maps.DeleteFunc(want, func(_ catalogue.Effect, n int) bool { return n == 0 })
			if !maps.Equal(want, got) {
				t.Errorf("the plan says %v, sent were %v", want, got)
			}
			if plan.Total() != len(h.sent) {
				t.Errorf("the plan's total is %d, sent were %d", plan.Total(), len(h.sent))
			}
			if tt.role == shop && plan.Orders != len(orders) {
				t.Errorf("the plan says %d orders, used were %d", plan.Orders, len(orders))
			}
			// Every case of the plan has one result, and there is no other.
			cases := map[string]int{}
			for _, s := range plan.Specs {
				for _, c := range s.Cases {
					cases[c.ID]++
				}
			}
			for _, res := range plan.LeftOut {
				cases[res.ID]++
			}
			for _, res := range r.Results {
				cases[res.ID]--
			}
			for id, n := range cases {
				if n != 0 {
					t.Errorf("%s: planned less reported is %d", id, n)
				}
			}
		})
	}
}

// Labels tell drivers what a spec is about.
func TestASpecHasItsLabels(t *testing.T) {
	b := bench{}
	o, _ := b.prepared(t)
	plan, err := engine.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Specs {
		op, _, _ := strings.Cut(s.ID, "/")
		var effects int
		for _, l := range s.Labels {
			if strings.HasPrefix(l, "effect:") {
				effects++
			}
		}
		if s.Labels[0] != "api:"+string(s.API) || s.Labels[1] != "op:"+op || effects != 1 || s.Title == "" || len(s.Cases) == 0 {
			t.Errorf("%s: labels %q, title %q, %d cases", s.ID, s.Labels, s.Title, len(s.Cases))
		}
	}
	if n := 0; len(plan.Specs) < 100 {
		t.Errorf("%d specs (%d)", len(plan.Specs), n)
	}
	cases := 0
	for _, s := range plan.Specs {
		cases += len(s.Cases)
	}
	if len(plan.Specs)*5 > cases {
		t.Errorf("%d specs for %d cases: specs are to stay a fraction of the cases", len(plan.Specs), cases)
	}
}

// selected lists the cases that are judged, and what is sent.
func selected(t *testing.T, role catalogue.Role, run, skip []string) (cases []string, sent []string, r *report.Report) {
	t.Helper()
	b := bench{role: role, seed: 1, options: func(o *engine.Options) { o.Run, o.Skip = run, skip }}
	r, all := b.run(t)
	for _, res := range r.Results {
		cases = append(cases, res.ID)
	}
	for _, s := range all {
		if !s.setup {
			sent = append(sent, s.operation+"/"+s.probe)
		}
	}
	return cases, sent, r
}

func TestASelectedProbeBringsWhatItIsJudgedBeside(t *testing.T) {
	for _, tt := range []struct {
		run  string
		sent []string
	}{
		{create + "/valid", []string{create + "/valid"}},
		{create + "/sig-missing", []string{create + "/valid", create + "/sig-missing"}},
		{create + "/sig-missing/err.code-fits", []string{create + "/valid", create + "/sig-missing"}},
		{create + "/same-key", []string{create + "/valid", create + "/optional:pg_idempotency_key", create + "/same-key"}},
		{create + "/repeated-order", []string{create + "/valid", create + "/repeated-order"}},
		{cardPay + "/second-pay", []string{cardPay + "/valid", cardPay + "/second-pay"}},
		{cardPay + "/sig-tampered", []string{cardPay + "/sig-tampered", cardPay + "/valid"}},
		{status + "/after-pay", []string{status + "/valid", status + "/after-pay"}},
	} {
		cases, sent, r := selected(t, catalogue.RoleGateway, []string{tt.run}, nil)
		if !reflect.DeepEqual(sent, tt.sent) {
			t.Errorf("--run %s sends %q, want %q", tt.run, sent, tt.sent)
		}
		for _, id := range cases {
			under := false
			for _, probe := range tt.sent {
				under = under || strings.HasPrefix(id, probe+"/")
			}
			if !under {
				t.Errorf("--run %s judges %s", tt.run, id)
			}
		}
		if strings.Count(tt.run, "/") == 2 {
			n := 0
			for _, id := range cases {
				if strings.HasPrefix(id, strings.Join(strings.Split(tt.run, "/")[:2], "/")+"/") {
					n++
				}
			}
			if n != 1 {
				t.Errorf("--run %s judges %d cases of its probe, want one", tt.run, n)
			}
		}
		if !r.Partial || r.Exit() != 0 {
			t.Errorf("--run %s: partial %v, exit code %d", tt.run, r.Partial, r.Exit())
		}
	}
}

// What is not sent says so: operations that are not selected, and those of which only the name is known.
func TestTheReportNamesWhatWasLeftOut(t *testing.T) {
	_, _, r := selected(t, catalogue.RoleGateway, nil, nil)
	if r.Partial {
		t.Error("a whole run is called partial")
	}
	if why := r.LeftOut["invoice.merchant.info"]; !strings.Contains(why, "name") || len(r.LeftOut) != 2 {
		t.Errorf("left out %v, want the two that are known by name only", r.LeftOut)
	}
	_, _, r = selected(t, catalogue.RoleGateway, []string{create}, nil)
	if r.LeftOut[cardPay] != "not selected" || !r.Partial {
		t.Errorf("left out %v, partial %v", r.LeftOut, r.Partial)
	}
	_, _, r = selected(t, catalogue.RoleGateway, nil, []string{create + "/odd:plus"})
	if !r.Partial {
		t.Error("a run without one probe is not called partial")
	}
	b := bench{seed: 1, options: func(o *engine.Options) { o.Target.Allow = []catalogue.Effect{toCreate} }}
	r, _ = b.run(t)
	if !r.Partial || !strings.Contains(r.LeftOut[cardPay], "not allowed") {
		t.Errorf("left out %v, partial %v; want card pay, since it is not allowed", r.LeftOut, r.Partial)
	}
}

// A pattern that matches nothing is an error that names it, before anything is sent; so is a selection
// that leaves nothing.
func TestAPatternThatMatchesNothingIsAnError(t *testing.T) {
	for _, tt := range []struct {
		run, skip []string
		names     []string
	}{
		{[]string{"merchant.card.pya"}, nil, []string{"--run merchant.card.pya"}},
		{[]string{create, "nobody/*", "**/req.refuse"}, nil, []string{"--run nobody/*", "--run **/req.refuse"}},
		{nil, []string{"nothing.*"}, []string{"--skip nothing.*"}},
		{[]string{create + "/sig-missing/nothing"}, []string{"x"}, []string{"--run " + create + "/sig-missing/nothing", "--skip x"}},
	} {
		b := bench{}
		o, h := b.prepared(t)
		o.Run, o.Skip = tt.run, tt.skip
		_, err := engine.Prepare(o)
		var unmatched *engine.UnmatchedError
		if !errors.As(err, &unmatched) || !reflect.DeepEqual(unmatched.Patterns, tt.names) {
			t.Errorf("run %q, skip %q: %v, want an error that names %q", tt.run, tt.skip, err, tt.names)
		}
		for _, name := range tt.names {
			if err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%v does not name %s", err, name)
			}
		}
		if len(h.sent) > 0 {
			t.Error("something was sent")
		}
	}
}

func TestASelectionThatLeavesNothingIsAnErrorAndNothingIsSent(t *testing.T) {
	for _, tt := range []struct{ run, skip []string }{
		{nil, []string{"**"}},
		{nil, []string{"merchant.*", "invoice.*"}},
		{[]string{create}, []string{create}},
		{[]string{"callback.*"}, nil}, // of the other role
	} {
		b := bench{}
		o, h := b.prepared(t)
		o.Run, o.Skip = tt.run, tt.skip
		if _, err := engine.Run(t.Context(), o); !errors.Is(err, engine.ErrNothing) {
			t.Errorf("run %q, skip %q: %v, want ErrNothing", tt.run, tt.skip, err)
		}
		if len(h.sent) > 0 {
			t.Error("something was sent")
		}
	}
}

// What may not be sent can be selected: that is a skip, and no mistake.
func TestASelectionOfWhatMayNotBeSentIsSkipped(t *testing.T) {
	b := bench{seed: 1, options: func(o *engine.Options) { o.Run = []string{cardPay}; o.Target.Allow = []catalogue.Effect{toRead} }}
	r, all := b.run(t)
	if len(all) != 0 || r.Counts[report.Skip] != len(r.Results) || r.Exit() != 3 {
		t.Errorf("%d requests, counts %v, exit code %d", len(all), r.Counts, r.Exit())
	}
}

func TestAValueThatNoOperationHasIsAnError(t *testing.T) {
	b := bench{}
	o, h := b.prepared(t)
	o.Target.Values["pg_cardtoken"] = "x"
	if _, err := engine.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "pg_cardtoken") {
		t.Errorf("%v, want an error that names the value", err)
	}
	if len(h.sent) > 0 {
		t.Error("something was sent")
	}
}

func TestWithoutATargetNothingCanBePrepared(t *testing.T) {
	if _, err := engine.Prepare(engine.Options{Role: catalogue.RoleGateway}); err == nil {
		t.Error("a plan without a target")
	}
}

// Specs may run from any goroutine, in any order, each as often as one likes: what an operation needs is
// sent once, and the results are the same.
func TestSpecsRunFromAnyGoroutine(t *testing.T) {
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		b := bench{role: role, seed: 1}
		o, h := b.prepared(t)
		plan, err := engine.Prepare(o)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		var results []report.Result
		wait := plan.Start(t.Context())
		for i := range plan.Specs {
			s := plan.Specs[len(plan.Specs)-1-i]
			wg.Add(1)
			go func() {
				defer wg.Done()
				s.Run(t.Context())
				got := s.Run(t.Context())
				if len(got) != len(s.Cases) {
					t.Errorf("%s: %d results for %d cases", s.ID, len(got), len(s.Cases))
				}
				mu.Lock()
				defer mu.Unlock()
				results = append(results, got...)
			}()
		}
		wg.Wait()
		wait()
		r := plan.Report(results)
		b.holds(t, r)
		if r.Exit() != 0 {
			t.Errorf("%s: exit code %d, want 0", role, r.Exit())
		}
		if plan.Total() != len(h.sent) {
			t.Errorf("%s: %d requests were sent, planned were %d", role, len(h.sent), plan.Total())
		}
	}
}

// A plan of which a driver runs a part reports the rest as left out, and sends nothing for it.
func TestWhatADriverLeavesOutIsSkipped(t *testing.T) {
	b := bench{seed: 1}
	o, h := b.prepared(t)
	plan, err := engine.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	var results []report.Result
	for _, s := range plan.Specs {
		if strings.HasPrefix(s.ID, create+"/") {
			results = append(results, s.Run(t.Context())...)
		}
	}
	r := plan.Report(results)
	b.holds(t, r)
	for _, res := range r.Results {
		if res.Operation != create && (res.Status != report.Skip || !strings.Contains(res.Reason, "filter")) {
			t.Fatalf("%s: %s %s", res.ID, res.Status, res.Reason)
		}
	}
	for _, s := range h.sent {
		if s.operation != create {
			t.Errorf("%s was sent", s.id)
		}
	}
	if !r.Partial {
		t.Error("the report is not called partial")
	}
}
