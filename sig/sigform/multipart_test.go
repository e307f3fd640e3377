package sigform

import (
	"bytes"
	"errors"
	"mime/multipart"
	"strings"
	"testing"
)

const inParts = "multipart/form-data; boundary=AaB03x"

// lines joins with CRLF.
func lines(l ...string) string { return strings.Join(l, "\r\n") }

// aPart is a body of one part with these header lines.
func aPart(value string, header ...string) string {
	return "--AaB03x\r\n" + lines(header...) + "\r\n\r\n" + value + "\r\n--AaB03x--\r\n"
}

func TestParseMultipart(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"parts keep their order, names may repeat", lines(
			"--AaB03x", `Content-Disposition: form-data; name="b"`, "", "1",
			"--AaB03x", `Content-Disposition: form-data; name="a"`, "", "2",
			"--AaB03x", `Content-Disposition: form-data; name="b"`, "", "3",
			"--AaB03x--", ""), `"b"="1" "a"="2" "b"="3"`},
		{"brackets nest as in an urlencoded form", lines(
			"--AaB03x", `Content-Disposition: form-data; name="a[0][n]"`, "", "1",
			"--AaB03x", `Content-Disposition: form-data; name="a[]"`, "", "2",
			"--AaB03x--", ""), `"a"{"0"{"n"="1"} "1"="2"}`},
		{"no parts", "--AaB03x--\r\n", ``},
		{"an empty value", aPart("", `Content-Disposition: form-data; name="a"`), `"a"=""`},
		{"an empty value without its own line break", "--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\n--AaB03x--", `"a"=""`},
		{"percent and plus stand for themselves", aPart("1+1=%32", `Content-Disposition: form-data; name="a+%62"`), `"a+%62"="1+1=%32"`},
		{"line breaks in a value are kept", aPart("1\r\n2\n3\r", `Content-Disposition: form-data; name="a"`), `"a"="1\r\n2\n3\r"`},
		{"line breaks at the ends of a value are kept", aPart("\r\n\r\n", `Content-Disposition: form-data; name="a"`), `"a"="\r\n\r\n"`},
		{"a value may look like a boundary", aPart("--AaB03\r\n-AaB03x --AaB03x", `Content-Disposition: form-data; name="a"`), `"a"="--AaB03\r\n-AaB03x --AaB03x"`},
		{"bytes that are not UTF-8 are kept", aPart("\xff\x00", "Content-Disposition: form-data; name=\"\xfe\""), `"\xfe"="\xff\x00"`},
		{"a name without quotes", aPart("1", "Content-Disposition: form-data; name=pg_salt"), `"pg_salt"="1"`},
		{"a quoted name may have a semicolon", aPart("1", `Content-Disposition: form-data; name="a; filename=b"`), `"a; filename=b"="1"`},
		{"a backslash protects a quote and itself", aPart("1", `Content-Disposition: form-data; name="a\"b\\c"`), `"a\"b\\c"="1"`},
		{"a backslash before another character is one", aPart("1", `Content-Disposition: form-data; name="C:\dir"`), `"C:\\dir"="1"`},
		{"browsers' %22 is not decoded, and PHP does not either", aPart("1", `Content-Disposition: form-data; name="a%22b"`), `"a%22b"="1"`},
		{"an empty name is a name", aPart("1", `Content-Disposition: form-data; name=""`), `""="1"`},
		{"header names and the disposition know no case", aPart("1", `CONTENT-disposition:Form-Data;NAME="a"`), `"a"="1"`},
		{"spaces around the parameters", aPart("1", `Content-Disposition:  form-data ;  name= "a" ; `), `"a"="1"`},
		{"other headers do not matter", aPart("1", `Content-Length: 7`, `Content-Disposition: form-data; name="a"`, `X-Other: y`), `"a"="1"`},
		{"the charset of a part is ignored", aPart("\xcf", `Content-Disposition: form-data; name="a"`, `Content-Type: text/plain; charset=windows-1251`), `"a"="\xcf"`},
		{"an encoding that changes nothing", aPart("1", `Content-Disposition: form-data; name="a"`, `Content-Transfer-Encoding: 8BIT`), `"a"="1"`},
		{"text before the first and after the last boundary is ignored", "before\r\n" + aPart("1", `Content-Disposition: form-data; name="a"`) + "after", `"a"="1"`},
		{"white space after a boundary", "--AaB03x \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--AaB03x-- \t", `"a"="1"`},
		{"lines that end in LF alone", "--AaB03x\nContent-Disposition: form-data; name=a\n\n1\n--AaB03x--\n", `"a"="1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse(inParts, []byte(c.body))
			if err != nil {
				t.Fatalf("%v in %q", err, c.body)
			}
			if got := show(m); got != c.want {
				t.Errorf("Parse(%q)\n got %s\nwant %s", c.body, got, c.want)
			}
		})
	}
}

func TestParseMultipartRefuses(t *testing.T) {
	named := `Content-Disposition: form-data; name="a"`
	for _, c := range []struct {
		name, body string
		offset     int
		says       string
	}{
		{"an empty body", "", 0, "never comes"},
		{"another boundary", "--other\r\n" + named + "\r\n\r\n1\r\n--other--", 65, "never comes"},
		{"a boundary that goes on", "--AaB03xy\r\n", 8, "not followed by a line break"},
		{"a boundary that goes on inside a value", "--AaB03x\r\n" + named + "\r\n\r\n1\r\n--AaB03xy\r\n--AaB03x--", 65, "not followed by a line break"},
		{"a last boundary that goes on", "--AaB03x--x", 8, "not followed by a line break"},
		{"no last boundary", "--AaB03x\r\n" + named + "\r\n\r\n1\r\n", 57, "cut off"},
		{"a body that ends after a boundary", "--AaB03x", 8, "not followed by a line break"},
		{"a body that ends in a header", "--AaB03x\r\n" + named, 50, "cut off"},
		{"a file", aPart("1", named+`; filename="a.txt"`), 10, ErrFile.Error()},
		{"a file without a name", aPart("1", named+`; filename=""`), 10, ErrFile.Error()},
		{"a file named by RFC 5987", aPart("1", named+`; filename*=UTF-8''a`), 10, ErrFile.Error()},
		{"a multipart in a part", aPart("1", named, "Content-Type: Multipart/Mixed; boundary=x"), 10, "multipart in a part"},
		{"base64", aPart("MQ==", named, "Content-Transfer-Encoding: base64"), 10, `transfer encoding "base64"`},
		{"quoted-printable, which Go's reader decodes in silence", aPart("=31", named, "Content-Transfer-Encoding: quoted-printable"), 10, "transfer encoding"},
		{"a part without a disposition", aPart("1", "Content-Type: text/plain"), 10, "without a content-disposition"},
		{"a part without a header", "--AaB03x\r\n\r\n1\r\n--AaB03x--", 10, "without a content-disposition"},
		{"another disposition", aPart("1", `Content-Disposition: attachment; name="a"`), 10, "instead of form-data"},
		{"a part without a name", aPart("1", "Content-Disposition: form-data"), 10, "without a name"},
		{"a name with a space before the equals sign, which PHP does not take", aPart("1", `Content-Disposition: form-data; name ="a"`), 10, "without a name"},
		{"a name without a value", aPart("1", "Content-Disposition: form-data; name"), 10, "without a name"},
		{"a name by RFC 5987", aPart("1", "Content-Disposition: form-data; name*=UTF-8''a"), 10, "without a name"},
		{"two names", aPart("1", named+`; name="b"`), 10, "two names"},
		{"two dispositions", aPart("1", named, named), 52, "two headers Content-Disposition"},
		{"a quote without an end", aPart("1", `Content-Disposition: form-data; name="a`), 10, "quote without an end"},
		{"text behind a quote", aPart("1", named+"b"), 10, "after the closing quote"},
		{"a header without a colon", aPart("1", "hello"), 10, "without a colon"},
		{"a folded header", aPart("1", "Content-Disposition: form-data;", ` name="a"`), 43, "folded"},
		{"a NUL in a header", aPart("1", "Content-Disposition: form-data; name=\"a\x00\""), 49, "control character"},
		{"a lone CR in a header", aPart("1", "Content-Disposition: form-data; name=\"a\rb\""), 49, "control character"},
		{"a header without an end", "--AaB03x\r\n" + strings.Repeat("x", MaxPartHeader+1), 10 + MaxPartHeader, "more than 8192 bytes"},
		{"a header of many lines", "--AaB03x\r\n" + strings.Repeat("X: y\r\n", MaxPartHeader), 10 + MaxPartHeader, "more than 8192 bytes"},
		{"too many levels", aPart("1", `Content-Disposition: form-data; name="a`+strings.Repeat("[x]", 65)+`"`), 10, ErrDepth.Error()},
		{"too many parts", "--AaB03x\r\n" + strings.Repeat(named+"\r\n\r\n1\r\n--AaB03x\r\n", MaxFields+1), 10 + MaxFields*57, ErrFields.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse(inParts, []byte(c.body))
			var e *SyntaxError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("Parse = %.80s, %v; want a SyntaxError that says %q", show(m), err, c.says)
			}
			if e.Offset != c.offset {
				t.Errorf("offset %d, want %d: %v", e.Offset, c.offset, err)
			}
		})
	}
}

// Go's own writer is a witness that we read what others write.
func TestParseReadsWhatMimeMultipartWrites(t *testing.T) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"pg_order_id", "00102"}, {`quote " and \`, " x\r\n"}, {"a[0][п]", "--"}, {"a[0][q]", ""}} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := Parse(w.FormDataContentType(), b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := `"pg_order_id"="00102" "quote \" and \\"=" x\r\n" "a"{"0"{"п"="--" "q"=""}}`
	if got := show(m); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
