package yamlfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

type shade uint8

var errShade = errors.New("neither light nor dark")

func (s *shade) UnmarshalText(b []byte) error {
	switch string(b) {
	case "light":
		*s = 1
	case "dark":
		*s = 2
	default:
		return errShade
	}
	return nil
}

// A secret takes {env: NAME} and refuses a text.
type secret struct{ Env string }

func (s *secret) UnmarshalYAML(decode func(any) error) error {
	var text string
	if decode(&text) == nil {
		return errors.New("a secret is not written into the file")
	}
	var from struct {
		Env string `yaml:"env"`
	}
	if err := decode(&from); err != nil {
		return err
	}
	s.Env = from.Env
	return nil
}

type order struct {
	ID     string      `yaml:"id"`
	Amount json.Number `yaml:"amount"`
	Tags   []string    `yaml:"tags"`
	Count  int         `yaml:"count"`
	Paid   bool        `yaml:"paid"`
	Shade  shade       `yaml:"shade"`
	Next   *order      `yaml:"next"`
	Secret secret      `yaml:"secret"`
	Extra  map[string]string
	Any    any           `yaml:"any"`
	Pace   time.Duration `yaml:"pace"`
	hidden string
}

func TestValuesArriveAsWritten(t *testing.T) {
	for _, value := range []string{"00102", "010", "1.10", "+77000000122", "1_000", "0x1F", "1e3", "0o17", "true", "yes",
		"on", "2018-05-23", "2018-05-23 03:25:14", ".5", "5.", "-0.0", "12:30:45", "0b11", ".inf", "=", "Ё"} {
		t.Run(value, func(t *testing.T) {
			var got struct {
				Value string
				List  []string
				Map   map[string]string
				Any   any
			}
			src := fmt.Sprintf("value: %[1]s\nlist: [%[1]s, '%[1]s']\nmap: {%[1]s: %[1]s}\nany: %[1]s\n", value)
			if err := Decode("f", []byte(src), &got); err != nil {
				t.Fatal(err)
			}
			if got.Value != value || got.List[0] != value || got.List[1] != value || got.Map[value] != value || got.Any != value {
				t.Errorf("got %+v, want %s everywhere", got, value)
			}
		})
	}
}

func TestDecodesEveryKindOfValue(t *testing.T) {
	src := `
id: A-17
amount: 100.00
tags: [a, "b c"]
count: 12
paid: true
shade: dark
next: {id: "2", count: -3}
secret: {env: X}
extra: {k: v}
any: [1, {a: b}]
pace: 1m30s
`
	got := order{hidden: "not touched"}
	if err := Decode("f", []byte(src), &got); err != nil {
		t.Fatal(err)
	}
	if got.hidden != "not touched" {
		t.Errorf("an unexported field was set to %q", got.hidden)
	}
	if got.ID != "A-17" || got.Amount != "100.00" || len(got.Tags) != 2 || got.Tags[1] != "b c" || got.Count != 12 || !got.Paid ||
		got.Shade != 2 || got.Next == nil || got.Next.Count != -3 || got.Secret.Env != "X" || got.Extra["k"] != "v" || got.Pace != 90*time.Second {
		t.Errorf("got %+v", got)
	}
	if s := fmt.Sprint(got.Any); s != "[1 map[a:b]]" {
		t.Errorf("any: got %s", s)
	}
}

