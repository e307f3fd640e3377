package fptest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
	"github.com/fpconform/fpconform/sig/sigjson"
	"github.com/fpconform/fpconform/sig/sigxml"
	"github.com/fpconform/fpconform/vectors"
)

// eachSig runs f over every test of pg_sig and fails if there are fewer than there should be.
func eachSig(t *testing.T, f func(*testing.T, vectors.Sig)) {
	t.Helper()
	files, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		for _, v := range file.Tests {
			n++
			t.Run(v.ID, func(t *testing.T) { f(t, v) })
		}
	}
	if n < 60 {
		t.Errorf("got %d tests, want 60 or more", n)
	}
}

var orders = []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical}

// due returns the stages that v records for a scheme: those of a reading, or of the test
// itself where no reading says otherwise. Names are nil where they are not recorded.
func due(v vectors.Sig, s sig.Scheme) vectors.Stages {
	name := ""
	switch {
	case s.DropEmpty:
		name = vectors.ReadingDropEmpty
	case s.Order == sig.Documented:
		name = vectors.ReadingDocumented
	case s.Order == sig.Alphabetical:
		name = vectors.ReadingAlphabetical
	}
	if r, ok := v.Readings[name]; ok {
		return vectors.Stages(r)
	}
	stages := v.Stages
	if name != "" {
		stages.Order = nil
	}
	return stages
}

func schemes() []sig.Scheme {
	var all []sig.Scheme
	for _, o := range orders {
		all = append(all, sig.Scheme{Order: o})
	}
	return append(all, sig.Scheme{DropEmpty: true})
}

func schemeName(s sig.Scheme) string {
	if s.DropEmpty {
		return vectors.ReadingDropEmpty
	}
	return s.Order.String()
}

func TestSigComputesEveryStageOfTheVectors(t *testing.T) {
	eachSig(t, func(t *testing.T, v vectors.Sig) {
		m, k := Message(v.Message), sig.NewKey(v.Secret)
		for _, s := range schemes() {
			if v.Result == vectors.Invalid && (s.Order != sig.Reference || s.DropEmpty) {
				continue // its stages are those of the reference order only
			}
			want := due(v, s)
			if want.Order != nil {
				names := []string{}
				for p := range s.Order.Parts(m) {
					switch {
					case s.DropEmpty && p.Field.Value == "":
					case s.Order == sig.Alphabetical:
						names = append(names, p.Path.String())
					default:
						names = append(names, p.SortName)
					}
				}
				if diff := cmp.Diff(want.Order, names); diff != "" {
					t.Errorf("%s: order (-want +got):\n%s", schemeName(s), diff)
				}
			}
			var got strings.Builder
			if err := s.Explain(&got, v.Script, m); err != nil {
				t.Fatal(err)
			}
			if w := strings.TrimSuffix(want.Canonical, v.Secret) + sig.Placeholder; got.String() != w {
				t.Errorf("%s: canonical: got %q\nwant %q", schemeName(s), got.String(), w)
			}
			if got := s.Sum(v.Script, m, k).String(); got != want.Sig {
				t.Errorf("%s: sum: got %s, want %s", schemeName(s), got, want.Sig)
			}
		}
	})
}

func TestSigSignsTheVectors(t *testing.T) {
	signed := 0
	eachSig(t, func(t *testing.T, v vectors.Sig) {
		m, k := Message(v.Message), sig.NewKey(v.Secret)
		if _, n := m.Get(sig.FieldSig); n > 0 {
			if _, err := sig.Sign(v.Script, m, k); !errors.Is(err, sig.ErrRepeated) {
				t.Errorf("a message with a pg_sig: got %v, want %v", err, sig.ErrRepeated)
			}
			return
		}
		if _, n := m.Get(sig.FieldSalt); n == 0 {
			return // it would get a salt, and another signature
		}
		got, err := sig.Sign(v.Script, m, k)
		if err != nil {
			t.Fatal(err)
		}
		if want := append(slices.Clone(m), sig.Leaf(sig.FieldSig, v.Sig)); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		signed++
	})
	if signed < 60 {
		t.Errorf("signed %d, want 60 or more", signed)
	}
}

var sigErrors = map[string]error{
	"unsigned": sig.ErrUnsigned, "repeated": sig.ErrRepeated, "malformed": sig.ErrMalformed, "mismatch": sig.ErrMismatch,
}

