package sigform

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// show writes fields so that two messages are equal if and only if their texts are.
func show(fields []sig.Field) string {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(' ')
		}
		if f.Children == nil {
			fmt.Fprintf(&b, "%q=%q", f.Name, f.Value)
		} else {
			fmt.Fprintf(&b, "%q{%s}", f.Name, show(f.Children))
		}
	}
	return b.String()
}

func TestParseQueryKeepsWhatWasSent(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"a plus is a space", "a=1+2", `"a"="1 2"`},
		{"an escaped plus is a plus", "a=%2B7701", `"a"="+7701"`},
		{"a plus in a name is a space too", "a+b=1", `"a b"="1"`},
		{"escapes are decoded once", "a=%2541", `"a"="%41"`},
		{"escapes may be lower-case", "a=%d0%bf", `"a"="п"`},
		{"an escaped ampersand or equals sign does not separate", "a=1%262%3D3&b=", `"a"="1&2=3" "b"=""`},
		{"a second equals sign belongs to the value", "a=b=c", `"a"="b=c"`},
		{"a semicolon does not separate", "a=1;b=2", `"a"="1;b=2"`},
		{"a name without an equals sign is empty", "pg_y&a=1", `"pg_y"="" "a"="1"`},
		{"an empty value keeps its place", "a=&b=1", `"a"="" "b"="1"`},
		{"two ampersands are one separator", "&a=1&&b=2&", `"a"="1" "b"="2"`},
		{"an empty name is a name", "=1", `""="1"`},
		{"nothing is a message without fields", "", ``},
		{"the order is that of the bytes", "b=1&a=2&B=3", `"b"="1" "a"="2" "B"="3"`},
		{"equal names stay apart", "a=1&b=2&a=3", `"a"="1" "b"="2" "a"="3"`},
		{"a byte that is not UTF-8 is kept", "a=%FF\xfe", `"a"="\xff\xfe"`},
		{"a NUL is kept", "a=%00x", `"a"="\x00x"`},
		{"line breaks are kept as they are", "a=1%0D%0A2", `"a"="1\r\n2"`},
		{"white space at the ends is kept", "a=+1+", `"a"=" 1 "`},
		{"dots and spaces in names are kept", "a.b=1&c+d=2&+e=3", `"a.b"="1" "c d"="2" " e"="3"`},

		{"brackets nest", "a[b][c]=1", `"a"{"b"{"c"="1"}}`},
		{"escaped brackets nest as well", "a%5Bb%5D=1", `"a"{"b"="1"}`},
		{"one beginning makes one branch where the first stood", "a[b]=1&x=2&a[c]=3", `"a"{"b"="1" "c"="3"} "x"="2"`},
		{"list items with the same index are one item", "a[0][n]=1&a[1][n]=2&a[0][p]=3", `"a"{"0"{"n"="1" "p"="3"} "1"{"n"="2"}}`},
		{"indexes keep the order in which they came", "i[1]=b&i[0]=a", `"i"{"1"="b" "0"="a"}`},
		{"empty brackets number from 0", "a[]=x&a[]=y", `"a"{"0"="x" "1"="y"}`},
		{"empty brackets make a new item each time", "a[][n]=1&a[][p]=2", `"a"{"0"{"n"="1"} "1"{"p"="2"}}`},
		{"empty brackets go on after the greatest index", "a[5]=x&a[]=y&a[2]=z&a[]=w", `"a"{"5"="x" "6"="y" "2"="z" "7"="w"}`},
		{"007 is no index", "a[007]=x&a[]=y", `"a"{"007"="x" "0"="y"}`},
		{"equal nested leaves stay apart", "a[b]=1&a[b]=2", `"a"{"b"="1" "b"="2"}`},
		{"a leaf and a branch of one name stay apart", "a=1&a[b]=2&a=3", `"a"="1" "a"{"b"="2"} "a"="3"`},
		{"a nested leaf and branch of one name stay apart", "a[b]=1&a[b][c]=2", `"a"{"b"="1" "b"{"c"="2"}}`},
		{"an unclosed bracket is part of a plain name", "e[f=1", `"e[f"="1"`},
		{"text behind a bracket makes a plain name", "a[b]c=1&a[b]c[d]=2", `"a[b]c"="1" "a[b]c[d]"="2"`},
		{"a bracket at the beginning makes a plain name", "[a]=1&[]=2", `"[a]"="1" "[]"="2"`},
		{"a closing bracket alone is plain", "a]=1&a][b]=2", `"a]"="1" "a]"{"b"="2"}`},
		{"a nested name may have an opening bracket", "a[b[c]=1", `"a"{"b[c"="1"}`},
		{"a nested space is a name", "a[ ]=1&a[+]=2", `"a"{" "="1" " "="2"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseQuery(c.query)
			if err != nil {
				t.Fatalf("ParseQuery(%q): %v", c.query, err)
			}
			if got := show(m); got != c.want {
				t.Errorf("ParseQuery(%q)\n got %s\nwant %s", c.query, got, c.want)
			}
			if m == nil {
				t.Errorf("ParseQuery(%q) is nil, want a message even without fields", c.query)
			}
			for _, contentType := range []string{
				URLEncoded,
				"application/x-www-form-urlencoded; charset=UTF-8",
				"Application/X-WWW-Form-URLEncoded ;charset=windows-1251",
			} {
				m, err := Parse(contentType, []byte(c.query))
				if err != nil || show(m) != c.want {
					t.Errorf("Parse(%q) = %s, %v; want what ParseQuery reads", contentType, show(m), err)
				}
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, c := range []struct {
		name, query string
		offset      int // 0: any
		err         error
	}{
		{"a percent sign before no hexadecimal digit", "a=1&b=%zz", 6, ErrEscape},
		{"a percent sign before one", "a=%4", 2, ErrEscape},
		{"a percent sign at the end", "a=100%", 5, ErrEscape},
		{"an escape that the next pair would end", "a=%4&1=2", 2, ErrEscape},
		{"an escape that the equals sign would end", "a%4=1", 1, ErrEscape},
		{"a bad escape in a name", "x=1&%u0041=1", 4, ErrEscape},
		{"more than 64 levels", "x=1&a" + strings.Repeat("[b]", 65) + "=1", 4, ErrDepth},
		{"more than 64 levels of lists", "a" + strings.Repeat("[]", 65) + "=1", 0, ErrDepth},
		{"empty brackets after the greatest index", "a[9223372036854775807]=1&a[]=2", 25, ErrIndex},
		{"more fields than MaxFields", strings.Repeat("a&", MaxFields+1), 2 * MaxFields, ErrFields},
		{"more branches than MaxFields", strings.Repeat("a[][][][][][][][][]&", MaxFields/9+2), 0, ErrFields},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseQuery(c.query)
			var e *SyntaxError
			if !errors.As(err, &e) || !errors.Is(err, c.err) {
				t.Fatalf("ParseQuery = %.80s, %v; want a SyntaxError with %v", show(m), err, c.err)
			}
			if c.offset > 0 && e.Offset != c.offset {
				t.Errorf("offset %d, want %d: %v", e.Offset, c.offset, err)
			}
			if len(err.Error()) > 120 {
				t.Errorf("the error is %d bytes long: %v", len(err.Error()), err)
			}
		})
	}
}

func TestParseQueryTakesTheLimitsThemselves(t *testing.T) {
	m, err := ParseQuery("a" + strings.Repeat("[b]", MaxDepth) + "=1")
	if err != nil {
		t.Fatalf("%d levels: %v", MaxDepth, err)
	}
	depth := 0
	for f := m[0]; f.Children != nil; f = f.Children[0] {
		depth++
	}
	if depth != MaxDepth {
		t.Errorf("%d branches, want %d", depth, MaxDepth)
	}
	m, err = ParseQuery(strings.Repeat("a&", MaxFields))
	if err != nil || len(m) != MaxFields {
		t.Errorf("%d fields: %d, %v", MaxFields, len(m), err)
	}
}

// Lists so long that a linear search for each item would be felt; also the way through byName.
func TestParseQueryLongLists(t *testing.T) {
	const n = 2000
	var q strings.Builder
	for _, name := range []string{"n", "p"} {
		for i := range n {
			fmt.Fprintf(&q, "&a[%d][%s]=%d", i, name, i)
		}
	}
	m, err := ParseQuery(q.String())
	if err != nil {
		t.Fatal(err)
	}
	if len(m) != 1 || len(m[0].Children) != n {
		t.Fatalf("%d fields, the first with %d items; want 1 with %d", len(m), len(m[0].Children), n)
	}
	for i, item := range m[0].Children {
		want := fmt.Sprintf(`"%d"{"n"="%d" "p"="%d"}`, i, i, i)
		if got := show([]sig.Field{item}); got != want {
			t.Fatalf("item %d is %s, want %s", i, got, want)
		}
	}
}

func TestParseKeepsNothingOfTheBody(t *testing.T) {
	for _, c := range []struct{ contentType, body string }{
		{URLEncoded, "name=value&a[b]=c%20d"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=name\r\n\r\nvalue\r\n--b--"},
	} {
		body := []byte(c.body)
		m, err := Parse(c.contentType, body)
		if err != nil {
			t.Fatal(err)
		}
		before := show(m)
		for i := range body {
			body[i] = 'X'
		}
		if after := show(m); after != before {
			t.Errorf("%s: the message changed with the body: %s, was %s", c.contentType, after, before)
		}
	}
}

func TestContentType(t *testing.T) {
	for _, c := range []struct {
		name, contentType string
		boundary          string
		err               error
	}{
		{"urlencoded", "application/x-www-form-urlencoded", "", nil},
		{"multipart", "multipart/form-data; boundary=abc", "abc", nil},
		{"case does not count", "Multipart/Form-Data; Boundary=ABC", "ABC", nil},
		{"other parameters before it", `multipart/form-data; charset="utf-8"; boundary=abc`, "abc", nil},
		{"other parameters after it", "multipart/form-data;boundary=abc;charset=utf-8", "abc", nil},
		{"quotes are not part of it", `multipart/form-data; boundary="a b;c=d"`, "a b;c=d", nil},
		{"a protected quote in quotes", `multipart/form-data; boundary="a\"b"`, `a"b`, nil},
		{"Java's without quotes", "multipart/form-data; boundary=----=_Part_1_2.3", "----=_Part_1_2.3", nil},
		{"Android's asterisks", "multipart/form-data; boundary=*****", "*****", nil},
		{"70 characters", "multipart/form-data; boundary=" + strings.Repeat("x", 70), strings.Repeat("x", 70), nil},
		{"a parameter without a value", "multipart/form-data; boundary; boundary=x;", "x", nil},

		{"none", "", "", ErrContentType},
		{"JSON", "application/json", "", ErrContentType},
		{"another multipart", "multipart/mixed; boundary=x", "", ErrContentType},
		{"a longer name", "application/x-www-form-urlencoded2", "", ErrContentType},
		{"no boundary", "multipart/form-data", "", ErrBoundary},
		{"a boundary without a value", "multipart/form-data; boundary", "", ErrBoundary},
		{"an empty boundary", "multipart/form-data; boundary=", "", ErrBoundary},
		{"an empty quoted boundary", `multipart/form-data; boundary=""`, "", ErrBoundary},
		{"two boundaries", "multipart/form-data; boundary=a; boundary=a", "", ErrBoundary},
		{"71 characters", "multipart/form-data; boundary=" + strings.Repeat("x", 71), "", ErrBoundary},
		{"a quote without an end", `multipart/form-data; boundary="abc`, "", ErrBoundary},
		{"text behind the quote", `multipart/form-data; boundary="abc"d`, "", ErrBoundary},
		{"a comma without quotes, where PHP ends it", "multipart/form-data; boundary=a,b", "", ErrBoundary},
		{"a space without quotes", "multipart/form-data; boundary=a b", "", ErrBoundary},
		{"a space at the end", `multipart/form-data; boundary="a "`, "", ErrBoundary},
		{"a line break", "multipart/form-data; boundary=\"a\r\nb\"", "", ErrBoundary},
		{"a letter beyond ASCII", "multipart/form-data; boundary=ж", "", ErrBoundary},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := boundaryOf(c.contentType)
			if !errors.Is(err, c.err) || got != c.boundary {
				t.Errorf("boundaryOf(%q) = %q, %v; want %q, %v", c.contentType, got, err, c.boundary, c.err)
			}
			if err != nil {
				if _, e := Parse(c.contentType, nil); e == nil || e.Error() != err.Error() {
					t.Errorf("Parse returns %v, want %v", e, err)
				}
				if _, e := ParsePHP(c.contentType, nil); e == nil || e.Error() != err.Error() {
					t.Errorf("ParsePHP returns %v, want %v", e, err)
				}
				if b, e := Append([]byte("x"), nil, c.contentType); e == nil || e.Error() != err.Error() || string(b) != "x" {
					t.Errorf("Append returns %q, %v, want %v", b, e, err)
				}
			}
		})
	}
}
