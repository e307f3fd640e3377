package sig_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// php is testdata/witness.php, started once for a test.
type php struct {
	t   *testing.T
	in  *json.Encoder
	out *json.Decoder
}

type phpResult struct {
	Names  []string `json:"names"`
	String string   `json:"string"`
	MD5    string   `json:"md5"`
	Lost   int      `json:"lost"`
}

type phpAnswer struct {
	Documented phpResult `json:"documented"`
	Reference  phpResult `json:"reference"`
	Integer    []bool    `json:"integer"`
	Version    int       `json:"version"`
}

func startPHP(t *testing.T) *php {
	t.Helper()
	path, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("php is not installed: Debian package php-cli")
		}
		t.Skip("php is not installed: Debian package php-cli")
	}
	cmd := exec.Command(path, "-n", "-d", "display_errors=stderr", "-d", "memory_limit=512M", "testdata/witness.php")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Errorf("php: %v", err)
		}
	})
	enc := json.NewEncoder(in)
	enc.SetEscapeHTML(false)
	return &php{t, enc, json.NewDecoder(bufio.NewReaderSize(out, 1<<16))}
}

func (p *php) ask(question any) phpAnswer {
	p.t.Helper()
	if err := p.in.Encode(question); err != nil {
		p.t.Fatalf("php took no question: %v", err)
	}
	var a phpAnswer
	if err := p.out.Decode(&a); err != nil {
		p.t.Fatalf("php gave no answer to %v: %v", question, err)
	}
	return a
}

func (p *php) sums(script string, m sig.Message, secret string) phpAnswer {
	p.t.Helper()
	return p.ask(map[string]any{"message": pairs(m), "script": script, "secret": secret})
}

// against compares both routines with PHP's. It reports whether PHP lost no value to an array
// that cannot hold two fields of one sort name.
func (p *php) against(script string, m sig.Message, secret string) bool {
	p.t.Helper()
	a := p.sums(script, m, secret)
	for o, want := range map[sig.Order]phpResult{sig.Documented: a.Documented, sig.Reference: a.Reference} {
		if want.Lost > 0 {
			return false
		}
		s := sig.Scheme{Order: o}
		var names []string
		for part := range o.Parts(m) {
			names = append(names, part.SortName)
		}
		if !slices.Equal(names, want.Names) {
			p.t.Fatalf("%v of %q sorts\n%q, PHP\n%q", o, m, names, want.Names)
		}
		if got := canonical(p.t, s, script, m, secret); got != want.String {
			p.t.Fatalf("%v of %q hashes\n%q, PHP\n%q", o, m, got, want.String)
		}
		if got := s.Sum(script, m, sig.NewKey(secret)).String(); got != want.MD5 {
			p.t.Fatalf("%v of %q is %s, PHP says %s", o, m, got, want.MD5)
		}
	}
	return true
}

// phpMessages makes messages as gateways and merchants send them, bent towards what sorting
// may get wrong. No name is a number but the index of a list item, and no list stands
// directly in a list: there the routines lose values or depend on PHP's version.
type phpMessages struct {
	*rand.Rand
	tags bool // names repeat, as in XML

	nested, long, prefixes, repeated int
}

var prefixFamilies = [][]string{
	{"pg_param", "pg_param1", "pg_param10", "pg_param100", "pg_param2", "pg_param-", "pg_param."},
	{"pg_success_url", "pg_success_url_method", "pg_success_url1"},
	{"a", "a0", "a00", "a1", "a10", "a-b", "a.b", "a b", "a+", "A", "a_"},
	{"pg_3ds", "pg_3d_md", "pg_3d1"},
	{"Pg_x", "pg_x", "pg_X", "PG_SIG", "pg_sign", "pg", "pg_", "p"},
	{"имя", "имя1", "имя10", "é", "ё"},
	{"pg_sig", "pg_salt", "pg_sal"},
}

func (r *phpMessages) name() string {
	if r.IntN(3) > 0 {
		family := prefixFamilies[r.IntN(len(prefixFamilies))]
		return family[r.IntN(len(family))]
	}
	const letters = "aAbpg_0123-. +я"
	runes := []rune(letters)
	name := []rune{runes[r.IntN(6)]} // no digit and no sign first: that may be a number
	for range r.IntN(7) {
		name = append(name, runes[r.IntN(len(runes))])
	}
	return string(name)
}