func TestSigVerifiesTheVectorsAsTheySay(t *testing.T) {
	seen := map[string]int{}
	eachSig(t, func(t *testing.T, v vectors.Sig) {
		seen[v.Error]++
		m, k := Message(v.Message), sig.NewKey(v.Secret)
		if v.Result == vectors.Invalid {
			for _, s := range schemes() {
				if err := s.Verify(v.Script, m, k); err == nil || !errors.Is(err, sigErrors[v.Error]) {
					t.Errorf("%s: got %v, want %v", schemeName(s), err, sigErrors[v.Error])
				}
			}
			return
		}
		have, n := m.Get(sig.FieldSig)
		if n == 0 {
			have = v.Sig
		} else if n > 1 {
			t.Fatalf("%d pg_sig in a message that is to be accepted", n)
		}
		for _, s := range schemes() {
			other := append(m.Without(sig.FieldSig), sig.Leaf(sig.FieldSig, due(v, s).Sig))
			if n > 0 { // where it stands counts
				other = slices.Clone(m)
				other[slices.IndexFunc(m, func(f sig.Field) bool { return f.Name == sig.FieldSig })].Value = due(v, s).Sig
			}
			if err := s.Verify(v.Script, other, k); err != nil {
				t.Errorf("%s: its own signature: %v", schemeName(s), err)
			}
			// Each scheme takes its own reading and no other.
			want := error(nil)
			if due(v, s).Sig != have {
				want = sig.ErrMismatch
			}
			first := append(m.Without(sig.FieldSig), sig.Leaf(sig.FieldSig, have))
			if n > 0 {
				first = m
			}
			if err := s.Verify(v.Script, first, k); !errors.Is(err, want) {
				t.Errorf("%s: the reference signature: got %v, want %v", schemeName(s), err, want)
			}
			if err := s.Verify(v.Script+"x", other, k); !errors.Is(err, sig.ErrMismatch) {
				t.Errorf("%s: another script: got %v, want %v", schemeName(s), err, sig.ErrMismatch)
			}
			if err := s.Verify(v.Script, other, sig.NewKey(v.Secret+"x")); !errors.Is(err, sig.ErrMismatch) {
				t.Errorf("%s: another secret: got %v, want %v", schemeName(s), err, sig.ErrMismatch)
			}
		}
	})
	for name := range sigErrors {
		if seen[name] == 0 {
			t.Errorf("no vector has the error %s", name)
		}
	}
	if seen[""] == 0 {
		t.Error("no vector is to be accepted")
	}
}

// A codec writes a message and reads it back.
type codec struct {
	name   string // as in not_carried_by
	append func(sig.Message) ([]byte, error)
	parse  func([]byte) (sig.Message, error)
	refuse func(error) bool
}

const multipart = "multipart/form-data; boundary=fields"

