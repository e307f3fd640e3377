package sigxml

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

const decl = `<?xml version="1.0" encoding="utf-8"?>`

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"tags keep the order of the document, repeated ones too", "<r><b>1</b><a>2</a><b>3</b></r>", `"b"="1" "a"="2" "b"="3"`},
		{"a tag with child tags is a branch", "<r><a><b>1</b><c>2</c></a></r>", `"a"{"b"="1" "c"="2"}`},
		{"repeated branches stay apart", "<r><a><b>1</b></a><a><b>2</b></a></r>", `"a"{"b"="1"} "a"{"b"="2"}`},
		{"<a/> and <a></a> are the empty value", "<r><a/><b></b><c /></r>", `"a"="" "b"="" "c"=""`},
		{"a root without fields", "<r/>", ``},
		{"white space in a leaf is kept", "<r><a> x\n\t</a><b> </b></r>", `"a"=" x\n\t" "b"=" "`},
		{"white space between tags is no value", "<r>\n  <a>\n    <b>1</b>\n  </a>\n</r>\n", `"a"{"b"="1"}`},
		{"text beside tags is no value", "<r>x<a>y<b>1</b>z</a>w</r>", `"a"{"b"="1"}`},
		{"line breaks become LF", "<r><a>1\r\n2\r3\n4</a></r>", `"a"="1\n2\n3\n4"`},
		{"a CR written as a reference stays", "<r><a>1&#13;&#xD;\n2</a></r>", `"a"="1\r\r\n2"`},
		{"entities are decoded once", "<r><a>&lt;&gt;&amp;&quot;&apos;&amp;lt;</a></r>", `"a"="<>&\"'&lt;"`},
		{"references are decoded", "<r><a>&#1047;&#x417;&#x1F600;</a></r>", `"a"="ЗЗ😀"`},
		{"CDATA is text as it stands", "<r><a><![CDATA[<b>&amp;]]>x<![CDATA[ ]]></a></r>", `"a"="<b>&amp;x "`},
		{"line breaks in CDATA become LF", "<r><a><![CDATA[1\r\n2]]></a></r>", `"a"="1\n2"`},
		{"an empty CDATA is the empty value", "<r><a><![CDATA[]]></a></r>", `"a"=""`},
		{"a comment in a value is left out", "<r><a>1<!-- x -->2</a><!-- y --></r>", `"a"="12"`},
		{"an instruction in a value is left out", "<r><a>1<?x y?>2<?x?></a></r>", `"a"="12"`},
		{"quotes in attribute values", `<r><a b="'" c='"'/></r>`, `"a"=""`},
		{"a leaf with nothing but a comment is empty", "<r><a><!--x--></a></r>", `"a"=""`},
		{"attributes are no fields", `<r id="1"><a b="2" c='&lt;'>3</a></r>`, `"a"="3"`},
		{"a namespace declaration has no effect", `<r xmlns="urn:x"><a xmlns:p="urn:y">1</a></r>`, `"a"="1"`},
		{"a prefix stays part of the name", `<r xmlns:p="urn:x"><p:pg_sig>1</p:pg_sig></r>`, `"p:pg_sig"="1"`},
		{"names beyond ASCII", "<ответ><сумма.1-a>1</сумма.1-a></ответ>", `"сумма.1-a"="1"`},
		{"names are not folded", "<r><A>1</A><a>2</a></r>", `"A"="1" "a"="2"`},
		{"a declaration", decl + "<r><a>п</a></r>", `"a"="п"`},
		{"a declaration in single quotes and capitals", "<?xml version='1.0'  encoding = 'UTF-8' standalone='yes' ?><r><a>1</a></r>", `"a"="1"`},
		{"a declaration without an encoding", `<?xml version="1.0"?><r><a>п</a></r>`, `"a"="п"`},
		{"comments and instructions around the root", decl + "<!-- a --><?php x?><r><a>1</a></r>\n<!-- b --><?x?>\n", `"a"="1"`},
		{"white space in tags", "<r ><a\n>1</a ></r\t>", `"a"="1"`},
		{"64 levels", "<r>" + strings.Repeat("<a>", 65) + "1" + strings.Repeat("</a>", 65) + "</r>", strings.Repeat(`"a"{`, 64) + `"a"="1"` + strings.Repeat("}", 64)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse([]byte(c.body))
			if err != nil {
				t.Fatalf("Parse(%q): %v", c.body, err)
			}
			if got := show(d.Fields); got != c.want {
				t.Errorf("Parse(%q)\n got %s\nwant %s", c.body, got, c.want)
			}
			if d.Fields == nil || d.Root == "" || d.Before != nil {
				t.Errorf("fields %v, root %q, before %q", d.Fields, d.Root, d.Before)
			}
		})
	}
}

