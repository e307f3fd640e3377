package sigform

import (
	"errors"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// What the fuzz targets begin with: the queries that the table tests know.
var querySeeds = []string{
	"", "a=1&b=2&a=3", "a=%D0%BF+%2B&b=&c", "a[0][n]=1&a[0][p]=2&a[]=3&a[7][n]=4&a[]=5",
	"a=1&a[b]=2&a[b][c]=3&a=4", "e[f=1&a.b=2&c+d=3&[x]=4&a[b]c=5", "a%5B%5D=1&a%00=2&%FF=%FE",
	"a[ ]=1&a[9223372036854775807]=2", "a=%zz", "a[-1]=1&a[]=2", "&&=&=1", strings.Repeat("a[x]", 2) + "[]=1",
}

// checkRoundTrip holds what every parsed message must: it can be written, and what was
// written reads as the same message.
func checkRoundTrip(t *testing.T, m sig.Message) {
	t.Helper()
	b, err := AppendQuery(nil, m)
	if err != nil {
		t.Fatalf("%s cannot be written: %v", show(m), err)
	}
	again, err := ParseQuery(string(b))
	if err != nil || show(again) != show(m) {
		t.Fatalf("%s was written as %q and read as %s, %v", show(m), b, show(again), err)
	}
	b, err = Append(nil, m, "multipart/form-data; boundary=q")
	var e *CarryError
	if errors.As(err, &e) {
		return // a control character in a name, or the boundary somewhere
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err = Parse("multipart/form-data; boundary=q", b)
	if err != nil || show(again) != show(m) {
		t.Fatalf("%s was written as %q and read as %s, %v", show(m), b, show(again), err)
	}
	// A message of known bytes and the message alone give PHP the same fields.
	php, err := ParsePHP("multipart/form-data; boundary=q", b)
	if err == nil && show(php) != show(AsPHP(m)) {
		t.Fatalf("%s is %s as PHP, and %s from its bytes", show(m), show(AsPHP(m)), show(php))
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range querySeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		m, err := ParseQuery(query)
		if php, err := ParsePHPQuery(query); err == nil {
			// The PHP view of the PHP view is itself, as far as forms carry it: a name such
			// as "a]" or one with a space inside brackets stays.
			if again := AsPHP(php); len(again) != len(php) {
				t.Fatalf("PHP view %s became %s", show(php), show(again))
			}
		}
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(query) {
				t.Fatalf("%v", err)
			}
			return
		}
		checkRoundTrip(t, m)
	})
}

func FuzzParseMultipart(f *testing.F) {
	for _, s := range querySeeds {
		m, err := ParseQuery(s)
		if err != nil {
			continue
		}
		if b, err := Append(nil, m, inParts); err == nil {
			f.Add("AaB03x", b)
		}
	}
	f.Add("x", []byte("before\n--x \nContent-Disposition: form-data; name='a'; filename*=b\n\n1\n--x--\nafter"))
	f.Add(`x"; charset="y`, []byte(aPart("1", `Content-Disposition: form-data; name="a\"b"`, "Content-Type: multipart/mixed")))
	f.Fuzz(func(t *testing.T, boundary string, body []byte) {
		contentType := `multipart/form-data; boundary="` + boundary + `"`
		ParsePHP(contentType, body)
		m, err := Parse(contentType, body)
		if err != nil {
			var e *SyntaxError
			if errors.As(err, &e) && (e.Offset < 0 || e.Offset > len(body)) {
				t.Fatalf("%v", err)
			}
			return
		}
		checkRoundTrip(t, m)
	})
}

// Any message at all: what Append takes must come back.
func FuzzAppend(f *testing.F) {
	f.Add("a", "b", "c", "1", "2")
	f.Add("a[b]", "[", "]", "--q", "\r\n")
	f.Add("", "0", " ", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, n1, n2, n3, v1, v2 string) {
		m := sig.Message{
			sig.Leaf(n1, v1),
			sig.Branch(n2, sig.Leaf(n3, v2), sig.Branch(n1, sig.Leaf(n2, v1))),
			sig.Leaf(n3, v2),
			sig.Branch(n3, sig.Branch(n3, sig.Leaf(n1, v2))),
		}
		if _, err := AppendQuery(nil, m); err == nil {
			checkRoundTrip(t, m)
		}
		AsPHP(m)
	})
}
