package sigxml_test

import (
	"fmt"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigxml"
)

func print(fields []sig.Field, indent string) {
	for _, f := range fields {
		if f.Children == nil {
			fmt.Printf("%s%s = %q\n", indent, f.Name, f.Value)
			continue
		}
		fmt.Printf("%s%s\n", indent, f.Name)
		print(f.Children, indent+"  ")
	}
}

func ExampleParse() {
	d, err := sigxml.Parse([]byte(`
<?xml version="1.0" encoding="utf-8"?>
<response>
  <pg_status>ok</pg_status>
  <pg_redirect_url>https://pay.example/?a=1&amp;b=2</pg_redirect_url>
  <pg_refund_payments>
    <pg_refund_payment><pg_amount>-10</pg_amount></pg_refund_payment>
    <pg_refund_payment><pg_amount>-5</pg_amount></pg_refund_payment>
  </pg_refund_payments>
</response>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("before the document: %q\n", d.Before)
	fmt.Println(d.Root)
	print(d.Fields, "  ")
	// Output:
	// before the document: "\n"
	// response
	//   pg_status = "ok"
	//   pg_redirect_url = "https://pay.example/?a=1&b=2"
	//   pg_refund_payments
	//     pg_refund_payment
	//       pg_amount = "-10"
	//     pg_refund_payment
	//       pg_amount = "-5"
}

func ExampleParse_error() {
	_, err := sigxml.Parse([]byte("<response><pg_order_id>00102</pg_payment_id></response>"))
	fmt.Println(err)
	_, err = sigxml.Parse([]byte(`<?xml version="1.0" encoding="windows-1251"?><response/>`))
	fmt.Println(err)
	// Output:
	// sigxml: response/pg_order_id: byte 28: closed by </pg_payment_id>
	// sigxml: byte 0: not UTF-8: encoding "windows-1251" is declared
}

func ExampleDocument_Append() {
	d := &sigxml.Document{Root: "response", Fields: sig.Message{
		sig.Leaf("pg_status", "ok"),
		sig.Leaf("pg_description", "tea & coffee"),
	}}
	b, err := d.Append(nil)
	fmt.Printf("%s%v\n", b, err)
	d.Fields = append(d.Fields, sig.Branch("pg_receipt_positions", sig.Leaf("0", "tea")))
	_, err = d.Append(nil)
	fmt.Println(err)
	// Output:
	// <?xml version="1.0" encoding="utf-8"?>
	// <response><pg_status>ok</pg_status><pg_description>tea &amp; coffee</pg_description></response>
	// <nil>
	// sigxml: cannot carry "pg_receipt_positions/0": "0" is no name in XML
}