func TestRefuses(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	cases := []struct{ name, src, want string }{
		{"an unknown key", "id: a\ncolour: red", `f:2: unknown key "colour"`},
		{"an unknown key and names the one that is meant", "amonut: 1", `f:1: unknown key "amonut"; amount is meant?`},
		{"an unexported field", "hidden: a", `f:1: unknown key "hidden"`},
		{"a repeated key", "id: a\n\nid: b", `f:3: key "id" stands on line 1 already`},
		{"a repeated key deep inside", "next:\n  next: {id: a, id: b}", `f:2: key "id" stands on line 2 already`},
		{"null", "id: null", `f:1: null or nothing`},
		{"a tilde", "id: ~", `f:1: null or nothing`},
		{"nothing after the colon", "count: 1\nid:\n", `f:2: null or nothing`},
		{"an anchor", "id: &x a", `f:1: an anchor`},
		{"an alias", "id: &x a\namount: *x", `f:2: an alias`},
		{"an alias of nothing, without its name", "id: *hunter2", `an alias; write the value out`},
		{"a merge key", "<<: {id: a}", `f:1: a merge key`},
		{"a tag", "id: !!str 1", `f:1: a tag`},
		{"a local tag, without its name", "id: !hunter2", `f:1: a tag`},
		{"a second document", "id: a\n---\nid: b", `f:2: a second document`},
		{"an empty file", "", `f: empty`},
		{"a file of comments", "# nothing\n", `f: empty`},
		{"a lone null", "~", `f:1: null`},
		{"what is not YAML", "id: [a", `not YAML`},
		{"a tab as indent", "next:\n\tid: a", `f:2: not YAML`},
		{"what is not UTF-8", "id: a\namount: \xff", `f:2: not UTF-8`},
		{"a list where a value is due", "id: [a]", `f:1: a list where a single value is due`},
		{"a value where a list is due", "tags: a", `f:1: a single value where a list is due`},
		{"a value where keys are due", "next: a", `f:1: a single value where keys and values are due`},
		{"yes for a boolean", "paid: yes", `f:1: neither true nor false`},
		{"a quoted boolean", `paid: "true"`, `f:1: neither true nor false`},
		{"a hexadecimal integer", "count: 0x1F", `f:1: not an integer`},
		{"an octal integer", "count: 010", `f:1: not an integer`},
		{"an integer that is too large", "count: 99999999999999999999", `f:1: not an integer`},
		{"a duration without a unit", "pace: 2", `f:1: not a duration`},
		{"what a type refuses, with its line", "id: a\nshade: grey", `f:2: neither light nor dark`},
		{"a secret in plain text, with its line", "id: a\nsecret: hunter2", `f:2: a secret is not written into the file`},
		{"a wrong key inside a type that decodes itself", "secret:\n  enw: X", `f:2: unknown key "enw"; env is meant?`},
		{"65 levels", "any: " + deep(65), `f:1: nested more than 64 levels`},
		{"a hundred thousand brackets", "any: " + deep(100_000), ``},
		{"a key that is a list", "? [a]\n: b", `f:1: a key that is not a plain text`},
		{"more than a megabyte", "# " + strings.Repeat("x", MaxSize), `f: more than 1048576 bytes`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var into order
			err := Decode("f", []byte(c.src), &into)
			if err == nil {
				t.Fatalf("got %+v, want an error", into)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "yamlfile: f:") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

func TestTakesAsManyLevelsAndBytesAsItSays(t *testing.T) {
	var into struct{ Any any }
	src := "any: " + strings.Repeat("[", 62) + "a" + strings.Repeat("]", 62)
	if err := Decode("f", []byte(src+"\n#"+strings.Repeat("x", MaxSize-len(src)-2)), &into); err != nil {
		t.Error(err)
	}
}

func TestAllMistakesOfAFileAreToldAtOnce(t *testing.T) {
	var into order
	err := Decode("f", []byte("idd: a\ncount: x\nshade: grey\n"), &into)
	all := List(err)
	if len(all) != 3 || all[0].Line != 1 || all[1].Line != 2 || all[2].Line != 3 {
		t.Fatalf("got %v", err)
	}
	if !errors.Is(err, errShade) {
		t.Error("the error of a type is lost")
	}
}

func TestErrorsAreBounded(t *testing.T) {
	var src strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&src, "%s%d: a\n", strings.Repeat("k", 500), i)
	}
	var into order
	if err := Decode("f", []byte(src.String()), &into); len(err.Error()) > 4000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func TestLineFindsValuesByTheirPath(t *testing.T) {
	f, err := Parse("f", []byte("orders:\n  - id: a\n  - id: b\n    amount: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Line("orders", 1, "amount"); got != 4 {
		t.Errorf("got line %d, want 4", got)
	}
	if got := f.Line("orders", 1, "currency"); got != 3 {
		t.Errorf("a key that is not there: got line %d, want 3, the order's own", got)
	}
	err = f.Errorf([]any{"orders", 1, "amount"}, "more than the limit: %w", errShade)
	if got, want := err.Error(), "yamlfile: f:4: orders/1/amount: more than the limit: neither light nor dark"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !errors.Is(err, errShade) {
		t.Error("the wrapped error is lost")
	}
}

func TestReadNamesTheFile(t *testing.T) {
	fsys := fstest.MapFS{"a/b.yaml": {Data: []byte("id: [")}, "big.yaml": {Data: make([]byte, MaxSize+100)}}
	for name, want := range map[string]string{
		"a/b.yaml":    "yamlfile: a/b.yaml:",
		"absent.yaml": "yamlfile: absent.yaml: cannot be opened",
		"big.yaml":    "yamlfile: big.yaml: more than",
	} {
		if _, err := Read(fsys, name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func TestDecodeNeedsAPointer(t *testing.T) {
	if err := Decode("f", []byte("id: a"), order{}); err == nil {
		t.Error("a value was taken for a pointer")
	}
}

// FuzzParse holds the promise of the package: an error or a file, never a panic, and a file
// that was accepted has every leaf as text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"id: 00102", "- {name: a, type: b}", "a: &x 1", "a: !!x b", "? a\n: b", "%YAML 1.2\n---\na", "a: |\n  b\n", "\ufeffa: b", "<<: {a: b}", "a: *"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var into order
		_ = Decode("f", src, &into)
		var value any
		if file, err := Parse("f", src); err == nil {
			if err := file.Decode(&value); err != nil {
				t.Errorf("any refuses: %v", err)
			}
		}
	})
}
