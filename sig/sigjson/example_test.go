package sigjson_test

import (
	"errors"
	"fmt"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigjson"
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
	m, err := sigjson.Parse([]byte(`{"pg_order_id": "00102", "pg_amount": 20.00, "pg_testing_mode": true, "pg_description": null, "pg_receipt_positions": [{"count": 1}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	print(m, "")
	// Output:
	// pg_order_id = "00102"
	// pg_amount = "20.00"
	// pg_testing_mode = "true"
	// pg_description = ""
	// pg_receipt_positions
	//   0
	//     count = "1"
}

func ExampleParse_error() {
	_, err := sigjson.Parse([]byte(`{"pg_order_id": 00102}`))
	fmt.Println(err)
	var e *sigjson.SyntaxError
	fmt.Println(errors.As(err, &e), e.Offset)
	// Output:
	// sigjson: byte 17: '0' where a comma or the end of the object must stand
	// true 17
}

func ExampleAppend() {
	m := sig.Message{
		sig.Leaf("pg_amount", "20.00"),
		sig.Branch("pg_receipt_positions", sig.Branch("0", sig.Leaf("name", "Чай"))),
	}
	b, err := sigjson.Append(nil, m)
	fmt.Printf("%s %v\n", b, err)
	_, err = sigjson.Append(nil, sig.Message{sig.Leaf("name", "\xcf")})
	fmt.Println(err)
	// Output:
	// {"pg_amount":"20.00","pg_receipt_positions":[{"name":"Чай"}]} <nil>
	// sigjson: cannot carry "name": the value is not UTF-8
}
