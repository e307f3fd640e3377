package sigxml

import (
	"errors"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// deep is a leaf in n branches.
func deep(n int) sig.Message {
	f := sig.Leaf("x", "1")
	for range n {
		f = sig.Branch("x", f)
	}
	return sig.Message{f}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		name string
		d    Document
		want string
	}{
		{"no fields", Document{Root: "response"}, "<response></response>\n"},
		{"fields in their order, repeated ones too", Document{Root: "r", Fields: sig.Message{sig.Leaf("b", "1"), sig.Leaf("a", ""), sig.Leaf("b", "2")}}, "<r><b>1</b><a></a><b>2</b></r>\n"},
		{"branches, repeated ones too", Document{Root: "r", Fields: sig.Message{sig.Branch("a", sig.Leaf("b", "1")), sig.Branch("a", sig.Branch("c", sig.Leaf("d", "2")))}}, "<r><a><b>1</b></a><a><c><d>2</d></c></a></r>\n"},
		{"characters that mean something", Document{Root: "r", Fields: sig.Message{sig.Leaf("a", `&amp;<b>]]>"'`)}}, "<r><a>&amp;amp;&lt;b&gt;]]&gt;\"'</a></r>\n"},
		{"white space as it is", Document{Root: "r", Fields: sig.Message{sig.Leaf("a", " \n\t "), sig.Leaf("b", "x ")}}, "<r><a> \n\t </a><b>x </b></r>\n"},
		{"names beyond ASCII", Document{Root: "ответ", Fields: sig.Message{sig.Leaf("сумма.1-a", "п😀\uFFFD")}}, "<ответ><сумма.1-a>п😀\uFFFD</сумма.1-a></ответ>\n"},
		{"64 levels", Document{Root: "r", Fields: deep(64)}, "<r>" + strings.Repeat("<x>", 65) + "1" + strings.Repeat("</x>", 65) + "</r>\n"},
		{"what stood before", Document{Before: []byte("\r\n\uFEFF"), Root: "r"}, "<r></r>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := c.d.Append([]byte("prefix:"))
			if err != nil {
				t.Fatal(err)
			}
			want := "prefix:" + string(c.d.Before) + decl + "\n" + c.want
			if string(b) != want {
				t.Errorf("got  %q\nwant %q", b, want)
			}
			d, err := Parse(b[len("prefix:"):])
			if err != nil || d.Root != c.d.Root || string(d.Before) != string(c.d.Before) || show(d.Fields) != show(c.d.Fields) {
				t.Errorf("read back as %+v, %v; want %+v", d, err, c.d)
			}
		})
	}
}

func TestAppendRefusesWhatWouldBeAnotherMessage(t *testing.T) {
	field := func(name, value string) sig.Message { return sig.Message{sig.Branch("a", sig.Leaf(name, value))} }
	for _, c := range []struct {
		name string
		d    Document
		path string
	}{
		{"no root", Document{}, ""},
		{"a root that is no name", Document{Root: "a b"}, ""},
		{"text before the document", Document{Before: []byte("\nx"), Root: "r"}, ""},
		{"a list item's name", Document{Root: "r", Fields: field("0", "")}, "a/0"},
		{"an empty name", Document{Root: "r", Fields: field("", "")}, "a/"},
		{"a name with a space", Document{Root: "r", Fields: field("a b", "")}, "a/a b"},
		{"a name with a bracket", Document{Root: "r", Fields: field("e[f", "")}, "a/e[f"},
		{"a name that would end the tag", Document{Root: "r", Fields: field("a/", "")}, "a/a/"},
		{"a name that would open another", Document{Root: "r", Fields: field("a><b", "")}, "a/a><b"},
		{"a name that would be an instruction", Document{Root: "r", Fields: field("?a", "")}, "a/?a"},
		{"a name that would be a comment", Document{Root: "r", Fields: field("!--a--", "")}, "a/!--a--"},
		{"a name with a prefix", Document{Root: "r", Fields: field("p:a", "")}, "a/p:a"},
		{"a name with an emoji", Document{Root: "r", Fields: field("a😀", "")}, "a/a😀"},
		{"a name that is not UTF-8", Document{Root: "r", Fields: field("\xff", "")}, "a/\xff"},
		{"a name that begins with a combining mark", Document{Root: "r", Fields: field("\u0301a", "")}, "a/\u0301a"},
		{"a branch without fields", Document{Root: "r", Fields: sig.Message{sig.Branch("a", sig.Branch("b"))}}, "a/b"},
		{"a NUL", Document{Root: "r", Fields: field("b", "\x00")}, "a/b"},
		{"a control character", Document{Root: "r", Fields: field("b", "\x1b")}, "a/b"},
		{"a CR", Document{Root: "r", Fields: field("b", "1\r\n2")}, "a/b"},
		{"U+FFFE", Document{Root: "r", Fields: field("b", "\uFFFE")}, "a/b"},
		{"a value that is not UTF-8", Document{Root: "r", Fields: field("b", "x\xff")}, "a/b"},
		{"65 levels", Document{Root: "r", Fields: deep(65)}, strings.Repeat("x/", 65) + "x"},
		{"more than MaxSize bytes", Document{Root: "r", Fields: field("b", strings.Repeat("x", MaxSize))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := c.d.Append([]byte("prefix"))
			var e *CarryError
			if !errors.As(err, &e) || string(b) != "prefix" {
				t.Fatalf("%.80q, %v; want a CarryError and nothing written", b, err)
			}
			if e.Path != c.path {
				t.Errorf("path %q, want %q: %v", e.Path, c.path, err)
			}
		})
	}
}
