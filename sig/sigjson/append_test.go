package sigjson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// deep is a leaf in n branches.
func deep(name string, n int) sig.Message {
	f := sig.Leaf(name, "1")
	for range n {
		f = sig.Branch(name, f)
	}
	return sig.Message{f}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		name string
		m    sig.Message
		want string
	}{
		{"no fields", nil, `{}`},
		{"every leaf is a string", sig.Message{sig.Leaf("a", "1.10"), sig.Leaf("b", "true"), sig.Leaf("c", "")}, `{"a":"1.10","b":"true","c":""}`},
		{"a name that stands twice is written twice", sig.Message{sig.Leaf("a", "1"), sig.Leaf("a", "2"), sig.Branch("a", sig.Leaf("a", "3"))}, `{"a":"1","a":"2","a":{"a":"3"}}`},
		{"children 0, 1, 2 are an array", sig.Message{sig.Branch("a", sig.Leaf("0", "x"), sig.Branch("1", sig.Leaf("n", "y")), sig.Leaf("2", "z"))}, `{"a":["x",{"n":"y"},"z"]}`},
		{"twelve of them too", sig.Message{sig.Branch("a", sig.Leaf("0", ""), sig.Leaf("1", ""), sig.Leaf("2", ""), sig.Leaf("3", ""), sig.Leaf("4", ""), sig.Leaf("5", ""), sig.Leaf("6", ""), sig.Leaf("7", ""), sig.Leaf("8", ""), sig.Leaf("9", ""), sig.Leaf("10", ""), sig.Leaf("11", ""))}, `{"a":[` + strings.Repeat(`"",`, 11) + `""]}`},
		{"in another order they are an object", sig.Message{sig.Branch("a", sig.Leaf("1", "x"), sig.Leaf("0", "y"))}, `{"a":{"1":"x","0":"y"}}`},
		{"with a gap they are an object", sig.Message{sig.Branch("a", sig.Leaf("0", "x"), sig.Leaf("2", "y"))}, `{"a":{"0":"x","2":"y"}}`},
		{"00 is no index", sig.Message{sig.Branch("a", sig.Leaf("00", "x"))}, `{"a":{"00":"x"}}`},
		{"the message itself is always an object", sig.Message{sig.Leaf("0", "x")}, `{"0":"x"}`},
		{"an empty branch is an empty array", sig.Message{sig.Branch("a")}, `{"a":[]}`},
		{"only what must be escaped is", sig.Message{sig.Leaf("п\"", "\\/<&'\u2028\x7f\n\r\t\x00\x1f")}, `{"п\"":"\\/<&'` + "\u2028\x7f" + `\n\r\t\u0000\u001f"}`},
		{"64 levels", deep("x", 64), strings.Repeat(`{"x":`, 65) + `"1"` + strings.Repeat(`}`, 65)},
		{"64 levels of lists", sig.Message{sig.Branch("x", deep("0", 63)...)}, `{"x":` + strings.Repeat(`[`, 64) + `"1"` + strings.Repeat(`]`, 64) + `}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Append([]byte("before:"), c.m)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := strings.CutPrefix(string(b), "before:")
			if !ok || got != c.want {
				t.Errorf("got %q, want %q after what stood there", b, c.want)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("encoding/json does not take %q", got)
			}
			m, err := Parse([]byte(got))
			if err != nil || show(m) != show(c.m) {
				t.Errorf("read back as %s, %v; want %s", show(m), err, show(c.m))
			}
		})
	}
}

func TestAppendRefusesWhatWouldBeAnotherMessage(t *testing.T) {
	for _, c := range []struct {
		name string
		m    sig.Message
		path string
	}{
		{"a value that is not UTF-8", sig.Message{sig.Branch("a", sig.Leaf("0", ""), sig.Leaf("1", "\xff"))}, "a/1"},
		{"a name that is not UTF-8", sig.Message{sig.Branch("a", sig.Leaf("\xff", ""))}, "a/\xff"},
		{"65 levels", deep("x", 65), strings.Repeat("x/", 64) + "x"},
		{"65 levels of lists", sig.Message{sig.Branch("x", deep("0", 64)...)}, "x" + strings.Repeat("/0", 64)},
		{"more than MaxSize bytes", sig.Message{sig.Leaf("a", strings.Repeat("x", MaxSize))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Append([]byte("before"), c.m)
			var e *CarryError
			if !errors.As(err, &e) || string(b) != "before" {
				t.Fatalf("%.80q, %v; want a CarryError and nothing written", b, err)
			}
			if e.Path != c.path {
				t.Errorf("path %q, want %q", e.Path, c.path)
			}
		})
	}
}