var codecs = []codec{
	{"xml",
		func(m sig.Message) ([]byte, error) {
			return (&sigxml.Document{Root: "response", Fields: m}).Append(nil)
		},
		func(b []byte) (sig.Message, error) {
			d, err := sigxml.Parse(b)
			if err != nil {
				return nil, err
			}
			return d.Fields, nil
		},
		is[*sigxml.CarryError]},
	{"urlencoded",
		func(m sig.Message) ([]byte, error) { return sigform.Append(nil, m, sigform.URLEncoded) },
		func(b []byte) (sig.Message, error) { return sigform.Parse(sigform.URLEncoded, b) },
		is[*sigform.CarryError]},
	{"urlencoded", // in the query of an address
		func(m sig.Message) ([]byte, error) { return sigform.AppendQuery(nil, m) },
		func(b []byte) (sig.Message, error) { return sigform.ParseQuery(string(b)) },
		is[*sigform.CarryError]},
	{"multipart",
		func(m sig.Message) ([]byte, error) { return sigform.Append(nil, m, multipart) },
		func(b []byte) (sig.Message, error) { return sigform.Parse(multipart, b) },
		is[*sigform.CarryError]},
	{"json",
		func(m sig.Message) ([]byte, error) { return sigjson.Append(nil, m) },
		sigjson.Parse,
		is[*sigjson.CarryError]},
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func TestEveryCodecCarriesTheVectorsOrRefuses(t *testing.T) {
	carried := map[string]int{}
	eachSig(t, func(t *testing.T, v vectors.Sig) {
		m := Message(v.Message)
		if _, n := m.Get(sig.FieldSig); n == 0 && v.Result != vectors.Invalid {
			m = append(m, sig.Leaf(sig.FieldSig, v.Sig))
		}
		verdict := sig.Verify(v.Script, m, sig.NewKey(v.Secret))
		for _, c := range codecs {
			b, err := c.append(m)
			if slices.Contains(v.NotCarriedBy, c.name) {
				if err == nil || !c.refuse(err) {
					t.Errorf("%s: got %q, %v, want a refusal to carry it", c.name, b, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			back, err := c.parse(b)
			if err != nil {
				t.Errorf("%s: reading %q: %v", c.name, b, err)
				continue
			}
			if diff := cmp.Diff(m, back, sameMessage); diff != "" {
				t.Errorf("%s: %q\nback (-want +got):\n%s", c.name, b, diff)
			}
			if err := sig.Verify(v.Script, back, sig.NewKey(v.Secret)); (err == nil) != (verdict == nil) {
				t.Errorf("%s: after the way: %v, before: %v", c.name, err, verdict)
			}
			carried[c.name]++
		}
	})
	for _, c := range codecs {
		if carried[c.name] < 60 {
			t.Errorf("%s carried %d vectors, want 60 or more", c.name, carried[c.name])
		}
	}
}

// sameMessage tells a leaf from an empty branch, and no message from a message without fields
// not at all.
var sameMessage = cmp.FilterPath(func(p cmp.Path) bool { return len(p) <= 1 },
	cmp.Comparer(func(a, b sig.Message) bool { return len(a)+len(b) == 0 || reflect.DeepEqual(a, b) }))

func TestScriptNamesAreThoseOfTheVectors(t *testing.T) {
	files, err := vectors.LoadScripts()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		for _, v := range f.Tests {
			n++
			if got := sig.ScriptName(v.URL); got != v.Script {
				t.Errorf("%s: %s: got %q, want %q", v.ID, v.URL, got, v.Script)
			}
		}
	}
	if n < 22 {
		t.Errorf("got %d script names, want 22 or more", n)
	}
}

// printed is the routine of the documentation's samples, over many messages. The second is that
// of the official class, where the count of a list item takes the place of its list's.
const printed = `<?php
function build($nodes) { $a = []; foreach ($nodes as [$n, $v]) { $a[$n] = is_array($v) ? build($v) : $v; } return $a; }
function documented($fields, $parent = '') {
	$flat = []; $i = 0;
	foreach ($fields as $key => $value) {
		$name = $parent . $key . sprintf('%03d', ++$i);
		if (is_array($value)) { $flat = array_merge($flat, documented($value, $name)); continue; }
		$flat += [$name => (string)$value];
	}
	return $flat;
}
function official($fields, $parent = '') {
	$flat = []; $i = 0;
	foreach ($fields as $key => $value) {
		$i++;
		if ($key === 'pg_sig') continue;
		$name = (is_int($key) ? substr($parent, 0, -3) : $parent . $key) . sprintf('%03d', $i);
		if (is_array($value)) { $flat = array_merge($flat, official($value, $name)); continue; }
		$flat += [$name => (string)$value];
	}
	return $flat;
}
function sum($flat, $v) {
	ksort($flat);
	array_unshift($flat, $v['script']);
	array_push($flat, $v['secret']);
	return md5(implode(';', $flat));
}
$out = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $v) {
	$m = build($v['message']);
	$without = $m;
	unset($without['pg_sig']);
	$out[] = [sum(documented($without), $v), sum(official($m), $v)];
}
echo json_encode(['id' => PHP_VERSION_ID, 'sums' => $out]);
`

func TestRealPHPAgreesWithTheVectors(t *testing.T) {
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("php is not installed (Debian package php-cli)")
		}
		t.Skip("php is not installed (Debian package php-cli)")
	}
	files, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	type in struct {
		Script  string         `json:"script"`
		Message []vectors.Node `json:"message"`
		Secret  string         `json:"secret"`
	}
	var ask []in
	var about []vectors.Sig
	for _, f := range files {
		for _, v := range f.Tests {
			if v.Result != vectors.Invalid && unique(v.Message) {
				ask = append(ask, in{v.Script, v.Message, v.Secret})
				about = append(about, v)
			}
		}
	}
	if len(ask) < 60 {
		t.Fatalf("%d vectors to ask about, want 60 or more", len(ask))
	}
	stdin, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(php, "-d", "display_errors=stderr", "-r", strings.TrimPrefix(printed, "<?php\n"))
	cmd.Stdin = strings.NewReader(string(stdin))
	cmd.Stderr = os.Stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		ID   int         `json:"id"`
		Sums [][2]string `json:"sums"`
	}
	if err := json.Unmarshal(stdout, &answer); err != nil || len(answer.Sums) != len(ask) {
		t.Fatalf("%d answers to %d questions, %v: %.200s", len(answer.Sums), len(ask), err, stdout)
	}
	for i, got := range answer.Sums {
		v := about[i]
		want := due(v, sig.Scheme{Order: sig.Documented}).Sig
		name := vectors.ReadingPHP82
		if answer.ID < 80200 {
			name = vectors.ReadingPHP74
		}
		if r, ok := v.Readings[name]; ok {
			want = r.Sig
		} else if answer.ID < 80200 && strings.HasPrefix(v.ID, "numeric-names/") {
			continue // not recorded for this version
		}
		if got[0] != want {
			t.Errorf("%s: documented routine: got %s, want %s", v.ID, got[0], want)
		}
		if got[1] != v.Sig {
			t.Errorf("%s: official class: got %s, want %s", v.ID, got[1], v.Sig)
		}
	}
}

// unique says whether a PHP array can hold the nodes.
func unique(nodes []vectors.Node) bool {
	seen := map[string]bool{}
	for _, n := range nodes {
		if seen[n.Name] || !unique(n.Children) {
			return false
		}
		seen[n.Name] = true
	}
	return true
}
