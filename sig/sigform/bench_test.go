package sigform

import (
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// callback is a result callback with the 20 fields that real ones have.
const callback = "pg_order_id=00102&pg_payment_id=21404388&pg_amount=20&pg_currency=KZT&pg_net_amount=19.40&pg_ps_amount=20" +
	"&pg_ps_full_amount=20.00&pg_ps_currency=KZT&pg_description=%D0%97%D0%B0%D0%BA%D0%B0%D0%B7+102&pg_result=1" +
	"&pg_payment_date=2025-06-28+00%3A16%3A09&pg_can_reject=1&pg_user_phone=77000000122&pg_need_phone_notification=1" +
	"&pg_user_contact_email=mail%40customer.example&pg_need_email_notification=1&pg_testing_mode=1&pg_captured=1" +
	"&pg_salt=49c1eA7x&pg_sig=00112233445566778899aabbccddeeff"

func BenchmarkParseCallback(b *testing.B) {
	body := []byte(callback)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := Parse(URLEncoded, body); err != nil || len(m) != 20 {
			b.Fatal(len(m), err)
		}
	}
}

// What a merchant does with each callback: parse it and verify its signature.
func BenchmarkParseAndVerifyCallback(b *testing.B) {
	m, err := Parse(URLEncoded, []byte(callback))
	if err != nil {
		b.Fatal(err)
	}
	key := sig.NewKey("test_secret_key")
	if m, err = sig.Sign("result", m.Without(sig.FieldSig), key); err != nil {
		b.Fatal(err)
	}
	body, err := Append(nil, m, URLEncoded)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(URLEncoded, body)
		if err == nil {
			err = sig.Verify("result", m, key)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParsePHPCallback(b *testing.B) {
	body := []byte(callback)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := ParsePHP(URLEncoded, body); err != nil || len(m) != 20 {
			b.Fatal(len(m), err)
		}
	}
}

func BenchmarkParseMultipartCallback(b *testing.B) {
	body, err := Append(nil, parsed(b), inParts)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := Parse(inParts, body); err != nil || len(m) != 20 {
			b.Fatal(len(m), err)
		}
	}
}

func BenchmarkAppendCallback(b *testing.B) {
	m := parsed(b)
	buf := make([]byte, 0, 2*len(callback))
	b.SetBytes(int64(len(callback)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AppendQuery(buf, m); err != nil {
			b.Fatal(err)
		}
	}
}

func parsed(tb testing.TB) sig.Message {
	m, err := ParseQuery(callback)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// The budget of a server that verifies every callback: the body as text, what was unescaped and
// the fields. Values are pieces of the first two.
func TestParseAllocatesOnceForAllValues(t *testing.T) {
	body := []byte(callback)
	if n := testing.AllocsPerRun(100, func() { Parse(URLEncoded, body) }); n > 3 {
		t.Errorf("%v allocations for a callback of 20 fields, want at most 3", n)
	}
}
