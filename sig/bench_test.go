package sig_test

import (
	"crypto/md5"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// init17 has 17 of the flat fields of the documentation's PHP sample of a payment request, in
// its order.
var init17 = sig.Message{
	sig.Leaf("pg_order_id", "23"),
	sig.Leaf("pg_merchant_id", "500001"),
	sig.Leaf("pg_amount", "25"),
	sig.Leaf("pg_description", "test"),
	sig.Leaf("pg_salt", "molbulak"),
	sig.Leaf("pg_currency", "KZT"),
	sig.Leaf("pg_check_url", "http://site.kz/check"),
	sig.Leaf("pg_result_url", "http://site.kz/result"),
	sig.Leaf("pg_success_url", "http://site.kz/success"),
	sig.Leaf("pg_failure_url", "http://site.kz/failure"),
	sig.Leaf("pg_success_url_method", "GET"),
	sig.Leaf("pg_failure_url_method", "GET"),
	sig.Leaf("pg_state_url", "http://site.kz/state"),
	sig.Leaf("pg_site_url", "http://site.kz/return"),
	sig.Leaf("pg_user_phone", "77777777777"),
	sig.Leaf("pg_user_contact_email", "mail@customer.kz"),
	sig.Leaf("pg_user_ip", "127.0.0.1"),
}

const (
	initScript = "init_payment.php"
	initSecret = "0123456789abcdef"
)

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
