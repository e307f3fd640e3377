package sigjson

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

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"members keep their order", `{"b":"1","a":"2","B":"3"}`, `"b"="1" "a"="2" "B"="3"`},
		{"a name that stands twice is two fields", `{"a":"1","b":"2","a":"3"}`, `"a"="1" "b"="2" "a"="3"`},
		{"an object that stands twice is two branches", `{"a":{"x":"1"},"a":{"y":"2"}}`, `"a"{"x"="1"} "a"{"y"="2"}`},
		{"an amount keeps its zeros", `{"a":1.10,"b":100.00,"c":0.50}`, `"a"="1.10" "b"="100.00" "c"="0.50"`},
		{"a number keeps its exponent as written", `{"a":1e3,"b":1E+03,"c":-0,"d":-1.5e-7}`, `"a"="1e3" "b"="1E+03" "c"="-0" "d"="-1.5e-7"`},
		{"a number keeps more digits than a float has", `{"a":12345678901234567890.12345678901234567890}`, `"a"="12345678901234567890.12345678901234567890"`},
		{"text that looks like a number is text", `{"a":"00102"}`, `"a"="00102"`},
		{"true and false are these words", `{"a":true,"b":false}`, `"a"="true" "b"="false"`},
		{"null is the empty value", `{"a":null,"b":""}`, `"a"="" "b"=""`},
		{"an array numbers from 0", `{"a":["x",1,null,{"n":"y"}]}`, `"a"{"0"="x" "1"="1" "2"="" "3"{"n"="y"}}`},
		{"an array in an array", `{"a":[[],["x"]]}`, `"a"{"0"{} "1"{"0"="x"}}`},
		{"empty objects and arrays are empty branches", `{"a":{},"b":[]}`, `"a"{} "b"{}`},
		{"an empty object is a message without fields", ` { } `, ``},
		{"white space around everything", " \t\r\n{ \"a\" : [ \"x\" , \"y\" ] , \"b\" : 1 } \n", `"a"{"0"="x" "1"="y"} "b"="1"`},
		{"white space in strings is kept", `{"a":" x "}`, `"a"=" x "`},
		{"escapes are decoded once", `{"a":"\"\\\/\b\f\n\r\t\\u0041"}`, `"a"="\"\\/\b\f\n\r\t\\u0041"`},
		{"escapes by number", `{"\u0061":"\u0417\u0430\u00e9\u0000"}`, `"a"="Заé\x00"`},
		{"a surrogate pair is one character", `{"a":"\ud83d\ude00"}`, `"a"="😀"`},
		{"escapes between plain text", `{"a":"x\ny\tz"}`, `"a"="x\ny\tz"`},
		{"DEL and line separators need no escape", "{\"a\":\"\x7f\u2028\"}", `"a"="\x7f\u2028"`},
		{"an empty name is a name", `{"":"1"}`, `""="1"`},
		{"64 levels", `{"a":` + strings.Repeat(`[`, 64) + `1` + strings.Repeat(`]`, 64) + `}`, `"a"{` + strings.Repeat(`"0"{`, 63) + `"0"="1"` + strings.Repeat(`}`, 64)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse([]byte(c.body))
			if err != nil {
				t.Fatalf("Parse(%q): %v", c.body, err)
			}
			if got := show(m); got != c.want {
				t.Errorf("Parse(%q)\n got %s\nwant %s", c.body, got, c.want)
			}
			if m == nil {
				t.Errorf("Parse(%q) is nil", c.body)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", MaxSize) + `"}`
	for _, c := range []struct {
		name, body string
		offset     int
		err        error // nil: any
	}{
		{"nothing", "", 0, ErrObject},
		{"an array", `[{"a":1}]`, 0, ErrObject},
		{"a string", ` "a"`, 1, ErrObject},
		{"null", `null`, 0, ErrObject},
		{"a form", `a=1`, 0, ErrObject},
		{"a byte order mark", "\uFEFF{}", 0, ErrObject},
		{"a second object", `{} {}`, 3, ErrTrailing},
		{"text behind the object", `{"a":1}x`, 7, ErrTrailing},
		{"a NUL behind the object", "{}\x00", 2, ErrTrailing},
		{"65 levels", `{"a":` + strings.Repeat(`[`, 65), 5 + 64, ErrDepth},
		{"65 levels of objects", strings.Repeat(`{"a":`, 66), 5 * 65, ErrDepth},
		{"a million brackets", `{"a":` + strings.Repeat(`[`, 1_000_000), 5 + 64, ErrDepth},
		{"more than MaxSize bytes", long, MaxSize, ErrSize},
		{"a byte that is not UTF-8", "{\"a\":\"x\xff\"}", 7, ErrUTF8},
		{"a byte that is not UTF-8 behind the end", "{}\xff", 2, ErrUTF8},
		{"windows-1251", "{\"a\":\"\xcf\xf0\"}", 6, ErrUTF8},
		{"half a surrogate pair", `{"a":"x\ud83d"}`, 7, nil},
		{"half a surrogate pair and another escape", `{"a":"\ud83d\u0041"}`, 6, nil},
		{"the second half first", `{"a":"\ude00\ud83d"}`, 6, nil},
		{"an unknown escape", `{"a":"\x41"}`, 6, nil},
		{"an escape cut off", `{"a":"\u00`, 6, nil},
		{"a backslash at the end", `{"a":"\`, 6, nil},
		{"a line break in a string", "{\"a\":\"x\ny\"}", 7, nil},
		{"a string cut off", `{"a":"xy`, 8, nil},
		{"single quotes", `{'a':1}`, 1, nil},
		{"a name without quotes", `{a:1}`, 1, nil},
		{"no colon", `{"a" 1}`, 5, nil},
		{"no value", `{"a":}`, 5, nil},
		{"no comma", `{"a":1 "b":2}`, 7, nil},
		{"a comma at the end of an object", `{"a":1,}`, 7, nil},
		{"a comma at the end of an array", `{"a":[1,]}`, 8, nil},
		{"an array closed as an object", `{"a":[1}}`, 7, nil},
		{"a comment", `{"a":1/*x*/}`, 6, nil},
		{"an object cut off", `{"a":1`, 6, nil},
		{"an object cut off behind a comma", `{"a":1,`, 7, nil},
		{"a leading zero", `{"a":00102}`, 6, nil},
		{"a leading plus", `{"a":+7701}`, 5, nil},
		{"a point without digits behind it", `{"a":1.}`, 7, nil},
		{"a point without digits before it", `{"a":.5}`, 5, nil},
		{"an exponent without digits", `{"a":1e+}`, 8, nil},
		{"a minus alone", `{"a":-}`, 6, nil},
		{"a hexadecimal number", `{"a":0x1F}`, 6, nil},
		{"NaN", `{"a":NaN}`, 5, nil},
		{"True", `{"a":True}`, 5, nil},
		{"a word that goes on", `{"a":nullx}`, 9, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse([]byte(c.body))
			var e *SyntaxError
			if !errors.As(err, &e) || c.err != nil && !errors.Is(err, c.err) {
				t.Fatalf("Parse = %.80s, %v; want a SyntaxError", show(m), err)
			}
			if e.Offset != c.offset {
				t.Errorf("offset %d, want %d: %v", e.Offset, c.offset, err)
			}
			if len(err.Error()) > 100 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
		})
	}
}

func TestParseKeepsNothingOfTheBody(t *testing.T) {
	body := []byte(`{"name":"value","number":1.50}`)
	m, err := Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	before := show(m)
	for i := range body {
		body[i] = 'X'
	}
	if after := show(m); after != before {
		t.Errorf("the message changed with the body: %s, was %s", after, before)
	}
}
