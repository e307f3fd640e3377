package sigjson

import "testing"

// request is an init_payment request with 17 fields and a receipt.
const request = `{"pg_order_id":"23","pg_merchant_id":500001,"pg_amount":25.00,"pg_description":"Заказ 23","pg_salt":"molbulak","pg_currency":"KZT",
"pg_check_url":"http://shop.example/check","pg_result_url":"http://shop.example/result","pg_request_method":"POST","pg_success_url":"http://shop.example/success",
"pg_failure_url":"http://shop.example/failure","pg_success_url_method":"GET","pg_failure_url_method":"GET","pg_lifetime":86400,"pg_testing_mode":true,
"pg_receipt_positions":[{"count":1,"name":"чай","tax_type":3,"price":900}],"pg_sig":"00112233445566778899aabbccddeeff"}`

func BenchmarkParseRequest(b *testing.B) {
	body := []byte(request)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if m, err := Parse(body); err != nil || len(m) != 17 {
			b.Fatal(len(m), err)
		}
	}
}

func BenchmarkAppendRequest(b *testing.B) {
	m, err := Parse([]byte(request))
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 2*len(request))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Append(buf, m); err != nil {
			b.Fatal(err)
		}
	}
}
