package sigform_test

import (
	"errors"
	"fmt"

	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/sig/sigform"
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
	body := []byte("pg_order_id=00102&pg_receipt_positions[0][name]=%D0%A7%D0%B0%D0%B9&pg_receipt_positions[0][price]=20.00&pg_salt=a+b")
	m, err := sigform.Parse("application/x-www-form-urlencoded", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	print(m, "")
	// Output:
	// pg_order_id = "00102"
	// pg_receipt_positions
	//   0
	//     name = "Чай"
	//     price = "20.00"
	// pg_salt = "a b"
}

func ExampleParse_error() {
	_, err := sigform.Parse("application/x-www-form-urlencoded", []byte("pg_description=100% wool"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, sigform.ErrEscape))
	// Output:
	// sigform: byte 18: percent sign that begins no escape
	// true
}

func ExampleParsePHP() {
	body := []byte("shop.order=7&item=tea&item=coffee")
	exact, _ := sigform.Parse("application/x-www-form-urlencoded", body)
	print(exact, "")
	fmt.Println("as PHP:")
	php, _ := sigform.ParsePHP("application/x-www-form-urlencoded", body)
	print(php, "")
	// Output:
	// shop.order = "7"
	// item = "tea"
	// item = "coffee"
	// as PHP:
	// shop_order = "7"
	// item = "coffee"
}

func ExampleAppend() {
	m := sig.Message{
		sig.Leaf("pg_amount", "20.00"),
		sig.Branch("pg_card", sig.Leaf("brand", "V I")),
	}
	query, _ := sigform.AppendQuery(nil, m)
	fmt.Printf("%s\n", query)
	parts, _ := sigform.Append(nil, m, "multipart/form-data; boundary=fields")
	fmt.Printf("%q\n", parts)
	_, err := sigform.AppendQuery(nil, sig.Message{sig.Branch("pg_receipt_positions")})
	fmt.Println(err)
	// Output:
	// pg_amount=20.00&pg_card%5Bbrand%5D=V+I
	// "--fields\r\nContent-Disposition: form-data; name=\"pg_amount\"\r\n\r\n20.00\r\n--fields\r\nContent-Disposition: form-data; name=\"pg_card[brand]\"\r\n\r\nV I\r\n--fields--\r\n"
	// sigform: cannot carry "pg_receipt_positions": a branch without fields leaves nothing to write
}
