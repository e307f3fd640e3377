package sig_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// agree compares everything that the package says about one message with the naive version.
func agree(t *testing.T, s sig.Scheme, script string, m sig.Message, secret string) {
	t.Helper()
	want := naiveString(s, script, m, secret)
	if got := canonical(t, s, script, m, secret); got != want {
		t.Fatalf("%v, drop empty %v: Explain of %q is\n%q, naively\n%q", s.Order, s.DropEmpty, m, got, want)
	}
	if got, want := s.Sum(script, m, sig.NewKey(secret)).String(), naiveSum(s, script, m, secret); got != want {
		t.Fatalf("%v, drop empty %v: Sum of %q is %s, naively %s", s.Order, s.DropEmpty, m, got, want)
	}
	var fields []*sig.Field
	for f := range s.Order.Fields(m) {
		fields = append(fields, f)
	}
	n := 0
	before := ""
	byPath := map[*sig.Field]string{}
	for path, f := range m.All() {
		byPath[f] = path.String()
	}
	for part := range s.Order.Parts(m) {
		if n >= len(fields) || part.Field != fields[n] {
			t.Fatalf("%v: part %d of %q is not the field that Fields yields", s.Order, n, m)
		}
		if byPath[part.Field] != part.Path.String() {
			t.Fatalf("%v: part %d of %q has path %v, All says %v", s.Order, n, m, part.Path, byPath[part.Field])
		}
		if s.Order != sig.Alphabetical && part.SortName < before {
			t.Fatalf("%v: %q stands after %q in %q", s.Order, part.SortName, before, m)
		}
		before = part.SortName
		n++
	}
	if n != len(fields) {
		t.Fatalf("%v: %d parts and %d fields of %q", s.Order, n, len(fields), m)
	}
}

func FuzzSum(f *testing.F) {
	for _, seed := range seeds(f) {
		for o := range orders {
			f.Add(seed, uint8(o), false, "init_payment.php", "s3cret")
			f.Add(seed, uint8(o), true, "", "")
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, order uint8, dropEmpty bool, script, secret string) {
		agree(t, sig.Scheme{Order: orders[order%3], DropEmpty: dropEmpty}, script, decode(data), secret)
	})
}

func TestSeedsSurviveTheirEncoding(t *testing.T) {
	for _, s := range samples(t) {
		if got := decode(encode(nil, s.Message)); !reflect.DeepEqual(got, sig.Message(s.Message)) {
			t.Errorf("%s: %q became %q", s.Why, s.Message, got)
		}
	}
}

// TestRandomMessagesAgreeWithTheNaiveString is the fuzz property over messages that nest,
// repeat and collide on purpose, so that it is tried hard in every run of the tests.
func TestRandomMessagesAgreeWithTheNaiveString(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, seed))
	names := []string{"", "a", "a0", "a00", "a001", "a001b", "a1", "b", "0", "1", "10", "-1", "01", "pg_sig", "pg_salt", "pg_a", "pg_a0", "pg_param1", "pg_param10"}
	budget := 0 // fields that the message may still get
	var build func(depth int) []sig.Field
	build = func(depth int) []sig.Field {
		fields := []sig.Field{}
		n := r.IntN(6)
		if r.IntN(12) == 0 {
			n = r.IntN(90) // beyond what is sorted by insertion
		}
		for range n {
			if budget--; budget < 0 {
				break
			}
			name := names[r.IntN(len(names))]
			switch k := r.IntN(10); {
			case k < 3 && depth < 12:
				fields = append(fields, sig.Branch(name, build(depth+1)...))
			case k == 3:
				fields = append(fields, sig.Leaf(name, ""))
			default:
				fields = append(fields, sig.Leaf(name, fmt.Sprint(r.IntN(1000))))
			}
		}
		return fields
	}
	nested := 0
	for range 1500 {
		budget = 100
		m := sig.Message(build(0))
		for _, f := range m {
			if len(f.Children) > 0 {
				nested++
				break
			}
		}
		for _, o := range orders {
			agree(t, sig.Scheme{Order: o, DropEmpty: r.IntN(4) == 0}, "result", m, "s3cret")
		}
	}
	if nested < 500 {
		t.Errorf("seed %d: only %d messages have nested fields", seed, nested)
	}
}

func TestLongStringsAreHashedInPieces(t *testing.T) {
	key := "s3cret"
	for _, n := range []int{2030, 2039, 2040, 2041, 2042, 2047, 2048, 2049, 4095, 4096, 4097, 100_000} {
		m := sig.Message{sig.Leaf("pg_b", strings.Repeat("x", n)), sig.Leaf("pg_a", "first")}
		for range 2 { // the second time with what the first one left behind
			if got, want := sig.Sum("a", m, sig.NewKey(key)).String(), naiveSum(sig.Scheme{}, "a", m, key); got != want {
				t.Errorf("value of %d bytes: Sum %s, naively %s", n, got, want)
			}
		}
		long := strings.Repeat("k", n)
		if got, want := sig.Sum(long, nil, sig.NewKey(long)).String(), naiveSum(sig.Scheme{}, long, nil, long); got != want {
			t.Errorf("script and secret of %d bytes: Sum %s, naively %s", n, got, want)
		}
	}
}

