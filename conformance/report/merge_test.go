package report

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// role is a sealed part: the gateway's or the merchant's.
func role(name string) *Report {
	r := base()
	operation := "merchant.purchase.create"
	if name == "merchant" {
		operation = "callback.check"
	}
	r.Target = map[string]string{name: "http://127.0.0.1/" + name}
	x := exchange(operation, "valid")
	r.Exchanges = []Exchange{x}
	r.Results = []Result{of(result(operation, "valid", "message.parses", Pass, ""), x.ID)}
	r.Seal()
	return r
}

func TestMerge(t *testing.T) {
	t.Run("makes one report of both roles", func(t *testing.T) {
		a, b := role("gateway"), role("merchant")
		b.Started, b.Took = a.Started.Add(time.Second), 5*time.Second
		a.Behaviour = []Behaviour{{Clause: "SIG-9", Topic: "field-order", Reading: "alphabetical", Shown: 2}}
		b.Behaviour = []Behaviour{{Clause: "SIG-9", Topic: "field-order", Reading: "alphabetical", Shown: 3}, {Clause: "SIG-9", Topic: "field-order", Reading: "reference", First: true, Shown: 1}}
		a.Notes, b.Notes = []string{"one"}, []string{"two", "one"}
		a.LeftOut = map[string]string{"callback.check": "not in this shard", "x": "no path"}
		b.LeftOut = map[string]string{"x": "no path", "y": "no key"}
		b.Partial, b.Ended = true, EndedMaxTime
		b.Seal()
		before := []*Report{a, b}
		wantA, wantB := *a, *b
		got, err := Merge(before...)
		if err != nil {
			t.Fatal(err)
		}
		want := base()
		want.Target = map[string]string{"gateway": "http://127.0.0.1/gateway", "merchant": "http://127.0.0.1/merchant"}
		want.Took = 6 * time.Second
		want.Results = append(append([]Result{}, b.Results...), a.Results...)
		want.Exchanges = append(append([]Exchange{}, b.Exchanges...), a.Exchanges...)
		want.Behaviour = []Behaviour{{Clause: "SIG-9", Topic: "field-order", Reading: "alphabetical", Shown: 5}, b.Behaviour[1]}
		want.Notes = []string{"one", "two"}
		want.LeftOut = map[string]string{"x": "no path", "y": "no key"}
		want.Partial, want.Ended = true, EndedMaxTime
		want.Seal()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", got, want)
		}
		if err := got.Validate(); err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(*a, wantA) || !reflect.DeepEqual(*b, wantB) {
			t.Error("it changed its parts")
		}
	})
	t.Run("keeps the failure of either part", func(t *testing.T) {
		for i := range 2 {
			parts := []*Report{role("gateway"), role("merchant")}
			parts[i].Results[0].Status = Fail
			parts[i].Results[0].Findings = []Finding{{Clause: "SIG-2"}}
			parts[i].Seal()
			got, err := Merge(parts...)
			if err != nil || got.Exit() != 1 || got.Counts[Fail] != 1 {
				t.Errorf("part %d: got %+v, %v; want exit 1", i+1, got, err)
			}
		}
	})
	t.Run("of one part is that part", func(t *testing.T) {
		got, err := Merge(role("gateway"))
		if err != nil || !reflect.DeepEqual(got, role("gateway")) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	for name, c := range map[string]struct {
		change func(b *Report)
		want   string
	}{
		"another schema":         {func(b *Report) { b.Schema = "fpconform/report/2" }, `report: merge: part 2: report: schema "fpconform/report/2", want "fpconform/report/1"`},
		"another catalogue":      {func(b *Report) { b.Catalogue = "sha256:other" }, `report: merge: part 2: catalogue "sha256:other", part 1 has "sha256:5f0c"`},
		"another version":        {func(b *Report) { b.Tool.Version = "0.2.0" }, `report: merge: part 2: tool "fpconform" "0.2.0", part 1 has "fpconform" "0.1.0"`},
		"another tool":           {func(b *Report) { b.Tool.Name = "x" }, `report: merge: part 2: tool "x" "0.1.0", part 1 has "fpconform" "0.1.0"`},
		"another seed":           {func(b *Report) { b.Seed = 7 }, `report: merge: part 2: seed 7, part 1 has 18446744073709551615`},
		"a role with two places": {func(b *Report) { b.Target["gateway"] = "http://other" }, `report: merge: part 2: target of "gateway" is "http://other", an earlier part has "http://127.0.0.1/gateway"`},
		"a result twice": {func(b *Report) {
			b.Results[0].ID = create + "/valid/message.parses"
		}, `report: merge: part 2: result "merchant.purchase.create/valid/message.parses" is in part 1 too`},
		"an exchange twice": {func(b *Report) {
			b.Exchanges[0].ID, b.Results[0].Exchange = create+"/valid", create+"/valid"
		}, `report: merge: part 2: exchange "merchant.purchase.create/valid" is in part 1 too`},
		"a part that is not sealed":  {func(b *Report) { b.Verdict = "" }, `report: merge: part 2: report: verdict "", but from its results follows "conforms"`},
		"a part with a lost verdict": {func(b *Report) { b.Results[0].Status = Error }, `report: merge: part 2: report: result "callback.check/valid/message.parses": status error without a reason`},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			b := role("merchant")
			c.change(b)
			if _, err := Merge(role("gateway"), b); err == nil || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("refuses no part, and a part that is not there", func(t *testing.T) {
		if _, err := Merge(); err == nil || err.Error() != "report: merge: no parts" {
			t.Errorf("got %v", err)
		}
		if _, err := Merge(role("gateway"), nil); err == nil || !strings.HasPrefix(err.Error(), "report: merge: part 2: ") {
			t.Errorf("got %v", err)
		}
	})
}
