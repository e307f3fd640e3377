package fptest

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/vectors"
)

// A clause has its text in one place, a check that can report it, a scenario that breaks it, and
// vectors that flag it. These tests hold the parts together.

func loadCatalogue(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kitsOwn is the clause about the configuration of a run. The engine reports it by itself, no peer
// breaks it, and [TestTheKitsOwnClauseIsReportedByTheEngine] has its parts.
const kitsOwn catalogue.ClauseID = "KIT-1"

// owesParts tells whether a check and a scenario are due: what must hold, can be seen, and is not
// reported as a breach of another clause.
func owesParts(c *catalogue.Clause) bool {
	return c.Level == catalogue.Must && c.Observable && c.CoveredBy == "" && c.ID != kitsOwn
}

// An intent is a probe's variant for one operation, and what it expects.
type intent struct {
	operation, probe string
	clause           catalogue.ClauseID
	expect           wire.Expect
}

// intents lists every one that any target can have: one with a value for each field that only a
// target knows.
func intents(t *testing.T, c *catalogue.Catalogue) []intent {
	t.Helper()
	credentials := selftest.Credentials()
	values := map[string]string{}
	for _, op := range c.Operations {
		for _, f := range op.Request.Fields {
			if f.Given {
				values[f.Name] = "any"
			}
		}
	}
	var all []intent
	for _, op := range c.Operations {
		if !op.Sendable() {
			continue
		}
		s := &check.Scope{Catalogue: c, Operation: op, Credentials: &credentials, Values: values, Seed: "1"}
		for i := range check.Probes {
			p := &check.Probes[i]
			for _, variant := range p.For(s) {
				in := check.Intent(s, p, variant)
				all = append(all, intent{op.ID, in.Probe, in.Clause, in.Expect})
			}
		}
	}
	if len(all) < 200 {
		t.Fatalf("%d probes of all operations, want 200 or more", len(all))
	}
	return all
}

// declared lists who says that it reports a clause.
func declared(t *testing.T, c *catalogue.Catalogue) map[catalogue.ClauseID][]string {
	t.Helper()
	by := map[catalogue.ClauseID][]string{}
	for _, k := range check.Checks {
		for _, id := range k.Clauses {
			by[id] = append(by[id], "check "+k.ID)
		}
	}
	for _, in := range intents(t, c) {
		by[in.clause] = append(by[in.clause], "probe "+in.operation+"/"+in.probe)
	}
	return by
}

// judged runs the suite against the embedded peer of one role, and returns its report.
func judged(t *testing.T, c *catalogue.Catalogue, role catalogue.Role, mo mock.Options, edit func(*engine.Options)) *report.Report {
	t.Helper()
	pair, err := selftest.NewPair(c, mo)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range pair.Options(c, mo.Seed) {
		if o.Role != role {
			continue
		}
		if edit != nil {
			edit(&o)
		}
		r, err := engine.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	t.Fatalf("no peer has the role %s", role)
	return nil
}

// roleOf is the role of the peer that a disputed clause is about.
func roleOf(id catalogue.ClauseID) catalogue.Role {
	if id.Family() == "CB" {
		return catalogue.RoleMerchant
	}
	return catalogue.RoleGateway
}

// shown lists the readings that a report says its peer lives by, as topic=reading.
func shown(r *report.Report) map[string]bool {
	out := map[string]bool{}
	for _, b := range r.Behaviour {
		if b.Shown > 0 {
			out[b.Topic+"="+b.Reading] = true
		}
	}
	return out
}

func TestEveryClauseHasItsParts(t *testing.T) {
	c := loadCatalogue(t)
	checks := declared(t, c)
	broken := map[catalogue.ClauseID][]string{}
	for _, s := range mock.Scenarios {
		broken[s.Breaks] = append(broken[s.Breaks], s.ID)
	}
	owing := 0
	for _, clause := range c.Clauses {
		if !owesParts(clause) {
			continue
		}
		owing++
		t.Run(string(clause.ID), func(t *testing.T) {
			t.Parallel()
			hasCheck, hasScenario := len(checks[clause.ID]) > 0, len(broken[clause.ID]) > 0
			if hasCheck && hasScenario {
				return
			}
			if !clause.Disputed() {
				t.Fatalf("%s: a check declares it: %t; a scenario breaks it: %t", clause.Text, hasCheck, hasScenario)
			}
			// Nobody can break a clause whose readings say all that can be done. Then its check is the one
			// that names the reading, and its scenario is a mock that lives by it.
			if !hasScenario && mock.ByReading[clause.ID] == "" {
				t.Errorf("no scenario breaks it, and package mock has no reason why")
			}
			for _, reading := range clause.Readings {
				mo := selftest.MockOptions(5)
				mo.Readings = map[string]string{clause.Topic: reading.Name}
				r := judged(t, c, roleOf(clause.ID), mo, nil)
				if want := clause.Topic + "=" + reading.Name; !shown(r)[want] {
					t.Errorf("no check shows that the mock lives by %s", want)
				}
			}
		})
	}
	if owing < 60 {
		t.Errorf("%d clauses owe a check and a scenario, want 60 or more", owing)
	}
	for id := range mock.ByReading {
		if clause, ok := c.Clause(id); !ok || id != kitsOwn && !owesParts(clause) {
			t.Errorf("package mock gives a reason to have no scenario for %s, which owes none", id)
		}
	}
}

func TestTheKitsOwnClauseIsReportedByTheEngine(t *testing.T) {
	c := loadCatalogue(t)
	r := judged(t, c, catalogue.RoleMerchant, selftest.MockOptions(1), func(o *engine.Options) {
		o.Run = []string{"callback.check/valid"}
		o.Known = map[string]string{
			"callback.check/valid/msg.parses":  "it passes",
			"callback.check/no-such-probe/any": "it is none",
		}
	})
	got := 0
	for _, res := range r.Results {
		for _, f := range res.Findings {
			if f.Clause != string(kitsOwn) || !slices.Contains(res.Clauses, f.Clause) || f.Text == "" {
				t.Errorf("%s: %+v, want one about %s that it declares", res.ID, f, kitsOwn)
			}
			got++
		}
	}
	if got != 2 || r.Exit() != 1 {
		t.Errorf("%d findings and exit code %d, want 2 and 1", got, r.Exit())
	}
}

func TestEveryClauseThatIsNamedStandsInTheCatalogue(t *testing.T) {
	c := loadCatalogue(t)
	named := 0
	name := func(who string, id catalogue.ClauseID) *catalogue.Clause {
		named++
		clause, ok := c.Clause(id)
		if !ok {
			t.Errorf("%s names %q, which is no clause", who, id)
			return nil
		}
		return clause
	}
	for id, who := range declared(t, c) {
		if clause := name(who[0], id); clause != nil && (!clause.Observable || clause.CoveredBy != "") {
			t.Errorf("%s declares %s, which nobody can see or which is reported as another", who[0], id)
		}
	}
	for _, k := range check.Checks {
		if len(k.Clauses) == 0 && !k.Intent {
			t.Errorf("the check %s declares no clause", k.ID)
		}
	}
	for _, s := range mock.Scenarios {
		for _, id := range append([]catalogue.ClauseID{s.Breaks}, s.Follows...) {
			if clause := name("scenario "+s.ID, id); clause != nil && (!clause.Observable || clause.CoveredBy != "") {
				t.Errorf("scenario %s names %s, which nobody can see or which is reported as another", s.ID, id)
			}
		}
	}
	for id := range mock.ByReading {
		name("mock.ByReading", id)
	}
	notes := 0
	for where, note := range allNotes(t) {
		notes++
		name("note "+where, catalogue.ClauseID(note.Clause))
	}
	if named < 250 || notes < 40 {
		t.Errorf("%d names of clauses, %d of them in notes; want 250 and 40 or more", named, notes)
	}
}

// allNotes are the notes of every file of vectors, by file and flag.
func allNotes(t *testing.T) map[string]vectors.Note {
	t.Helper()
	all := map[string]vectors.Note{}
	sigs, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range sigs {
		addNotes(all, f)
	}
	tokens, err := vectors.LoadJWS()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tokens {
		addNotes(all, f)
	}
	scripts, err := vectors.LoadScripts()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range scripts {
		addNotes(all, f)
	}
	return all
}

func addNotes[T any](all map[string]vectors.Note, f vectors.File[T]) {
	for flag, note := range f.Notes {
		all[f.Path+" "+flag] = note
	}
}

// Every fault is run against the operations that show it, and each finding must name a clause that
// its check or its probe declares: else a report tells one thing and the list of clauses another.
func TestFindingsNameOnlyClausesThatTheirCheckDeclares(t *testing.T) {
	if raceEnabled {
		t.Skip("package selftest judges scenarios under the race detector already")
	}
	c := loadCatalogue(t)
	var mu sync.Mutex
	reported := map[string]map[string]bool{} // check -> clauses
	t.Run("under every scenario", func(t *testing.T) {
		for i := range mock.Scenarios {
			s := &mock.Scenarios[i]
			t.Run(s.ID, func(t *testing.T) {
				t.Parallel()
				mo := selftest.MockOptions(1)
				mo.Scenario = s
				r := judged(t, c, s.Role, mo, func(o *engine.Options) {
					if s.Role == catalogue.RoleGateway {
						o.Run = s.Operations // a merchant has two, and one shows that the key is right
					}
				})
				findings := 0
				for _, res := range r.Results {
					for _, f := range res.Findings {
						findings++
						if !slices.Contains(res.Clauses, f.Clause) {
							t.Errorf("%s names %s, and declares %v", res.ID, f.Clause, res.Clauses)
						}
						if clause, ok := c.Clause(catalogue.ClauseID(f.Clause)); !ok || f.Text != clause.Text {
							t.Errorf("%s: the finding about %s has the sentence %q", res.ID, f.Clause, f.Text)
						}
						mu.Lock()
						if reported[res.Check] == nil {
							reported[res.Check] = map[string]bool{}
						}
						reported[res.Check][f.Clause] = true
						mu.Unlock()
					}
				}
				if findings == 0 {
					t.Error("nothing is found")
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	// The other way about: what is declared is reported when it is broken.
	for _, k := range check.Checks {
		for _, id := range k.Clauses {
			clause, ok := c.Clause(id)
			if !ok || clause.Disputed() || reported[k.ID][string(id)] {
				continue
			}
			t.Errorf("the check %s declares %s and reports it under no scenario, but %s", k.ID, id,
				strings.Join(slices.Sorted(maps.Keys(reported[k.ID])), " "))
		}
	}
}