func (r *phpMessages) value() string {
	values := []string{"", "0", "25", "1.10", "a;b", " x ", "http://site.kz/check?a=1&b=2", "Оплата заказа №5", "\"'\\", "line\r\nbreak", "💳"}
	if r.IntN(2) == 0 {
		return values[r.IntN(len(values))]
	}
	return fmt.Sprint(r.Uint32())
}

func (r *phpMessages) fields(depth int) []sig.Field {
	out := []sig.Field{}
	seen := map[string]bool{}
	n := r.IntN(5)
	if depth == 0 {
		n = r.IntN(14)
	}
	for range n {
		name := r.name()
		if seen[name] {
			if !r.tags {
				continue
			}
			r.repeated++
		}
		seen[name] = true
		switch k := r.IntN(16); {
		case k == 0 && depth < 3:
			out = append(out, sig.Branch(name, r.fields(depth+1)...))
			r.nested++
		case k == 1 && depth < 3:
			out = append(out, r.list(name, depth+1))
			r.nested++
		default:
			out = append(out, sig.Leaf(name, r.value()))
		}
	}
	return out
}

func (r *phpMessages) list(name string, depth int) sig.Field {
	n := r.IntN(4)
	if r.IntN(3) == 0 {
		n = 8 + r.IntN(8)
	}
	if r.IntN(4000) == 0 {
		n = 1005
	}
	if n > 10 {
		r.long++
	}
	list := sig.Branch(name)
	indexes := r.Perm(n)
	if r.IntN(4) > 0 {
		slices.Sort(indexes) // else items arrive in any order, which PHP keeps
	}
	scalars := r.IntN(2) == 0
	for _, i := range indexes {
		item := sig.Leaf(fmt.Sprint(i), r.value())
		if !scalars && n < 100 {
			item = sig.Branch(item.Name, r.fields(depth+1)...)
		}
		list.Children = append(list.Children, item)
	}
	return list
}

func TestPHPAgrees(t *testing.T) {
	p := startPHP(t)
	const seed, total = 17, 20_000
	r := &phpMessages{Rand: rand.New(rand.NewPCG(seed, seed))}
	lost, differ := 0, 0
	for i := 0; i < total+lost && lost < total; i++ {
		r.tags = i%3 == 0
		m := sig.Message(r.fields(0))
		if !p.against("init_payment.php", m, "s3cret") {
			lost++
			continue
		}
		if sig.Sum("", m, sig.Key{}) != (sig.Scheme{Order: sig.Documented}).Sum("", m, sig.Key{}) {
			differ++
		}
		for _, name := range []string{"pg_param1", "a1"} {
			if _, n := m.Get(name); n == 1 {
				if _, n := m.Get(name + "0"); n == 1 {
					r.prefixes++
				}
			}
		}
	}
	t.Logf("seed %d: %d messages compared: %d branches, %d lists over ten, %d repeated names, %d messages with a name that continues another, "+
		"%d in which the routines differ, %d more left out because PHP lost a value", seed, total, r.nested, r.long, r.repeated, r.prefixes, differ, lost)
	if lost > total/20 || r.nested < 1000 || r.long < 1000 || r.repeated < 1000 || r.prefixes < 100 || differ < 1000 {
		t.Errorf("the messages do not show what they are for")
	}
}

func TestPHPAgreesOnTheSamples(t *testing.T) {
	p := startPHP(t)
	compared := 0
	for _, s := range samples(t) {
		if strings.HasPrefix(s.Why, "list items beside named") {
			continue // numeric names: see TestPHPComparesNumericNamesAsNumbers
		}
		if p.against("result", sig.Message(s.Message), "s3cret") {
			compared++
		}
	}
	if compared < 18 {
		t.Errorf("only %d samples were compared", compared)
	}
}

func TestPHPAgreesFromTheThousandthFieldOn(t *testing.T) {
	p := startPHP(t)
	var m sig.Message
	for i := range 1100 {
		m = append(m, sig.Leaf(fmt.Sprintf("f%05dx", i*7919%1100), fmt.Sprint(i)))
	}
	list := sig.Branch("items")
	for i := range 1100 {
		list.Children = append(list.Children, sig.Branch(fmt.Sprint(i), sig.Leaf("name", fmt.Sprint("n", i)), sig.Leaf("count", "1")))
	}
	if !p.against("result", append(slices.Clone(m), list), "k") {
		t.Error("PHP lost a value of a list at position 1101")
	}
	if !p.against("result", append(sig.Message{list}, m...), "k") {
		t.Error("PHP lost a value of a list at position 1")
	}
}

