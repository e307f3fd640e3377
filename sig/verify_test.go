package sig_test

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/sig"
)

func TestSignAddsSaltAndSignature(t *testing.T) {
	key := sig.NewKey("s3cret")
	s := sig.Scheme{Salt: func() string { return "salt1" }}
	m := leaves("pg_b", "2", "pg_a", "1")
	signed, err := s.Sign("result", m, key)
	if err != nil {
		t.Fatal(err)
	}
	want := append(leaves("pg_b", "2", "pg_a", "1", "pg_salt", "salt1"),
		sig.Leaf("pg_sig", naiveSum(sig.Scheme{}, "result", leaves("pg_a", "1", "pg_b", "2", "pg_salt", "salt1"), "s3cret")))
	if !reflect.DeepEqual(signed, want) {
		t.Errorf("signed message is %v, want %v", signed, want)
	}
	if !reflect.DeepEqual(m, leaves("pg_b", "2", "pg_a", "1")) {
		t.Errorf("Sign changed its argument to %v", m)
	}
	// A message with room behind its end must not be written into either.
	roomy := append(make(sig.Message, 0, 10), m...)
	if _, err := s.Sign("result", roomy, key); err != nil || roomy[:3][2].Name != "" {
		t.Errorf("Sign wrote %v behind its argument", roomy[:3][2])
	}
}

func TestSignKeepsTheSaltThatIsThere(t *testing.T) {
	s := sig.Scheme{Salt: func() string { t.Error("asked for a salt"); return "" }}
	for _, salt := range []string{"molbulak", ""} {
		signed, err := s.Sign("result", leaves("pg_salt", salt, "a", "1"), sig.NewKey("k"))
		if err != nil || len(signed) != 3 || signed[0].Value != salt {
			t.Errorf("pg_salt %q: %v, %v", salt, signed, err)
		}
	}
}

func TestSaltIsRandomLettersAndDigits(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		signed, err := sig.Sign("result", nil, sig.NewKey("k"))
		if err != nil {
			t.Fatal(err)
		}
		salt, n := signed.Get(sig.FieldSalt)
		if n != 1 || !regexp.MustCompile(`^[A-Za-z0-9]{16,}$`).MatchString(salt) || seen[salt] {
			t.Errorf("%d salts, the first %q, seen before: %v", n, salt, seen[salt])
		}
		seen[salt] = true
	}
}

func TestSignRefusesASignedMessage(t *testing.T) {
	for _, m := range []sig.Message{leaves("pg_sig", ""), {sig.Branch("pg_sig")}} {
		if signed, err := sig.Sign("result", m, sig.NewKey("k")); !errors.Is(err, sig.ErrRepeated) || signed != nil {
			t.Errorf("Sign of %v: %v, %v", m, signed, err)
		}
	}
	// Only the top level is meant: a nested one belongs to whoever put it there.
	if _, err := sig.Sign("result", sig.Message{sig.Branch("card", sig.Leaf("pg_sig", "x"))}, sig.NewKey("k")); err != nil {
		t.Errorf("Sign with a nested pg_sig: %v", err)
	}
}

func TestVerify(t *testing.T) {
	key := sig.NewKey("s3cret")
	right := sig.Sum("result", leaves("pg_a", "1", "pg_salt", "x"), key).String()
	with := func(value string) sig.Message { return leaves("pg_sig", value, "pg_a", "1", "pg_salt", "x") }
	for _, row := range []struct {
		why    string
		script string
		m      sig.Message
		key    sig.Key
		want   error
		text   string
	}{
		{"accepts what was signed", "result", with(right), key, nil, ""},
		{"accepts fields in another order", "result", leaves("pg_salt", "x", "pg_a", "1", "pg_sig", right), key, nil, ""},
		{"refuses a message without pg_sig", "result", leaves("pg_a", "1"), key, sig.ErrUnsigned, "sig: no pg_sig"},
		{"refuses a pg_sig that stands deeper", "result", sig.Message{sig.Branch("x", sig.Leaf("pg_sig", right))}, key, sig.ErrUnsigned, "sig: no pg_sig"},
		{"refuses two, even if both are right", "result", append(with(right), sig.Leaf("pg_sig", right)), key, sig.ErrRepeated, "sig: pg_sig[2]: more than one pg_sig"},
		{"refuses a leaf and a branch", "result", append(with(right), sig.Branch("pg_sig")), key, sig.ErrRepeated, "sig: pg_sig[2]: more than one pg_sig"},
		{"refuses a branch", "result", sig.Message{sig.Branch("pg_sig", sig.Leaf("0", right))}, key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses an empty pg_sig", "result", with(""), key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses upper-case hex", "result", with(strings.ToUpper(right)), key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses white space", "result", with(right + " "), key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses the first half", "result", with(right[:16]), key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses letters beyond f", "result", with(right[:31] + "g"), key, sig.ErrMalformed, "sig: pg_sig: pg_sig is not 32 lower-case hexadecimal digits"},
		{"refuses another value", "result", leaves("pg_a", "2", "pg_salt", "x", "pg_sig", right), key, sig.ErrMismatch, "sig: pg_sig does not match the message"},
		{"refuses one field more", "result", append(with(right), sig.Leaf("pg_b", "")), key, sig.ErrMismatch, "sig: pg_sig does not match the message"},
		{"refuses another script name", "check", with(right), key, sig.ErrMismatch, "sig: pg_sig does not match the message"},
		{"refuses another secret", "result", with(right), sig.NewKey("s3cret "), sig.ErrMismatch, "sig: pg_sig does not match the message"},
		{"refuses the zero key's peer", "result", with(right), sig.Key{}, sig.ErrMismatch, "sig: pg_sig does not match the message"},
	} {
		t.Run(row.why, func(t *testing.T) {
			err := sig.Verify(row.script, row.m, row.key)
			if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
				t.Fatalf("Verify returns %v, want %v", err, row.want)
			}
			if err != nil && err.Error() != row.text {
				t.Errorf("the error says %q, want %q", err, row.text)
			}
			if err != nil && strings.Contains(strings.ToLower(err.Error()), right[:8]) {
				t.Errorf("the error gives the right signature away: %v", err)
			}
		})
	}
}

