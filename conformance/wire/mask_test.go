package wire_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

func TestAMaskHidesSecretsInEveryFormOfText(t *testing.T) {
	const secret = `s3cret <"key"> & more`
	m := wire.NewMask(secret, "", "abc")
	for name, text := range map[string]string{
		"as it is":        secret,
		"in words":        "your key " + secret + " is wrong",
		"in a query":      "k=" + url.QueryEscape(secret) + "&x",
		"in a path":       "/" + url.PathEscape(secret) + "/",
		"in XML":          `<k>s3cret &lt;&#34;key&#34;&gt; &amp; more</k>`,
		"in JSON":         `{"k":"s3cret \u003c\"key\"\u003e \u0026 more"}`,
		"in base64":       base64.StdEncoding.EncodeToString([]byte(secret)),
		"in base64url":    base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"in hexadecimal":  hex.EncodeToString([]byte(secret)),
		"in HEXADECIMAL":  strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"twice":           secret + secret,
		"cut in a value":  `pg_error_description xxxx s3cret <"k…, HTTP 200`,
		"cut at its end":  `got s3cre…`,
		"cut in a quote":  `begins "yyyy s3cret <"`,
		"cut and another": `a s3cr… b s3cret <"key…`,
	} {
		got := m.Text(text)
		if !strings.Contains(got, "[secret]") || strings.Contains(got, "s3cr") || strings.Contains(got, "key") && name != "in words" {
			t.Errorf("%s: %q is shown as %q", name, text, got)
		}
	}
	for _, text := range []string{"", "abc", "nothing of it", "s3", "…", `"`, "a … b", "3 and s", "no cut s3cre here"} {
		if got := m.Text(text); got != text {
			t.Errorf("%q, which holds no secret, is shown as %q", text, got)
		}
	}
}

func TestAMaskPrintsAsRedacted(t *testing.T) {
	m := wire.NewMask("the secret")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, m); strings.Contains(got, "secret") || !strings.Contains(got, "redacted") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestCardNumbersKeepSixAndFourDigits(t *testing.T) {
	var none *wire.Mask
	for text, want := range map[string]string{
		"4242424242424242":                 "424242******4242",
		"4242 4242 4242 4242":              "4242 42** **** 4242",
		"4242-4242-4242-4242":              "4242-42**-****-4242",
		"pan=4242424242424242&x":           "pan=424242******4242&x",
		"card4242424242424242x":            "card424242******4242x",
		"_4242424242424242_":               "_424242******4242_",
		"4242424242424242 12/29 123":       "424242******4242 12/29 123",
		"4242 4242 4242 4242 12/29":        "4242 42** **** 4242 12/29",
		"5555555555554444,378282246310005": "555555******4444,378282*****0005",
		"6011111111111117":                 "601111******1117",
		"2223003122003222":                 "222300******3222",
		"30569309025904":                   "305693****5904",
		"<pan>4000000000000002</pan>":      "<pan>400000******0002</pan>",
		"too long 42424242424242424242":    "too long 42424242424242424242",
		"no check digit 4242424242424241":  "no check digit 4242424242424241",
		"order 1234567890123452":           "order 1234567890123452", // begins as no card does
		"2026-01-02 03:04:05":              "2026-01-02 03:04:05",
		"short 424242424242":               "short 424242424242",
		"424242424242424…":                 "424242*********…",
		"4242 4242 4242…":                  "4242 42** ****…",
		"id 1234567…":                      "id 1234567…",
		"":                                 "",
	} {
		for name, m := range map[string]*wire.Mask{"a mask": wire.NewMask("other"), "no mask": none} {
			if name == "no mask" && strings.Contains(text, "…") {
				continue
			}
			if got := m.Text(text); got != want {
				t.Errorf("%s: %q is shown as %q, want %q", name, text, got, want)
			}
		}
	}
}

func TestSignaturesAreShownByTheirEnds(t *testing.T) {
	const value = "051d57730dcb69f98be635e6e5386792"
	token := "eyJhbGciOiJIUzI1NiJ9..EA1hEN1drcxlbv1fBElXEkf5EhOllg5A_vr3bxl6v18"
	var none *wire.Mask
	for _, text := range []string{
		"pg_sig=" + value, "<pg_sig>" + value + "</pg_sig>", `"pg_sig":"` + value + `"`, `"pg_sig" : "` + value, "pg_sig%3D" + value,
		"name=\"pg_sig\"\r\n\r\n" + value + "\r\n--", "pg_sig=" + strings.ToUpper(value), "<pg_sig>\n  " + value,
		"X-JWS-Signature: " + token, `{"jws":"` + token + `"}`, "eyJhbGciOiJIUzI1NiJ9.cGF5bG9hZA.EA1hEN1drcxlbv1fBElXEkf5EhOllg5A_vr3bxl6v18",
	} {
		got := none.Text(text)
		if strings.Contains(strings.ToLower(got), value) || strings.Contains(got, "EA1hEN1drcxl") || !strings.Contains(got, "…") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	for s, want := range map[string]string{value: "051d…6792", "": "…", "12345678901": "…", "123456789012": "1234…9012", "ключключключ": "ключ…ключ"} {
		if got := wire.Ends(s); got != want {
			t.Errorf("the ends of %q are %q, want %q", s, got, want)
		}
	}
}

// The mask of an exchange hides its signatures and sensitive fields, sent and received, without a name too.
func TestTheMaskOfAnExchange(t *testing.T) {
	op := operation(t, "merchant.card.init_cvc")
	x := &wire.Exchange{Operation: op}
	x.Request.Fields = sig.Message{sig.Leaf("pg_card_token", "7d1f0c62-9a41-4c0e-8e55-0b6a3c1d9f27"), sig.Leaf("pg_order_id", "A-17-order"),
		sig.Leaf("pg_user_email", "someone@example.com"), sig.Leaf("pg_sig", "051d57730dcb69f98be635e6e5386792")}
	x.Response = &wire.Response{Fields: sig.Message{sig.Leaf("pg_sig", "151d57730dcb69f98be635e6e5386793")}}
	m := (*wire.Mask)(nil).For(x)
	for text, want := range map[string]string{
		"got 7d1f0c62-9a41-4c0e-8e55-0b6a3c1d9f27":     "got 7d********************************27",
		"someone@example.com":                          "so***************om",
		"someone%40example.com":                        "so***************om",
		"A-17-order":                                   "A-17-order",
		"051d57730dcb69f98be635e6e5386792":             "051d…6792",
		"051D57730DCB69F98BE635E6E5386792":             "051D…6792",
		"151d57730dcb69f98be635e6e5386793":             "151d…6793",
		"no signature 051d57730dcb69f98be635e6e538679": "no signature 051d57730dcb69f98be635e6e538679",
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := m.Text(m.Text("051d57730dcb69f98be635e6e5386792…")); got != "051d…6792…" {
		t.Errorf("masking twice gives %q", got)
	}
	// Nothing to hide, nothing that crashes.
	(*wire.Mask)(nil).For(nil).Text("x")
	(*wire.Mask)(nil).For(&wire.Exchange{Operation: op}).Text("x")
}
