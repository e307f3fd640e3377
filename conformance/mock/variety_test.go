package mock

import (
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/schema"
	"github.com/fpconform/fpconform/sig"
)

func TestEveryVariationOccursWithinTwentySeedsAndEveryAnswerStaysLawful(t *testing.T) {
	total := map[string]int{}
	for seed := range uint64(20) {
		b := newBench(t, Options{Seed: seed})
		ids := map[string]bool{}
		for _, id := range b.all() {
			for range 3 {
				a := b.ok(id)
				op := a.Operation
				if op.Auth == catalogue.AuthSig {
					for _, order := range []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical} {
						if !verifies(a, sig.Scheme{Order: order}) {
							t.Errorf("seed %d, %s: does not verify in order %s, though nothing disputed may vary\n%s", seed, id, order, a.Response.Body)
						}
						if !verifies(a, sig.Scheme{Order: order, DropEmpty: true}) {
							t.Errorf("seed %d, %s: an empty value is signed", seed, id)
						}
					}
					if salt := a.value(sig.FieldSalt); salt == "" || strings.Trim(salt, letters) != "" {
						t.Errorf("seed %d, %s: salt %q", seed, id, salt)
					}
				}
				for _, v := range schema.Check(a.Response.Fields, op.Response.Fields) {
					t.Errorf("seed %d, %s: %s\n%s", seed, id, v, a.Response.Body)
				}
				if len(a.Response.Before) > 0 || a.Response.Root != op.Response.Root {
					t.Errorf("seed %d, %s: root %q after %q", seed, id, a.Response.Root, a.Response.Before)
				}
				if op.ID == opCreate || op.ID == opCardInit {
					if n := a.value("pg_payment_id"); ids[n] {
						t.Errorf("seed %d: payment id %s is handed out twice", seed, n)
					} else {
						ids[n] = true
					}
				}
			}
		}
		whole := b.ok(opCreate, set("pg_amount", "15")).value("pg_payment_id")
		for range 5 {
			b.ok(opStatus, set("pg_payment_id", whole))
		}
		for name, n := range b.gateway.Varied() {
			total[name] += n
		}
		for name, n := range b.merchant.Varied() {
			total[name] += n
		}
	}
	if len(total) != len(Variations) {
		t.Fatalf("%d variations are counted, %d have names", len(total), len(Variations))
	}
	for _, name := range Variations {
		if total[name] == 0 {
			t.Errorf("%s did not occur in 20 seeds", name)
		}
	}
}

func TestAPlainMockVariesNothing(t *testing.T) {
	b := newBench(t, Options{Plain: true, Seed: 9})
	for _, id := range b.all() {
		b.ok(id)
	}
	for name, n := range b.gateway.Varied() {
		if n+b.merchant.Varied()[name] > 0 {
			t.Errorf("%s occurred", name)
		}
	}
}

func TestTheSameSeedAnswersTheSame(t *testing.T) {
	run := func(seed uint64) string {
		var all strings.Builder
		b := newBench(t, Options{Seed: seed})
		for _, id := range b.all() {
			all.WriteString(b.ok(id).outcome())
		}
		return all.String()
	}
	if one, two := run(7), run(7); one != two {
		t.Errorf("seed 7 twice:\n%s\n%s", one, two)
	}
	if run(7) == run(8) {
		t.Error("seeds 7 and 8 are the same")
	}
}

func TestAmountsInOtherWords(t *testing.T) {
	for _, c := range []struct{ in, short, long string }{
		{"20", "20", "20.00"}, {"20.0", "20", "20.00"}, {"20.50", "20.5", "20.50"}, {"0.01", "0.01", "0.01"}, {"0", "0", "0.00"},
		{"007", "7", "7.00"}, {"1.125", "1.125", "1.125"}, {"abc", "abc", "abc"}, {"", "", ""}, {".5", ".5", ".5"}, {"-3", "-3", "-3"},
	} {
		if got := short(c.in); got != c.short {
			t.Errorf("short(%q) is %q, want %q", c.in, got, c.short)
		}
		if got := twoDecimals(c.in); got != c.long {
			t.Errorf("twoDecimals(%q) is %q, want %q", c.in, got, c.long)
		}
	}
}