func TestVerifyAcceptsOnlyItsOwnOrder(t *testing.T) {
	m := leaves("pg_param10", "ten", "pg_param1", "one", "pg_salt", "x")
	key := sig.NewKey("k")
	signed, err := sig.Scheme{Order: sig.Alphabetical}.Sign("result", m, key)
	if err != nil {
		t.Fatal(err)
	}
	for o, want := range map[sig.Order]error{sig.Reference: sig.ErrMismatch, sig.Documented: sig.ErrMismatch, sig.Alphabetical: nil} {
		if err := (sig.Scheme{Order: o}).Verify("result", signed, key); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%v: %v, want %v", o, err, want)
		}
	}
}

func TestParseSignature(t *testing.T) {
	const text = "a8a4d5a9188f24038a14a4d65c387bf7"
	s, err := sig.ParseSignature(text)
	if err != nil || s.String() != text {
		t.Errorf("ParseSignature(%q) = %v, %v", text, s, err)
	}
	for c := range 256 { // every byte in every place
		for i := range text {
			changed := text[:i] + string([]byte{byte(c)}) + text[i+1:]
			digit := strings.IndexByte("0123456789abcdef", byte(c)) >= 0
			s, err := sig.ParseSignature(changed)
			if digit && (err != nil || s.String() != changed) || !digit && (err != sig.ErrMalformed || s != sig.Signature{}) {
				t.Errorf("ParseSignature(%q) = %v, %v", changed, s, err)
			}
		}
	}
	for n := range len(text) {
		if _, err := sig.ParseSignature(text[:n]); err != sig.ErrMalformed {
			t.Errorf("%d digits: %v", n, err)
		}
	}
	if _, err := sig.ParseSignature(text + "0"); err != sig.ErrMalformed {
		t.Errorf("33 digits: %v", err)
	}
}

func TestFieldErrorNamesTheFieldAndCutsIt(t *testing.T) {
	reason := errors.New("not a number")
	err := error(&sig.FieldError{Path: sig.Path{{Name: "response"}, {Name: strings.Repeat("я", 500), Index: 2}, {Name: "a\nb"}}, Err: reason})
	want := `sig: response/` + strings.Repeat("я", 32) + `…[2]/"a\nb": not a number`
	if err.Error() != want {
		t.Errorf("the error says\n%s, want\n%s", err, want)
	}
	if !errors.Is(err, reason) {
		t.Error("the reason cannot be found")
	}
	if got := (&sig.FieldError{}).Error(); got != `sig: the message: wrong` {
		t.Errorf("the zero error says %q", got)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	key := sig.NewKey(initSecret)
	signed, err := sig.Sign(initScript, init17, key)
	if err != nil {
		t.Fatal(err)
	}
	list := sig.Branch("pg_receipt_positions")
	for _, n := range strings.Fields("0 1 2 3 4 5 6 7 8 9 10 11") {
		list.Children = append(list.Children, sig.Branch(n, sig.Leaf("name", "x"), sig.Leaf("name2", "y"), sig.Leaf("count", "1")))
	}
	for why, m := range map[string]sig.Message{
		"flat":              init17,
		"signed":            signed,
		"a list of twelve":  append(sig.Message{list}, init17...),
		"a long value":      append(leaves("pg_description", strings.Repeat("x", 10_000)), init17...),
		"a hundred fields":  append(sig.Message{list, list, list}, init17...),
		"names in families": leaves("a", "", "a0", "", "a00", "", "a1", "", "a10", "", "b", ""),
		"no fields":         nil,
	} {
		for _, o := range orders {
			s := sig.Scheme{Order: o}
			if n := testing.AllocsPerRun(200, func() { sink = s.Sum(initScript, m, key) }); n != 0 {
				t.Errorf("%s: Sum in %v order allocates %v times", why, o, n)
			}
		}
	}
	if n := testing.AllocsPerRun(200, func() {
		if err := sig.Verify(initScript, signed, key); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Verify allocates %v times", n)
	}
	wrong := append(sig.Message{sig.Leaf("pg_more", "")}, signed...)
	if n := testing.AllocsPerRun(200, func() {
		if err := sig.Verify(initScript, wrong, key); err != sig.ErrMismatch {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Verify of a wrong message allocates %v times", n)
	}
	if n := testing.AllocsPerRun(200, func() { sig.ScriptName("https://api.freedompay.kz/v1/merchant/500001/card/pay?a=b#c") }); n != 0 {
		t.Errorf("ScriptName allocates %v times", n)
	}
	// The copy of the message, the salt, and the text of the signature.
	if n := testing.AllocsPerRun(200, func() { sig.Sign(initScript, init17, key) }); n > 4 {
		t.Errorf("Sign allocates %v times, budget 4", n)
	}
}