func TestWideMessagesHaveFourDigitPositions(t *testing.T) {
	var m sig.Message
	for i := range 1203 {
		m = append(m, sig.Leaf(fmt.Sprintf("f%d", i%7), fmt.Sprint(i)))
	}
	list := sig.Branch("f3")
	for i := range 1103 {
		list.Children = append(list.Children, sig.Branch(fmt.Sprint(i), sig.Leaf("v", fmt.Sprint("item", i))))
	}
	m = append(m, list, sig.Leaf("f3", "last")) // the list stands at position 1204
	for _, o := range orders {
		agree(t, sig.Scheme{Order: o}, "result", m, "s3cret")
	}
	var names []string
	for part := range sig.Reference.Parts(m) {
		if strings.HasPrefix(part.Field.Value, "item") {
			names = append(names, part.SortName)
		}
	}
	// The counter of an item replaces three of its list's four digits.
	if names[0] != "f31001v001" {
		t.Errorf("first item of the list is called %q", names[0])
	}
}

// flip returns m with one byte of one signed value changed, or false if all are empty.
func flip(m sig.Message, o sig.Order, at uint16, to byte) (sig.Message, bool) {
	changed := decode(encode(nil, m)) // a deep copy
	var values []*sig.Field
	for f := range o.Fields(changed) {
		if f.Value != "" {
			values = append(values, f)
		}
	}
	if len(values) == 0 {
		return nil, false
	}
	f := values[int(at)%len(values)]
	b := []byte(f.Value)
	i := int(at) / len(values) % len(b)
	if b[i] == to {
		to++
	}
	b[i] = to
	f.Value = string(b)
	return changed, true
}

func FuzzVerify(f *testing.F) {
	for i, seed := range seeds(f) {
		f.Add(seed, uint8(i), uint16(3*i), byte(';'), "result", "s3cret")
	}
	f.Fuzz(func(t *testing.T, data []byte, order uint8, at uint16, to byte, script, secret string) {
		s := sig.Scheme{Order: orders[order%3], Salt: func() string { return "salt" }}
		key := sig.NewKey(secret)
		m := decode(data)
		if _, err := s.Sign(script, append(m, sig.Leaf(sig.FieldSig, "")), key); !errors.Is(err, sig.ErrRepeated) {
			t.Fatalf("Sign of a signed message: %v", err)
		}
		signed, err := s.Sign(script, m.Without(sig.FieldSig), key)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(script, signed, key); err != nil {
			t.Fatalf("%v: %q, just signed: %v", s.Order, signed, err)
		}
		if changed, ok := flip(signed, s.Order, at, to); ok {
			if err := s.Verify(script, changed, key); !errors.Is(err, sig.ErrMismatch) {
				t.Fatalf("%v: %q, signed as %q: %v", s.Order, changed, signed, err)
			}
		}
		if err := s.Verify(script+"x", signed, key); !errors.Is(err, sig.ErrMismatch) {
			t.Fatalf("another script name: %v", err)
		}
		if err := s.Verify(script, signed, sig.NewKey(secret+"x")); !errors.Is(err, sig.ErrMismatch) {
			t.Fatalf("another secret: %v", err)
		}
		last := &signed[len(signed)-1]
		wrong := []byte(last.Value)
		wrong[int(at)%len(wrong)] ^= 1 // another digit, or none
		last.Value = string(wrong)
		if err := s.Verify(script, signed, key); !errors.Is(err, sig.ErrMismatch) && !errors.Is(err, sig.ErrMalformed) {
			t.Fatalf("pg_sig changed by a bit: %v", err)
		}
	})
}

func FuzzScriptName(f *testing.F) {
	for _, row := range scriptNames {
		f.Add(row.url)
	}
	f.Fuzz(func(t *testing.T, target string) {
		name := sig.ScriptName(target)
		if strings.ContainsAny(name, "/?#") {
			t.Errorf("ScriptName(%q) = %q", target, name)
		}
		if !strings.Contains(target, name) {
			t.Errorf("ScriptName(%q) = %q, which does not stand in it", target, name)
		}
		if again := sig.ScriptName(name); again != name {
			t.Errorf("ScriptName(%q) = %q, and of that %q", target, name, again)
		}
		if strings.Contains(target, "#") {
			return
		}
		if other := sig.ScriptName(target + "?a=/b//c"); other != name {
			t.Errorf("ScriptName(%q) = %q, with a query %q", target, name, other)
		}
	})
}
