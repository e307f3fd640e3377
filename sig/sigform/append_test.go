package sigform

import (
	"errors"
	"io"
	"mime/multipart"
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

func TestAppendWrites(t *testing.T) {
	for _, c := range []struct {
		name string
		m    sig.Message
		want string
	}{
		{"no fields", nil, ""},
		{"an empty value with its equals sign", sig.Message{sig.Leaf("a", ""), sig.Leaf("b", "1")}, "a=&b=1"},
		{"a space as a plus, a plus as an escape", sig.Message{sig.Leaf("a", " +")}, "a=+%2B"},
		{"all but letters, digits and -_. as escapes", sig.Message{sig.Leaf("a-_.", "~*'п\n")}, "a-_.=%7E%2A%27%D0%BF%0A"},
		{"separators as escapes", sig.Message{sig.Leaf("a&b=c", "d&e=f%;")}, "a%26b%3Dc=d%26e%3Df%25%3B"},
		{"nested names with escaped brackets", sig.Message{sig.Branch("a", sig.Branch("0", sig.Leaf("n", "1"), sig.Leaf("p", "2")))}, "a%5B0%5D%5Bn%5D=1&a%5B0%5D%5Bp%5D=2"},
		{"what follows a branch at its own level", sig.Message{sig.Branch("a", sig.Branch("b", sig.Leaf("c", "1")), sig.Leaf("d", "2")), sig.Leaf("e", "3")}, "a%5Bb%5D%5Bc%5D=1&a%5Bd%5D=2&e=3"},
		{"repeated leaves", sig.Message{sig.Leaf("a", "1"), sig.Leaf("a", "2"), sig.Branch("a", sig.Leaf("b", "3"), sig.Leaf("b", "4"))}, "a=1&a=2&a%5Bb%5D=3&a%5Bb%5D=4"},
		{"a name with a bracket that nests nothing", sig.Message{sig.Leaf("e[f", "1"), sig.Leaf("[a]", "2"), sig.Branch("a]", sig.Leaf("b[", "3"))}, "e%5Bf=1&%5Ba%5D=2&a%5D%5Bb%5B%5D=3"},
		{"bytes that are not UTF-8", sig.Message{sig.Leaf("a", "\xff\x00")}, "a=%FF%00"},
		{"an empty name", sig.Message{sig.Leaf("", ""), sig.Leaf("", "1")}, "=&=1"},
		{"64 levels", deep(64), "x" + strings.Repeat("%5Bx%5D", 64) + "=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Append([]byte("before:"), c.m, URLEncoded)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := strings.CutPrefix(string(b), "before:")
			if !ok || got != c.want {
				t.Errorf("got %q, want %q after what stood there", b, c.want)
			}
			m, err := ParseQuery(got)
			if err != nil || show(m) != show(c.m) {
				t.Errorf("read back as %s, %v; want %s", show(m), err, show(c.m))
			}
			b, err = Append(nil, c.m, inParts)
			if err != nil {
				t.Fatal(err)
			}
			if m, err = Parse(inParts, b); err != nil || show(m) != show(c.m) {
				t.Errorf("read back from parts as %s, %v; want %s", show(m), err, show(c.m))
			}
		})
	}
}

func TestAppendRefusesWhatWouldBeAnotherMessage(t *testing.T) {
	many := make(sig.Message, MaxFields+1)
	for _, c := range []struct {
		name        string
		m           sig.Message
		path        string
		contentType string // both, if empty
	}{
		{"a branch without fields", sig.Message{sig.Leaf("x", ""), sig.Branch("a")}, "a", ""},
		{"a nested branch without fields", sig.Message{sig.Branch("a", sig.Leaf("x", ""), sig.Branch("b"))}, "a/b", ""},
		{"two branches of one name", sig.Message{sig.Branch("a", sig.Leaf("b", "")), sig.Branch("a", sig.Leaf("c", ""))}, "a", ""},
		{"a leaf whose name would nest", sig.Message{sig.Leaf("a[b]", "")}, "a[b]", ""},
		{"a branch whose name has a bracket", sig.Message{sig.Branch("a[", sig.Leaf("b", ""))}, "a[", ""},
		{"a branch without a name", sig.Message{sig.Branch("", sig.Leaf("b", ""))}, "", ""},
		{"a nested empty name, which would be numbered", sig.Message{sig.Branch("a", sig.Leaf("", ""))}, "a/", ""},
		{"a nested closing bracket", sig.Message{sig.Branch("a", sig.Leaf("b]c", ""))}, "a/b]c", ""},
		{"65 levels", deep(65), strings.Repeat("x/", 65) + "x", ""},
		{"more than MaxFields fields", many, "", ""},
		{"a value with the boundary", sig.Message{sig.Leaf("a", "x--AaB03xy")}, "a", inParts},
		{"a name with the boundary", sig.Message{sig.Leaf("--AaB03x", "")}, "--AaB03x", inParts},
		{"a line break in the name of a part", sig.Message{sig.Leaf("a\r\nb", "")}, "a\r\nb", inParts},
		{"a NUL in the name of a part", sig.Message{sig.Branch("a", sig.Leaf("\x00", ""))}, "a/\x00", inParts},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, contentType := range []string{URLEncoded, inParts} {
				b, err := Append([]byte("before"), c.m, contentType)
				if c.contentType != "" && c.contentType != contentType {
					if err != nil {
						t.Errorf("%s: %v; it can carry this", contentType, err)
					}
					continue
				}
				var e *CarryError
				if !errors.As(err, &e) || string(b) != "before" {
					t.Fatalf("%s: %q, %v; want a CarryError and nothing written", contentType, b, err)
				}
				if e.Path != c.path {
					t.Errorf("%s: path %q, want %q", contentType, e.Path, c.path)
				}
			}
		})
	}
}

// Go's own reader is a witness that others read what we write.
func TestMimeMultipartReadsWhatAppendWrites(t *testing.T) {
	m := sig.Message{sig.Leaf("pg_order_id", "00102"), sig.Leaf(`quote " and \`, " x\r\n"), sig.Branch("a", sig.Leaf("п", ""))}
	b, err := Append(nil, m, inParts)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(strings.NewReader(string(b)), "AaB03x")
	want := [][2]string{{"pg_order_id", "00102"}, {`quote " and \`, " x\r\n"}, {"a[п]", ""}}
	for i := 0; ; i++ {
		p, err := r.NextRawPart()
		if err == io.EOF && i == len(want) {
			return
		}
		if err != nil || i == len(want) {
			t.Fatalf("part %d: %v", i, err)
		}
		v, err := io.ReadAll(p)
		if err != nil || p.FormName() != want[i][0] || string(v) != want[i][1] {
			t.Errorf("part %d is %q = %q, %v; want %q", i, p.FormName(), v, err, want[i])
		}
	}
}