func TestParseReportsWhatStandsBefore(t *testing.T) {
	const bom = "\uFEFF"
	for _, c := range []struct{ name, before, rest string }{
		{"a line break before the declaration", "\r\n", decl + "<response/>"},
		{"a line break before the root", "\n", "<response/>"},
		{"a byte order mark", bom, decl + "<response/>"},
		{"a byte order mark before the root", bom, "<response/>"},
		{"both, in any order", " \t" + bom + "\n" + bom, decl + "<response/>"},
		{"nothing", "", decl + "<response/>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := []byte(c.before + c.rest)
			d, err := Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			body[0] = 'X'
			if string(d.Before) != c.before || d.Root != "response" {
				t.Errorf("before %q, root %q; want %q, response", d.Before, d.Root, c.before)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	bomb := `<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>`
	for _, c := range []struct {
		name, body string
		path       string
		offset     int
		err        error  // or
		says       string // what the error says
	}{
		{"nothing", "", "", 0, nil, "no root element"},
		{"a declaration alone", decl, "", 38, nil, "no root element"},
		{"white space alone", " \n", "", 2, nil, "no root element"},
		{"plain text", "OK", "", 0, nil, "text before the root"},
		{"JSON", `{"a":1}`, "", 0, nil, "text before the root"},
		{"text before the root", decl + "\nx<r/>", "", 39, nil, "text before the root"},
		{"CDATA before the root", "<![CDATA[ ]]><r/>", "", 0, nil, "text before the root"},
		{"text behind the root", "<r/>\nx", "", 5, ErrTrailing, ""},
		{"a reference to white space behind the root", "<r/> &#32;", "", 5, ErrTrailing, ""},
		{"a second root", "<r></r> <q/>", "", 8, ErrTrailing, ""},
		{"a tag closed by another", "<response><pg_order_id>1</pg_payment_id></response>", "response/pg_order_id", 24, nil, "closed by </pg_payment_id>"},
		{"a tag closed in another case", "<r><a>1</A></r>", "r/a", 7, nil, "closed by </A>"},
		{"a tag closed without its prefix", `<r xmlns:p="x"><p:a>1</a></r>`, "r/p:a", 21, nil, "closed by </a>"},
		{"a tag that closes nothing", "</r>", "", 0, nil, "closes nothing"},
		{"a tag that closes nothing behind the root", "<r></r></r>", "", 7, nil, "closes nothing"},
		{"a document cut off", "<r><a>1</a>", "r", 11, nil, "<r> is not closed"},
		{"a document cut off in a value", "<r><a>1", "r/a", 7, nil, "<a> is not closed"},
		{"a document cut off in a tag", "<r><a", "r", 5, nil, "EOF"},
		{"a document cut off in CDATA", "<r><a><![CDATA[1", "r/a", 16, nil, "EOF"},
		{"HTML", "<html><body><br></body></html>", "html/body/br", 16, nil, "closed by </body>"},
		{"an attribute without quotes", "<r><a b=1>1</a></r>", "r", 9, nil, "unquoted"},
		{"an attribute that stands twice", `<r><a b="1" b="2">1</a></r>`, "r/a", 3, nil, `"b" stands twice`},
		{"attributes without white space between them", `<r><a b="1"c="2">1</a></r>`, "r/a", 11, nil, "no white space"},
		{"an instruction whose target has no end", `<r><?a"b?></r>`, "r", 6, nil, "no white space"},
		{"a declaration without its first space", `<?xmlversion="1.0"?><r/>`, "", 12, nil, "no white space"},
		{"a bare ampersand", "<r><a>a&b</a></r>", "r/a", 9, nil, "invalid character entity"},
		{"an entity of HTML", "<r><a>&nbsp;</a></r>", "r/a", 12, nil, "invalid character entity"},
		{"half a surrogate pair", "<r><a>x&#xD83D;</a></r>", "r/a", 7, nil, "surrogate"},
		{"half a surrogate pair in decimal", "<r><a>&#x41;&#55357;</a></r>", "r/a", 12, nil, "surrogate"},
		{"half a surrogate pair in an attribute", "<r><a b='&#xDC00;'/></r>", "r/a", 9, nil, "surrogate"},
		{"a reference to a NUL", "<r><a>&#0;</a></r>", "r/a", 10, nil, "U+0000"},
		{"a NUL", "<r><a>\x00</a></r>", "", 6, nil, "control character U+0000"},
		{"a control character in a comment", "<r><!-- \x1b --></r>", "", 8, nil, "control character U+001B"},
		{"U+FFFF", "<r><a>\uFFFF</a></r>", "", 6, nil, "U+FFFF"},
		{"]]> in text", "<r><a>]]></a></r>", "r/a", 9, nil, "]]>"},
		{"a tag without a name", "<r>< a/></r>", "r", 4, nil, "element name"},
		{"a number as a name", "<r><0>1</0></r>", "r", 5, nil, "XML name"},
		{"a byte that is not UTF-8", "<r><a>\xcf\xf0</a></r>", "", 6, ErrEncoding, "0xCF"},
		{"UTF-16", "\xff\xfe<\x00r\x00/\x00>\x00", "", 0, ErrEncoding, "0xFF"},
		{"windows-1251 by its declaration", `<?xml version="1.0" encoding="windows-1251"?><r/>`, "", 0, ErrEncoding, `"windows-1251"`},
		{"utf - 8, which a real plug-in sends", `<?xml version="1.0" encoding="utf - 8"?><r/>`, "", 0, ErrEncoding, `"utf - 8"`},
		{"a declaration without a version", `<?xml encoding="utf-8"?><r/>`, "", 0, nil, "declaration is not well-formed"},
		{"a declaration in another order", `<?xml encoding="utf-8" version="1.0"?><r/>`, "", 0, nil, "declaration is not well-formed"},
		{"a declaration without quotes", `<?xml version=1.0?><r/>`, "", 0, nil, "declaration is not well-formed"},
		{"a declaration behind a comment", "<!-- x -->" + decl + "<r/>", "", 10, nil, "not at the start"},
		{"a second declaration", decl + decl + "<r/>", "", 38, nil, "not at the start"},
		{"a declaration in the root", "<r>" + decl + "</r>", "r", 3, nil, "not at the start"},
		{"a declaration in capitals", `<?XML version="1.0"?><r/>`, "", 0, nil, "not at the start"},
		{"XML 1.1", `<?xml version="1.1"?><r/>`, "", 21, nil, "version"},
		{"a document type", "<!DOCTYPE response><response/>", "", 0, ErrDoctype, ""},
		{"a document type with entities", decl + bomb + "<r><a>&b;</a></r>", "", 38, ErrDoctype, ""},
		{"a document type behind white space", "\n" + bomb + "<r/>", "", 1, ErrDoctype, ""},
		{"65 levels", "<r>" + strings.Repeat("<a>", 66), "r" + strings.Repeat("/a", 65), 3 + 65*3, ErrDepth, ""},
		{"a hundred thousand tags", strings.Repeat("<a>", 100_000), strings.Repeat("a/", 65) + "a", 66 * 3, ErrDepth, ""},
		{"more than MaxSize bytes", "<r>" + strings.Repeat(" ", MaxSize), "", MaxSize, ErrSize, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse([]byte(c.body))
			var e *SyntaxError
			if !errors.As(err, &e) || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("Parse = %v, %v; want a SyntaxError with %v, %q", d, err, c.err, c.says)
			}
			if e.Path != c.path || e.Offset != c.offset {
				t.Errorf("path %q, offset %d; want %q, %d: %v", e.Path, e.Offset, c.path, c.offset, err)
			}
			if len(err.Error()) > 400 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
		})
	}
}

func TestErrorsDoNotShowValues(t *testing.T) {
	for _, body := range []string{
		"<r><a>x&secret</a></r>", "<r><a>secret&</a></r>", "<r><a>secret</b></r>", "<r><a>secret", "<r><a>secret]]></a></r>", "<r><a>&secret;</a></r>",
		"<r><a>secret\xff</a></r>", "<r><a>secret\x00</a></r>", "secret<r/>", "<r/>secret", "<r a=secret/>", "<r a='secret'b=''/>", "<r a='secret<'/>",
	} {
		if _, err := Parse([]byte(body)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestErrorsAreCut(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, body := range []string{
		"<r>&" + long + ";</r>", "<r></" + long + "></r>", "<" + long + "></r>", "<r/><" + long + "/>", "<r " + long + "='' " + long + "=''/>",
		"<r>" + strings.Repeat("<"+long+">", 60) + "</r>", `<?xml version="1.0" encoding="` + long + `"?><r/>`, "<r>&#x" + long + ";</r>",
	} {
		_, err := Parse([]byte(body))
		if err == nil || len(err.Error()) > 512 {
			t.Errorf("%.20q…: the error has %d bytes, want at most 512 and at least some", body, len(fmt.Sprint(err)))
		}
	}
}
