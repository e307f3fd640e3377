package sig_test

import (
	"crypto/md5"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// init17 is the golden vector speed/init-17: 17 fields of a payment request, in the order of the
// documentation's sample.
var init17, initScript, initSecret = speedVector()

func speedVector() (m sig.Message, script, secret string) {
	raw, err := os.ReadFile("../vectors/data/sig/speed.json")
	if err != nil {
		panic(err)
	}
	var file struct {
		Tests []struct {
			ID, Script, Secret string
			Message            [][2]string
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		panic(err)
	}
	for _, t := range file.Tests {
		if t.ID != "speed/init-17" {
			continue
		}
		for _, f := range t.Message {
			m = append(m, sig.Leaf(f[0], f[1]))
		}
		return m, t.Script, t.Secret
	}
	panic("there is no vector speed/init-17")
}

func canonical(t testing.TB, s sig.Scheme, script string, m sig.Message, secret string) string {
	t.Helper()
	var b strings.Builder
	if err := s.Explain(&b, script, m); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), sig.Placeholder) + secret
}

func TestBenchmarkedMessageIsAsLongAsStated(t *testing.T) {
	n := len(canonical(t, sig.Scheme{}, initScript, init17, initSecret))
	if len(init17) != 17 || n < 240 || n > 260 {
		t.Errorf("%d fields and %d canonical bytes, want 17 and 240 to 260", len(init17), n)
	}
}

var sink sig.Signature

// BenchmarkMD5 is what no signature can be faster than.
func BenchmarkMD5(b *testing.B) {
	raw := []byte(canonical(b, sig.Scheme{}, initScript, init17, initSecret))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		sink = md5.Sum(raw)
	}
}

func BenchmarkSum(b *testing.B) {
	key := sig.NewKey(initSecret)
	b.ReportAllocs()
	for b.Loop() {
		sink = sig.Sum(initScript, init17, key)
	}
}

func BenchmarkVerify(b *testing.B) {
	key := sig.NewKey(initSecret)
	signed, err := sig.Sign(initScript, init17, key)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := sig.Verify(initScript, signed, key); err != nil {
			b.Fatal(err)
		}
	}
}

// A request with a receipt of twelve positions of four fields each.
func BenchmarkSumNested(b *testing.B) {
	list := sig.Branch("pg_receipt_positions")
	for _, n := range strings.Fields("0 1 2 3 4 5 6 7 8 9 10 11") {
		list.Children = append(list.Children, sig.Branch(n, sig.Leaf("name", "название товара"),
			sig.Leaf("count", "1"), sig.Leaf("tax_type", "3"), sig.Leaf("price", "900")))
	}
	m := append(sig.Message{list}, init17...)
	key := sig.NewKey(initSecret)
	for _, o := range orders {
		b.Run(o.String(), func(b *testing.B) {
			s := sig.Scheme{Order: o}
			b.ReportAllocs()
			for b.Loop() {
				sink = s.Sum(initScript, m, key)
			}
		})
	}
}