// A list item is what PHP makes an integer key of. The package shows that it takes a name
// for one by leaving it out of the sort name.
func TestListItemsAreWhatPHPTakesForIntegers(t *testing.T) {
	p := startPHP(t)
	keys := []string{
		"0", "1", "10", "-5", "-0", "00", "007", "+1", " 1", "1 ", "1.5", "1e3", "", "-", "--1", "x", "1x", "٣",
		"999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775807",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551616", "100000000000000000000",
	}
	integers := p.ask(map[string]any{"keys": keys}).Integer
	for i, key := range keys {
		m := sig.Message{sig.Branch("x", sig.Leaf(key, "v"))}
		for part := range sig.Reference.Parts(m) {
			if got := part.SortName == "x001"; got != integers[i] {
				t.Errorf("%q is an item: %v (%s); an integer for PHP: %v", key, got, part.SortName, integers[i])
			}
		}
	}
}

// What ksort makes of sort names that are numbers is a matter of PHP's version, and no reading
// of the documentation. This package compares bytes; here is what that leaves out.
func TestPHPComparesNumericNamesAsNumbers(t *testing.T) {
	p := startPHP(t)
	version := p.ask(map[string]any{"keys": []string{"0"}}).Version
	fields := func(names ...string) (m sig.Message) {
		for _, name := range names {
			m = append(m, sig.Leaf(name, name))
		}
		return m
	}
	// The later class names integers by position alone, and that is stable.
	m := fields("5", "10", "pg_a", "Zed")
	a := p.sums("s", m, "k")
	want := "s;5;10;Zed;pg_a;k"
	if got := canonical(t, sig.Scheme{}, "s", m, "k"); got != want || a.Reference.String != want {
		t.Errorf("integers on the top level: %s, PHP %s, want %s", got, a.Reference.String, want)
	}
	if version < 80200 {
		t.Skipf("PHP %d sorts integer keys among names in another way", version)
	}
	for _, row := range []struct {
		why             string
		m               sig.Message
		documented, php string
	}{
		{"5001 and 10002 are integers to PHP, and come first", m, "s;10;5;Zed;pg_a;k", "s;5;10;Zed;pg_a;k"},
		{"1.5001 and 1.25002 are decimals, and happen to sort alike", fields("1.5", "1.25"), "s;1.25;1.5;k", "s;1.25;1.5;k"},
		{"1e2001 and 1001 are both numbers, the first infinite", fields("1e2", "1"), "s;1;1e2;k", "s;1;1e2;k"},
		{"9.5001 is less than 10.5002", fields("9.5", "10.5"), "s;10.5;9.5;k", "s;9.5;10.5;k"},
		{"-1001 is more than -2002", fields("-1", "-2"), "s;-1;-2;k", "s;-2;-1;k"},
		{"a space before digits is a number, too", fields(" 9", " 10"), "s; 10; 9;k", "s; 9; 10;k"},
		{"a digit and a letter are no number", fields("9a", "10a"), "s;10a;9a;k", "s;10a;9a;k"},
	} {
		t.Run(row.why, func(t *testing.T) {
			if got := canonical(t, sig.Scheme{Order: sig.Documented}, "s", row.m, "k"); got != row.documented {
				t.Errorf("Documented signs %q, want %q", got, row.documented)
			}
			if got := p.sums("s", row.m, "k").Documented.String; got != row.php {
				t.Errorf("PHP %d signs %q, want %q", version, got, row.php)
			}
		})
	}
}

// The later class gives the items of an inner list the names of the outer one's, and values
// disappear. This package keeps them, in message order.
func TestPHPLosesValuesOfAListInAList(t *testing.T) {
	p := startPHP(t)
	m := sig.Message{sig.Branch("x",
		sig.Branch("0", sig.Leaf("0", "a"), sig.Leaf("1", "b")),
		sig.Branch("1", sig.Leaf("0", "c"), sig.Leaf("1", "d")))}
	a := p.sums("s", m, "k")
	if a.Reference.String != "s;c;d;k" || a.Reference.Lost != 2 {
		t.Errorf("PHP signs %q and loses %d values, want s;c;d;k and 2", a.Reference.String, a.Reference.Lost)
	}
	if got, want := canonical(t, sig.Scheme{}, "s", m, "k"), "s;a;b;c;d;k"; got != want || a.Documented.String != want {
		t.Errorf("Reference signs %q, PHP's documented routine %q, want %q", got, a.Documented.String, want)
	}
}
