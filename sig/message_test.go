package sig_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

func TestBranchIsNeverALeaf(t *testing.T) {
	if b := sig.Branch("a"); b.Children == nil || len(b.Children) != 0 {
		t.Errorf("a branch without children has the children %#v", b.Children)
	}
	if l := sig.Leaf("a", ""); l.Children != nil {
		t.Errorf("a leaf has the children %#v", l.Children)
	}
}

func TestGetReturnsTheFirstLeafAndHowMany(t *testing.T) {
	m := sig.Message{sig.Branch("a", sig.Leaf("b", "nested")), sig.Leaf("a", "first"), sig.Leaf("a", "second"), sig.Leaf("c", "")}
	for _, row := range []struct {
		name, value string
		n           int
	}{{"a", "first", 2}, {"b", "", 0}, {"c", "", 1}, {"d", "", 0}} {
		if value, n := m.Get(row.name); value != row.value || n != row.n {
			t.Errorf("Get(%q) = %q, %d, want %q, %d", row.name, value, n, row.value, row.n)
		}
	}
}

func TestWithoutLeavesItsArgumentAlone(t *testing.T) {
	m := sig.Message{sig.Leaf("a", "1"), sig.Leaf("b", "2"), sig.Branch("a"), sig.Branch("c", sig.Leaf("a", "3"))}
	want := append(sig.Message{}, m...)
	got := m.Without("a")
	if !reflect.DeepEqual(got, sig.Message{sig.Leaf("b", "2"), sig.Branch("c", sig.Leaf("a", "3"))}) {
		t.Errorf("without a: %v", got)
	}
	got[0].Value = "changed"
	_ = append(got, sig.Leaf("d", "4"))
	if !reflect.DeepEqual(m, want) {
		t.Errorf("the message itself is now %v", m)
	}
}

func TestPaths(t *testing.T) {
	m := sig.Message{
		sig.Leaf("pg_salt", ""),
		sig.Branch("response",
			sig.Branch("payment", sig.Leaf("id", ""), sig.Leaf("id", "")),
			sig.Branch("payment", sig.Leaf("id", "")),
			sig.Branch("empty")),
		sig.Leaf("item", ""),
		sig.Branch("item", sig.Leaf("0", ""), sig.Leaf("10", "")),
		sig.Leaf("a/b", ""), sig.Leaf("c[1]", ""), sig.Leaf("", ""), sig.Leaf("line\nbreak", ""), sig.Leaf(`quo"te`, ""),
		sig.Leaf("имя", ""), sig.Leaf("two words", ""), sig.Leaf("bad\xff", ""),
	}
	want := []string{
		"pg_salt",
		"response/payment[1]/id[1]", "response/payment[1]/id[2]", "response/payment[2]/id",
		"item[1]", "item[2]/0", "item[2]/10",
		`"a/b"`, `"c[1]"`, `""`, `"line\nbreak"`, `"quo\"te"`, "имя", "two words", `"bad\xff"`,
	}
	var got []string
	var kept []sig.Path
	for path := range m.All() {
		got = append(got, path.String())
		kept = append(kept, path)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("paths are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, path := range kept { // a path that was kept is not overwritten by a later one
		if path.String() != want[i] {
			t.Errorf("path %d is now %s, was %s", i, path, want[i])
		}
	}
}

func TestAllYieldsTheFieldsOfTheMessage(t *testing.T) {
	m := sig.Message{sig.Branch("a", sig.Leaf("b", "1")), sig.Leaf("c", "2")}
	for _, f := range m.All() {
		f.Value += "!"
	}
	if m[0].Children[0].Value != "1!" || m[1].Value != "2!" {
		t.Errorf("after a change through All the message is %v", m)
	}
}
