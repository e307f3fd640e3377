package sigform

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fpconform/fpconform/sig"
)

func TestParsePHP(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"dots and spaces in a name become underscores", "a.b=1&c+d=2", `"a_b"="1" "c_d"="2"`},
		{"an unclosed bracket becomes an underscore", "e[f=1", `"e_f"="1"`},
		{"behind an unclosed bracket so do dots, spaces and brackets", "e[f.g+h[i=1", `"e_f_g_h_i"="1"`},
		{"in brackets they stay", "a[b.c][d+e]=1", `"a"{"b.c"{"d e"="1"}}`},
		{"spaces before a name are dropped", "++a=1", `"a"="1"`},
		{"the last of equal names wins at the place of the first", "a=1&b=2&a=3", `"a"="3" "b"="2"`},
		{"names that become equal are equal", "a.b=1&x=2&a_b=3", `"a_b"="3" "x"="2"`},
		{"brackets nest and merge", "g[x][y]=1&h=2&g[x][z]=3", `"g"{"x"{"y"="1" "z"="3"}} "h"="2"`},
		{"empty brackets number from 0", "g[]=a&g[]=b", `"g"{"0"="a" "1"="b"}`},
		{"empty brackets go on after the greatest index", "g[7]=a&g[]=b&g[x]=c&g[]=d", `"g"{"7"="a" "8"="b" "x"="c" "9"="d"}`},
		{"after a negative index too", "g[-5]=a&g[]=b", `"g"{"-5"="a" "-4"="b"}`},
		{"brackets with one white space are empty", "g[+]=a&g[%09]=b&g[++]=c", `"g"{"0"="a" "1"="b" "  "="c"}`},
		{"after the greatest index there is none", "g[9223372036854775807]=a&g[]=b&g[][c]=d", `"g"{"9223372036854775807"="a"}`},
		{"indexes keep the order in which they came", "i[1]=b&i[0]=a", `"i"{"1"="b" "0"="a"}`},
		{"a branch replaces a leaf", "a=1&b=2&a[x]=3", `"a"{"x"="3"} "b"="2"`},
		{"a leaf replaces a branch", "a[x]=1&b=2&a=3", `"a"="3" "b"="2"`},
		{"a branch after a leaf begins anew", "a[x]=1&a=2&a[y]=3", `"a"{"y"="3"}`},
		{"text behind brackets is dropped", "a[b]c=1&d[e]f[g]=2", `"a"{"b"="1"} "d"{"e"="2"}`},
		{"an unclosed bracket behind brackets too", "a[b][c=1&d[][e=2", `"a"{"b"="1"} "d"{"0"="2"}`},
		{"a name without a beginning is dropped", "=1&[a]=2&+=3&+[a]=4&b=5", `"b"="5"`},
		{"a name ends at a NUL", "a%00b=1&c[d%00]=2&%00=3", `"a"="1" "c_d"="2"`},
		{"a value does not", "a=b%00c", `"a"="b\x00c"`},
		{"a bad escape stands for itself", "%zz=%4&a%=b%", `"%zz"="%4" "a%"="b%"`},
		{"a name without an equals sign is empty", "pg_y", `"pg_y"=""`},
		{"bytes that are not UTF-8 stay", "a.%FF=%FE", `"a_\xff"="\xfe"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParsePHPQuery(c.query)
			if err != nil || show(m) != c.want {
				t.Errorf("ParsePHPQuery(%q)\n got %s, %v\nwant %s", c.query, show(m), err, c.want)
			}
			if m, err = ParsePHP(URLEncoded, []byte(c.query)); err != nil || show(m) != c.want {
				t.Errorf("ParsePHP(%q)\n got %s, %v\nwant %s", c.query, show(m), err, c.want)
			}
		})
	}
}

func TestParsePHPMultipart(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"names change as in an urlencoded form", lines(
			"--AaB03x", `Content-Disposition: form-data; name="a.b"`, "", "1",
			"--AaB03x", `Content-Disposition: form-data; name="a_b"`, "", "2",
			"--AaB03x", `Content-Disposition: form-data; name="c[]"`, "", "3",
			"--AaB03x--", ""), `"a_b"="2" "c"{"0"="3"}`},
		{"a file is no field", lines(
			"--AaB03x", `Content-Disposition: form-data; name="a"; filename="x"`, "", "1",
			"--AaB03x", `Content-Disposition: form-data; name="b"; filename=""`, "", "2",
			"--AaB03x", `Content-Disposition: form-data; name="c"`, "", "3",
			"--AaB03x--", ""), `"c"="3"`},
		{"a transfer encoding is not undone", aPart("MQ==", `Content-Disposition: form-data; name="a"`, "Content-Transfer-Encoding: base64"), `"a"="MQ=="`},
		{"a part's content type is not looked at", aPart("1", `Content-Disposition: form-data; name="a"`, "Content-Type: multipart/mixed; boundary=x"), `"a"="1"`},
		{"single quotes are quotes", aPart("1", `Content-Disposition: form-data; name='a;b'`), `"a;b"="1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParsePHP(inParts, []byte(c.body))
			if err != nil || show(m) != c.want {
				t.Errorf("ParsePHP(%q)\n got %s, %v\nwant %s", c.body, show(m), err, c.want)
			}
		})
	}
}

