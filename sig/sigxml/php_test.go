package sigxml

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// A witness is one php process that reads a document in base64 from each line, with SimpleXML
// as merchants and gateways do, and prints its fields, or false for what is not well-formed.
type witness struct {
	in  io.WriteCloser
	out *bufio.Reader
}

const readXML = `
libxml_use_internal_errors(true);
function dump($e) {
	$l = [];
	foreach ($e->children() as $name => $c) {
		$l[] = [base64_encode($name), $c->count() > 0 ? dump($c) : base64_encode((string)$c)];
	}
	return $l;
}
while (($line = fgets(STDIN)) !== false) {
	$r = simplexml_load_string(base64_decode($line));
	echo json_encode($r === false ? false : dump($r), 0, 1000), "\n";
	libxml_clear_errors();
}`

func startWitness(t *testing.T) *witness {
	t.Helper()
	missing := func(what string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s, and CI=true", what)
		}
		t.Skip(what)
	}
	php, err := exec.LookPath("php")
	if err != nil {
		missing("php is not installed (Debian package php-cli)")
	}
	if exec.Command(php, "-r", `exit(extension_loaded("simplexml") ? 0 : 1);`).Run() != nil {
		missing("php has no SimpleXML (Debian package php-xml)")
	}
	cmd := exec.Command(php, "-r", readXML)
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

func (w *witness) parse(t *testing.T, body string) (fields sig.Message, wellFormed bool) {
	t.Helper()
	if _, err := io.WriteString(w.in, base64.StdEncoding.EncodeToString([]byte(body))+"\n"); err != nil {
		t.Fatal(err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("php ended: %v", err)
	}
	if string(line) == "false\n" {
		return nil, false
	}
	return readDump(t, line), true
}

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

var textPieces = []string{
	"1", "x", "п", " ", "\n", "\r\n", "\r", "\t", "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#13;", "&#x41;", "&#1047;", "]]", ">", "'", "\"",
	"<![CDATA[]]>", "<![CDATA[<a>&amp;]]>", "<![CDATA[\r\n]]>", "<!-- c -->", "<?i x?>",
}

var tagNames = []string{"a", "b", "pg_sig", "pg_salt", "A", "x-1.y", "сумма"}

func randomElement(r *rand.Rand, b *strings.Builder, depth int) {
	name := tagNames[r.IntN(len(tagNames))]
	attr := []string{"", "", "", " ", " b='1'", "\n b = \"&lt;\" c=''"}[r.IntN(6)]
	switch r.IntN(8) {
	case 0:
		fmt.Fprintf(b, "<%s%s/>", name, attr)
		return
	case 1:
		fmt.Fprintf(b, "<%s%s></%s >", name, attr, name)
		return
	}
	fmt.Fprintf(b, "<%s%s>", name, attr)
	for range r.IntN(5) {
		if depth > 0 && r.IntN(3) == 0 {
			randomElement(r, b, depth-1)
		} else {
			b.WriteString(textPieces[r.IntN(len(textPieces))])
		}
	}
	fmt.Fprintf(b, "</%s>", name)
}

func randomDocument(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString([]string{"", decl, decl + "\n", "<?xml version='1.0'?>", "<!-- c -->"}[r.IntN(5)])
	b.WriteString("<r>")
	for range 1 + r.IntN(4) {
		randomElement(r, &b, 3)
		b.WriteString([]string{"", "\n  ", "text", "<!-- c -->"}[r.IntN(4)])
	}
	b.WriteString("</r>")
	b.WriteString([]string{"", "\n", "<!-- c -->\n"}[r.IntN(3)])
	return b.String()
}

func TestRealPHPReadsTheSameFields(t *testing.T) {
	w := startWitness(t)
	const seed, n = 30, 5000
	r := rand.New(rand.NewPCG(seed, 0))
	branches := 0
	for i := range n {
		body := randomDocument(r)
		want, ok := w.parse(t, body)
		d, err := Parse([]byte(body))
		if (err == nil) != ok {
			t.Fatalf("seed %d, document %d %q: %v; php takes it: %v", seed, i, body, err, ok)
		}
		if !ok {
			continue // "]]" met ">"
		}
		if show(d.Fields) != show(want) {
			t.Fatalf("seed %d, document %d %q\n got %s\n php %s", seed, i, body, show(d.Fields), show(want))
		}
		branches += strings.Count(show(want), "{")
		b, err := d.Append(nil)
		if err != nil {
			continue // a CR
		}
		if again, ok := w.parse(t, string(b)); !ok || show(again) != show(want) {
			t.Fatalf("seed %d, document %d was written as %q\n php %s\nwant %s", seed, i, b, show(again), show(want))
		}
	}
	if branches < n {
		t.Errorf("only %d branches in %d documents: they test too little", branches, n)
	}
}

// What we take, libxml takes: no broken answer passes as well-formed.
func TestRealPHPTakesWhatWeTake(t *testing.T) {
	w := startWitness(t)
	const seed, n = 31, 10000
	r := rand.New(rand.NewPCG(seed, 0))
	bits := []string{"<", ">", "/", "&", ";", "\"", "'", "=", " ", "!", "?", "-", "--", "]]>", "<![CDATA[", "a", "1", ".", "&#", "x", "<a>", "</a>", "<?", "?>", "<!--", "-->", "\x00", "\xff", "п", "\uFEFF", "xml"}
	taken, refused, stricter := 0, 0, 0
	for i := range n {
		body := randomDocument(r)
		for range 1 + r.IntN(2) {
			at := r.IntN(len(body) + 1)
			switch r.IntN(3) {
			case 0:
				body = body[:at] + bits[r.IntN(len(bits))] + body[at:]
			case 1:
				body = body[:at] + body[min(len(body), at+1+r.IntN(3)):]
			case 2:
				body = body[:at] + bits[r.IntN(len(bits))] + body[min(len(body), at+1):]
			}
		}
		d, err := Parse([]byte(body))
		want, ok := w.parse(t, body)
		switch {
		case err != nil && ok:
			stricter++
		case err != nil:
			refused++
		case len(d.Before) > 0:
			// Reported to whoever asks; libxml refuses it before a declaration.
		case !ok:
			t.Errorf("seed %d, document %d: php does not take %q", seed, i, body)
		case show(d.Fields) != show(want):
			t.Errorf("seed %d, document %d %q\n got %s\n php %s", seed, i, body, show(d.Fields), show(want))
		default:
			taken++
		}
	}
	if taken < n/20 || refused < n/20 {
		t.Errorf("%d taken, %d refused of %d: the documents test too little", taken, refused, n)
	}
	// An encoding that libxml finds to be nearly UTF-8, names of XML's fifth edition.
	if stricter > n/100 {
		t.Errorf("%d documents refused that php takes: too strict", stricter)
	}
	t.Logf("%d taken by both, %d refused by both, %d refused by us alone", taken, refused, stricter)
}
