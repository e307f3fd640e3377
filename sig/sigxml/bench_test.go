package sigxml

import (
	"testing"

	"github.com/fpconform/fpconform/sig"
)

// answer is the gateway's answer to a question for a payment's status.
const answer = `<?xml version="1.0" encoding="utf-8"?>
<response>
  <pg_status>ok</pg_status>
  <pg_payment_id>21404388</pg_payment_id>
  <pg_order_id>00102</pg_order_id>
  <pg_amount>20</pg_amount>
  <pg_currency>KZT</pg_currency>
  <pg_description>Заказ 102 &amp; доставка</pg_description>
  <pg_payment_status>success</pg_payment_status>
  <pg_captured>1</pg_captured>
  <pg_create_date>2025-06-28 00:16:09</pg_create_date>
  <pg_card_pan>4111-11XX-XXXX-1111</pg_card_pan>
  <pg_refund_payments>
    <pg_refund_payment><pg_payment_id>9</pg_payment_id><pg_amount>-10</pg_amount></pg_refund_payment>
  </pg_refund_payments>
  <pg_salt>49c1eA7x</pg_salt>
  <pg_sig>00112233445566778899aabbccddeeff</pg_sig>
</response>
`

func BenchmarkParseAnswer(b *testing.B) {
	body := []byte(answer)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if d, err := Parse(body); err != nil || len(d.Fields) != 13 {
			b.Fatal(d, err)
		}
	}
}

// What a caller does with each answer: parse it and verify its signature.
func BenchmarkParseAndVerifyAnswer(b *testing.B) {
	d, err := Parse([]byte(answer))
	if err != nil {
		b.Fatal(err)
	}
	key := sig.NewKey("test_secret_key")
	if d.Fields, err = sig.Sign("get_status3.php", d.Fields.Without(sig.FieldSig), key); err != nil {
		b.Fatal(err)
	}
	body, err := d.Append(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(body)
		if err == nil {
			err = sig.Verify("get_status3.php", d.Fields, key)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// What the first pass, which judges, costs of it.
func BenchmarkScanAnswer(b *testing.B) {
	body := []byte(answer)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scan(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendAnswer(b *testing.B) {
	d, err := Parse([]byte(answer))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 2*len(answer))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Append(buf); err != nil {
			b.Fatal(err)
		}
	}
}
