package mock

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/sig"
)

func TestScenariosAreWellFormed(t *testing.T) {
	c := load(t)
	if len(Scenarios) < 30 {
		t.Fatalf("only %d scenarios", len(Scenarios))
	}
	seen := map[string]bool{}
	for i := range Scenarios {
		s := &Scenarios[i]
		if seen[s.ID] {
			t.Errorf("%s stands twice", s.ID)
		}
		seen[s.ID] = true
		if got, ok := ScenarioNamed(s.ID); !ok || got != s {
			t.Errorf("%s is not found by its name", s.ID)
		}
		if s.ID != strings.ToLower(s.ID) || strings.ContainsAny(s.ID, " _.") || s.Title == "" {
			t.Errorf("%q, %q: an id in kebab case and a title are due", s.ID, s.Title)
		}
		clause, ok := c.Clause(s.Breaks)
		switch {
		case !ok:
			t.Errorf("%s breaks %q, which is no clause", s.ID, s.Breaks)
		case !clause.Observable:
			t.Errorf("%s breaks %s, which nobody can see", s.ID, s.Breaks)
		case clause.CoveredBy != "":
			t.Errorf("%s breaks %s, which is reported as %s", s.ID, s.Breaks, clause.CoveredBy)
		}
		for _, id := range s.Follows {
			if _, ok := c.Clause(id); !ok || id == s.Breaks {
				t.Errorf("%s: %q follows and is no other clause", s.ID, id)
			}
		}
		if len(s.Operations) == 0 {
			t.Errorf("%s shows nowhere", s.ID)
		}
		for _, id := range s.Operations {
			if op, ok := c.Operation(id); !ok || op.Role() != s.Role {
				t.Errorf("%s: %q is no operation of its role", s.ID, id)
			}
		}
		if err := CheckReadings(c, s.Readings); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
	}
}

func TestEveryClauseThatCanBeSeenHasAScenario(t *testing.T) {
	broken := map[catalogue.ClauseID]bool{}
	for _, s := range Scenarios {
		broken[s.Breaks] = true
	}
	seen := 0
	for _, clause := range load(t).Clauses {
		if clause.Level != catalogue.Must || !clause.Observable || clause.CoveredBy != "" {
			continue
		}
		seen++
		_, excused := ByReading[clause.ID]
		switch {
		case broken[clause.ID] == excused:
			t.Errorf("%s: a scenario %v, a reason to have none %v", clause.ID, broken[clause.ID], excused)
		case excused && !clause.Disputed() && clause.ID != "KIT-1":
			t.Errorf("%s has no readings and no scenario", clause.ID)
		}
	}
	if seen < 50 {
		t.Fatalf("only %d clauses", seen)
	}
}

func TestThereAreEnoughScenariosOfEachKind(t *testing.T) {
	count := map[string]int{}
	for _, s := range Scenarios {
		family := s.Breaks.Family()
		switch {
		case s.Role == catalogue.RoleMerchant:
			count["merchant"]++
		case s.Edit != nil && family == "SIG", s.After != nil && family == "SIG":
			count["signing"]++
		case s.Waives != nil && slices.Contains([]string{"SIG", "JWS", "REQ"}, family):
			count["accepting"]++
		case family == "MSG":
			count["shape"]++
		case slices.Contains([]string{"PAY", "CARD", "INV"}, family):
			count["state"]++
		}
	}
	for kind, least := range map[string]int{"signing": 10, "accepting": 6, "shape": 4, "state": 2, "merchant": 3} {
		if count[kind] < least {
			t.Errorf("%s: %d scenarios, want %d", kind, count[kind], least)
		}
	}
}

// An outcome is all that a caller can see of an answer.
func (a answer) outcome() string {
	var b bytes.Buffer
	fmt.Fprintln(&b, a.Response.Status)
	a.Response.Header.Write(&b) // a bytes.Buffer takes everything
	b.Write(a.Response.Body)
	return b.String()
}

// needs are the operations whose answers valid takes something from.
var needs = map[string]string{opStatus: opCreate, opCardPay: opCardInit, opInvoicePay: opInvoiceInit, opPartnerGet: opCreate, opPartnerPost: opCreate}

