package sig_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/fpconform/fpconform/sig"
)

func ExampleSign() {
	request := sig.Message{
		sig.Leaf("pg_order_id", "23"),
		sig.Leaf("pg_merchant_id", "500001"),
		sig.Leaf("pg_amount", "25"),
		sig.Leaf("pg_description", "test"),
		sig.Leaf("pg_salt", "molbulak"), // left out, it is made from crypto/rand
	}
	script := sig.ScriptName("https://api.freedompay.kz/init_payment.php")
	signed, err := sig.Sign(script, request, sig.NewKey("s3cret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(signed.Get(sig.FieldSig))
	// Output: 5ed4a31ba7294c69d11cb28919c5b3c2 1
}

func ExampleVerify() {
	key := sig.NewKey("s3cret")
	callback := sig.Message{
		sig.Leaf("pg_order_id", "23"),
		sig.Leaf("pg_result", "1"),
		sig.Leaf("pg_salt", "a1b2c3"),
		sig.Leaf("pg_sig", "a4a3f0b6c5d5ecbc1b5b0f2a3e4d5c6b"),
	}
	// The gateway called https://shop.example/pay/result?session=7.
	err := sig.Verify("result", callback, key)
	fmt.Println(errors.Is(err, sig.ErrMismatch), err)
	// Output: true sig: pg_sig does not match the message
}

func ExampleExplain() {
	request := sig.Message{
		sig.Leaf("pg_salt", "molbulak"),
		sig.Leaf("pg_amount", "25"),
		sig.Leaf("pg_description", ""),
	}
	sig.Explain(os.Stdout, "init_payment.php", request)
	// Output: init_payment.php;25;;molbulak;{secret_key}
}

func ExampleScriptName() {
	fmt.Println(sig.ScriptName("https://api.freedompay.kz/v1/merchant/500001/card/pay"))
	fmt.Println(sig.ScriptName("https://shop.example/pay/result?session=7"))
	fmt.Printf("%q\n", sig.ScriptName("https://shop.example/pay/"))
	// Output:
	// pay
	// result
	// ""
}

func ExampleOrder_Parts() {
	m := sig.Message{
		sig.Leaf("pg_salt", "x"),
		sig.Leaf("pg_param1", "one"),
		sig.Leaf("pg_param10", "ten"),
		sig.Branch("items", sig.Leaf("0", "b"), sig.Leaf("1", "a")),
	}
	for part := range sig.Reference.Parts(m) {
		fmt.Printf("%-14s %-12s %s\n", part.SortName, part.Path, part.Field.Value)
	}
	// Output:
	// items001       items/0      b
	// items002       items/1      a
	// pg_param10003  pg_param10   ten
	// pg_param1002   pg_param1    one
	// pg_salt001     pg_salt      x
}

func ExampleOrder_Fields() {
	list := sig.Branch("n")
	for _, index := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
		list.Children = append(list.Children, sig.Leaf(index, index))
	}
	for _, order := range []sig.Order{sig.Reference, sig.Documented, sig.Alphabetical} {
		fmt.Printf("%-12v", order)
		for f := range order.Fields(sig.Message{list}) {
			fmt.Print(" ", f.Value)
		}
		fmt.Println()
	}
	// Output:
	// reference    0 1 2 3 4 5 6 7 8 9 10 11
	// documented   0 10 1 11 2 3 4 5 6 7 8 9
	// alphabetical 0 1 2 3 4 5 6 7 8 9 10 11
}

func ExampleScheme() {
	// A peer that leaves out empty values and compares list indexes as text.
	peer := sig.Scheme{
		Order:     sig.Documented,
		DropEmpty: true,
		Salt:      func() string { return "fixed" }, // so that this example has an output
	}
	signed, _ := peer.Sign("add", sig.Message{sig.Leaf("pg_user_id", "1234"), sig.Leaf("pg_back_link", "")}, sig.NewKey("s3cret"))
	peer.Explain(os.Stdout, "add", signed)
	fmt.Println()
	fmt.Println(peer.Verify("add", signed, sig.NewKey("s3cret")))
	// Output:
	// add;fixed;1234;{secret_key}
	// <nil>
}

func ExampleKey() {
	config := struct {
		Merchant string
		key      sig.Key
	}{"500001", sig.NewKey("s3cret")}
	fmt.Printf("%v %+v\n", config.key, sig.NewKey("s3cret"))
	// Output: sig.Key(redacted) sig.Key(redacted)
}

func ExampleFieldError() {
	twice := sig.Message{sig.Leaf("pg_sig", ""), sig.Leaf("pg_sig", "")}
	err := sig.Verify("result", twice, sig.NewKey("s3cret"))
	var field *sig.FieldError
	if errors.As(err, &field) {
		fmt.Println(field.Path)
	}
	fmt.Println(err)
	// Output:
	// pg_sig[2]
	// sig: pg_sig[2]: more than one pg_sig
}