func TestParsePHPRefusesWherePHPWouldGoOnWithoutSomeFields(t *testing.T) {
	for _, c := range []struct {
		name, query string
		offset      int
		err         error
	}{
		{"65 levels", "a=1&b" + strings.Repeat("[x]", 65) + "=1", 4, ErrDepth},
		{"1001 fields", strings.Repeat("a&", 1001), 2000, ErrFields},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParsePHPQuery(c.query)
			var e *SyntaxError
			if !errors.As(err, &e) || !errors.Is(err, c.err) || e.Offset != c.offset {
				t.Errorf("%v, want %v at byte %d", err, c.err, c.offset)
			}
		})
	}
	if _, err := ParsePHPQuery(strings.Repeat("a&", 1000) + "&"); err != nil {
		t.Errorf("1000 fields: %v", err)
	}
	if _, err := ParsePHPQuery("b" + strings.Repeat("[x]", 64)); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

func TestAsPHP(t *testing.T) {
	for _, c := range []struct {
		name string
		m    sig.Message
		want string
	}{
		{"names change, the last of equal ones wins", sig.Message{sig.Leaf("a.b", "1"), sig.Leaf("c", "2"), sig.Leaf("a_b", "3")}, `"a_b"="3" "c"="2"`},
		{"nested names stay", sig.Message{sig.Branch("a.b", sig.Branch("c.d", sig.Leaf("e f", "1")))}, `"a_b"{"c.d"{"e f"="1"}}`},
		{"branches of one name become one", sig.Message{sig.Branch("a", sig.Leaf("b", "1")), sig.Branch("a", sig.Leaf("c", "2"))}, `"a"{"b"="1" "c"="2"}`},
		{"branches without fields are not sent", sig.Message{sig.Branch("a"), sig.Branch("b", sig.Branch("c")), sig.Leaf("d", "")}, `"d"=""`},
		{"a leaf named with brackets nests", sig.Message{sig.Leaf("a[b]", "1"), sig.Leaf("e[f", "2")}, `"a"{"b"="1"} "e_f"="2"`},
		{"nested names without text are numbered", sig.Message{sig.Branch("a", sig.Leaf("", "1"), sig.Leaf("", "2"))}, `"a"{"0"="1" "1"="2"}`},
		{"a branch without a name is dropped", sig.Message{sig.Branch("", sig.Leaf("a", "1")), sig.Leaf("b", "2")}, `"b"="2"`},
		{"what is nested too deep takes its variable with it", append(sig.Message{sig.Leaf("x", "1"), sig.Leaf("y", "2")}, deep(65)...), `"y"="2"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := show(c.m)
			if got := show(AsPHP(c.m)); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			if after := show(c.m); after != before {
				t.Errorf("the message changed to %s", after)
			}
		})
	}
}

// What the exact view cannot say, and why there is ParsePHP.
func TestOnlyTheBytesTellWhetherALeafOrABranchCameLast(t *testing.T) {
	const exact = `"a"{"b"="1" "c"="2"} "a"="3"`
	for query, want := range map[string]string{
		"a[b]=1&a[c]=2&a=3": `"a"="3"`,
		"a[b]=1&a=3&a[c]=2": `"a"{"c"="2"}`,
	} {
		m, err := ParseQuery(query)
		if err != nil || show(m) != exact {
			t.Errorf("%s: %s, %v; want %s", query, show(m), err, exact)
		}
		p, err := ParsePHPQuery(query)
		if err != nil || show(p) != want {
			t.Errorf("%s: PHP view %s, %v; want %s", query, show(p), err, want)
		}
	}
}

// needPHP returns the path of php. Where it is not installed the test is skipped, but not in CI.
func needPHP(t *testing.T) string {
	t.Helper()
	php, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("php is not installed (Debian package php-cli), and CI=true")
		}
		t.Skip("php is not installed (Debian package php-cli)")
	}
	return php
}

// dumpPHP shows an array with its order: a list of name and value, in base64, or name and list.
const dumpPHP = `
function dump($a) {
	$l = [];
	foreach ($a as $k => $v) $l[] = [base64_encode((string)$k), is_array($v) ? dump($v) : base64_encode($v)];
	return $l;
}`

func readDump(t *testing.T, raw []byte) sig.Message {
	t.Helper()
	text := func(raw []byte) string {
		var b []byte // encoding/json reads base64 into bytes
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatalf("php printed %q: %v", raw, err)
		}
		return string(b)
	}
	var list [][2]json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatalf("php printed %q: %v", raw, err)
	}
	m := make(sig.Message, len(list))
	for i, pair := range list {
		m[i].Name = text(pair[0])
		if pair[1][0] == '[' {
			m[i].Children = readDump(t, pair[1])
		} else {
			m[i].Value = text(pair[1])
		}
	}
	return m
}

// A witness is one php process that parses one query a line.
type witness struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startWitness(t *testing.T) *witness {
	cmd := exec.Command(needPHP(t), "-d", "max_input_vars=1000", "-d", "max_input_nesting_level=64", "-r", dumpPHP+`
		while (($line = fgets(STDIN)) !== false) {
			parse_str(base64_decode($line), $a);
			echo json_encode(dump($a), 0, 1000), "\n";
		}`)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("php: %v", err)
		}
	})
	return &witness{in: in, out: bufio.NewReader(out)}
}

func (w *witness) parse(t *testing.T, query string) sig.Message {
	t.Helper()
	if _, err := io.WriteString(w.in, base64.StdEncoding.EncodeToString([]byte(query))+"\n"); err != nil {
		t.Fatal(err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("php ended: %v", err)
	}
	return readDump(t, line)
}

// namePieces make names that collide, nest, break off and carry every byte that PHP treats
// in its own way.
var namePieces = []string{
	"a", "a", "b", "pg_", "[", "]", "[]", "[]", "[0]", "[1]", "[7]", "[-3]", "[a]", "[b]", "[a][b]", "[ ]", "[+]", "[%09]", "[%0b]",
	"%5B", "%5D", "%5Ba%5D", "+", "%20", ".", "_", "%00", "%", "%4", "%zz", "%FF", "\xfe", "[007]", "[-0]", "[a.b c]", "0", "7", "п",
	"[9223372036854775806]", "[9223372036854775807]", "[9223372036854775808]", "[-9223372036854775808]", "=", ";",
}

var valuePieces = []string{"", "1", "v", "+", "%2B", "%", "%zz", "=", "%00", "%FF", "\xfe", "п", "[a]", ".", " "}

func randomQuery(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(7) {
		for range 1 + r.IntN(5) {
			b.WriteString(namePieces[r.IntN(len(namePieces))])
		}
		if r.IntN(8) > 0 {
			b.WriteByte('=')
			for range r.IntN(3) {
				b.WriteString(valuePieces[r.IntN(len(valuePieces))])
			}
		}
		b.WriteByte('&')
	}
	return b.String()
}

func TestRealPHPAgreesWithParsePHP(t *testing.T) {
	w := startWitness(t)
	const seed, n = 20, 20000
	r := rand.New(rand.NewPCG(seed, 0))
	fields, branches := 0, 0
	for i := range n {
		q := randomQuery(r)
		want := show(w.parse(t, q))
		m, err := ParsePHPQuery(q)
		if got := show(m); err != nil || got != want {
			t.Fatalf("seed %d, query %d %q\n got %s, %v\n php %s", seed, i, q, got, err, want)
		}
		fields += len(m)
		branches += strings.Count(want, "{")
	}
	if fields < n || branches < n/2 {
		t.Errorf("only %d fields and %d branches in %d queries: the queries test too little", fields, branches, n)
	}
}

// AsPHP(m) is what PHP makes of the form that Append writes, and of a form whose exact view
// is m, unless a leaf and a branch of one name meet.
func TestRealPHPAgreesWithAsPHP(t *testing.T) {
	w := startWitness(t)
	const seed, n = 21, 5000
	r := rand.New(rand.NewPCG(seed, 0))
	carried := 0
	for i := range n {
		m, err := ParseQuery(randomQuery(r))
		if err != nil {
			continue // a bad escape
		}
		q, err := AppendQuery(nil, m)
		if err != nil {
			t.Fatalf("seed %d, message %d %s: %v", seed, i, show(m), err)
		}
		carried++
		want := show(w.parse(t, string(q)))
		if got := show(AsPHP(m)); got != want {
			t.Fatalf("seed %d, message %d %s\n got %s\n php %s", seed, i, show(m), got, want)
		}
	}
	if carried < n/5 {
		t.Errorf("only %d of %d messages were compared", carried, n)
	}
	// Too deep: PHP takes the variable away.
	m := append(append(sig.Message{sig.Leaf("y", "1"), sig.Leaf("x", "2")}, deep(65)...), sig.Leaf("z", "3"), sig.Leaf("x", "4"))
	q := "y=1&x=2&x" + strings.Repeat("[x]", 65) + "=1&z=3&x=4"
	if got, want := show(AsPHP(m)), show(w.parse(t, q)); got != want {
		t.Errorf("65 levels: got %s, php %s", got, want)
	}
	m, q = deep(64), "x"+strings.Repeat("[x]", 64)+"=1"
	if got, want := show(AsPHP(m)), show(w.parse(t, q)); got != want || want == "" {
		t.Errorf("64 levels: got %s, php %s", got, want)
	}
}

func TestRealPHPEscapesAsAppendDoes(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	m := sig.Message{
		sig.Leaf(string(all[:'[']), string(all)),
		sig.Branch("a.b", sig.Branch("0", sig.Leaf("п q", "1")), sig.Leaf("1", "")),
	}
	want, err := exec.Command(needPHP(t), "-r", `
		$all = implode('', array_map('chr', range(0, 255)));
		echo http_build_query([substr($all, 0, ord('[')) => $all, 'a.b' => [['п q' => 1], '']]);`).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := AppendQuery(nil, m); err != nil || string(got) != string(want) {
		t.Errorf("got %q, %v\nphp %q", got, err, want)
	}
}

// A real $_POST, since parse_str knows no multipart: php's own server, one process.
func TestRealPHPAgreesWithParsePHPOnMultipart(t *testing.T) {
	php := needPHP(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "post.php")
	if err := os.WriteFile(script, []byte("<?php"+dumpPHP+"\necho json_encode(dump($_POST), 0, 1000);"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	cmd := exec.Command(php, "-d", "display_errors=0", "-d", "log_errors=0", "-S", addr, script)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for try := 0; ; try++ {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
			break
		}
		if try == 200 {
			t.Fatalf("php -S does not answer: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	post := func(contentType, body string) sig.Message {
		t.Helper()
		res, err := client.Post("http://"+addr+"/", contentType, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return readDump(t, raw)
	}
	compare := func(contentType, body string) {
		t.Helper()
		want := show(post(contentType, body))
		m, err := ParsePHP(contentType, []byte(body))
		if got := show(m); err != nil || got != want {
			t.Errorf("%s\n%q\n got %s, %v\n php %s", contentType, body, got, err, want)
		}
	}

	compare(URLEncoded, "a.b=1&&a[]=%zz&a[]=\xff&c")
	compare("application/x-www-form-urlencoded; charset=windows-1251", "a=%CF")
	compare(`multipart/form-data; charset=x; boundary="AaB03x"`, aPart("1", `Content-Disposition: form-data; name="a"`))
	compare("multipart/form-data; boundary=----=_Part_1.2", strings.ReplaceAll(aPart("1", `Content-Disposition: form-data; name="a"`), "AaB03x", "----=_Part_1.2"))
	for _, d := range []string{
		`name="a"; filename="x"`, `name="a"; filename=""`, `name="a b.c"`, `name="a\"b"`, `name="a\\b"`, `name="a\b"`, `name="a%22b"`,
		`name=a`, `name='a'`, `name='a"b'`, `NAME="a"`, `name="a;b"`, `name="a[0][b]"`, `name="e[f"`, `name=""`, `name= "a"`, `x="y"; name="a"`,
		"name=\"\xff\"", `name="п"`,
	} {
		two := "--AaB03x\r\nContent-Disposition: form-data; name=\"first\"\r\n\r\n1\r\n" + aPart("2", "Content-Disposition: form-data; "+d)
		compare(inParts, two)
	}
	for _, header := range []string{
		"Content-Type: text/plain; charset=windows-1251", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable",
		"Content-Type: multipart/mixed; boundary=x", "X: y",
	} {
		compare(inParts, aPart("MQ==\xcf", `Content-Disposition: form-data; name="a"`, header))
	}
	compare(inParts, "before\r\n"+aPart("1", `Content-Disposition: form-data; name="a"`)+"after")
	for _, value := range []string{"", "\r\n", "1\r\n2\r\n", "\r", "\n", "--AaB03", "\r\n--AaB0", "\x00"} {
		compare(inParts, aPart(value, `Content-Disposition: form-data; name="a"`))
	}

	const seed, n = 22, 300
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		m, err := ParseQuery(strings.NewReplacer("%00", "", "%0b", "", "%09", "").Replace(randomQuery(r)))
		if err != nil {
			continue
		}
		body, err := Append(nil, m, inParts)
		if err != nil {
			t.Fatalf("%s: %v", show(m), err)
		}
		compare(inParts, string(body))
	}
}