func TestEveryScenarioShowsWhereItSaysAndNowhereElse(t *testing.T) {
	list := requests(newBench(t, Options{}))
	clean := make([]string, len(list))
	for i, r := range list {
		b := plain(&bench{TB: t}, Options{})
		clean[i] = b.do(r.draft(b)).outcome()
	}
	// The same again without a fault: what differs then would prove nothing.
	for i, r := range list {
		b := plain(&bench{TB: t}, Options{})
		if got := b.do(r.draft(b)).outcome(); got != clean[i] {
			t.Fatalf("%s/%s is not answered the same twice:\n%s\n%s", r.op, r.name, clean[i], got)
		}
	}
	for i := range Scenarios {
		s := &Scenarios[i]
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			shows := map[string]int{}
			for i, r := range list {
				touched := slices.Contains(s.Operations, r.op)
				if !touched && (slices.Contains(s.Operations, r.needs) || r.name != "valid" && r.name != "unsigned" && r.name != "no token") {
					continue // its request is made of a faulty answer; or enough is sent to that operation
				}
				b := plain(&bench{TB: t}, Options{Scenario: s})
				a := b.do(r.draft(b))
				if a.outcome() != clean[i] {
					if !touched {
						t.Errorf("%s/%s differs:\n%s\n%s", r.op, r.name, clean[i], a.outcome())
					}
					shows[r.op]++
				}
			}
			for _, op := range s.Operations {
				if shows[op] == 0 {
					t.Errorf("nothing shows at %s", op)
				}
			}
		})
	}
}

// TestAScenarioHasNoSecondFault looks at accepted answers by means of its own, and not of the checks:
// the signature, the fields against the catalogue, the form. Whatever is wrong must be declared.
func TestAScenarioHasNoSecondFault(t *testing.T) {
	for i := range Scenarios {
		s := &Scenarios[i]
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			declared := func(ids ...catalogue.ClauseID) bool {
				for _, id := range ids {
					if s.Breaks == id || slices.Contains(s.Follows, id) {
						return true
					}
				}
				return false
			}
			broke := false
			for seed := range uint64(12) {
				b := newBench(t, Options{Scenario: s, Seed: seed, Plain: seed == 0})
				for _, id := range s.Operations {
					d := b.valid(id)
					before := len(b.findings(id))
					a := b.do(d)
					if len(b.findings(id)) > before {
						continue // a refusal, which the scenario says that it is
					}
					r, op := a.Response, a.Operation
					report := func(message string, ids ...catalogue.ClauseID) {
						if !declared(ids...) {
							t.Errorf("seed %d, %s: %s, of %v, and only %s and %v are declared\n%s", seed, id, message, ids, s.Breaks, s.Follows, r.Body)
						}
						broke = broke || slices.Contains(ids, s.Breaks)
					}
					if r.Bad != nil || len(r.Before) > 0 {
						report("not to be read", "MSG-1", "PRT-10")
					}
					if r.Bad != nil {
						continue
					}
					if r.Root != op.Response.Root {
						report("the root is "+r.Root, "MSG-2")
					}
					if r.Status != http.StatusOK {
						report("the status is not 200", "MSG-7")
					}
					if typ := r.Header.Get("Content-Type"); strings.Contains(typ, "html") {
						report("type "+typ, "MSG-3")
					}
					if op.Auth == catalogue.AuthSig {
						if err := sig.Verify(a.Request.Script, r.Fields, key); err != nil {
							report(err.Error(), "SIG-7")
						} else if declared("SIG-7") && a.accepted() && s.Breaks != "SIG-9" && s.Breaks != "SIG-21" {
							t.Errorf("seed %d, %s: the answer verifies", seed, id)
						}
						if _, n := r.Fields.Get(sig.FieldSalt); n != 1 {
							report("no salt", "SIG-10")
						}
					}
					for _, v := range schema.Check(r.Fields, op.Response.Fields) {
						if v.Rule == schema.RuleMissing {
							report(v.String(), "MSG-5")
						} else {
							report(v.String(), "MSG-6")
						}
					}
				}
			}
			if s.Breaks == "SIG-7" && !broke {
				t.Error("every answer verifies")
			}
		})
	}
}
