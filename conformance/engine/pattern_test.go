package engine_test

import (
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/engine"
)

func TestPatterns(t *testing.T) {
	const (
		a = "merchant.card.pay/sig-missing/req.refused"
		b = "merchant.card.pay/field-missing:pg_payment_id/msg.http"
		c = "merchant.purchase.create/valid/sig.answer-signed"
		d = "callback.check/valid/req.accepted"
	)
	for _, tt := range []struct {
		pattern string
		want    string // of the four
	}{
		{"merchant.card.pay", a + b},
		{"merchant.card.pay/sig-missing", a},
		{"merchant.card.pay/sig-missing/req.refused", a},
		{"merchant.card.pay/sig-missing/req.refused/more", ""},
		{"merchant.card.*", a + b},
		{"merchant.*", a + b + c},
		{"*", a + b + c + d},
		{"**", a + b + c + d},
		{"*/valid", c + d},
		{"**/valid", c + d},
		{"**/req.*", a + d},
		{"*/*/req.*", a + d},
		{"*/req.*", ""},
		{"**/sig*", a + c},
		{"*/sig*", a},
		{"merchant.**/valid", c},
		{"**/field-missing:*", b},
		{"*/field-missing:*", b},
		{"*/*:pg_payment_id", b},
		{"*.pay/**/msg.http", b},
		{"merchant.card.pay/**/req.refused", a},
		{"merchant.card.pay/**", a + b},
		{"**/valid/**", c + d},
		{"**/**/**", a + b + c + d},
		{"merchant.card", ""},
		{"merchant.card.pay2", ""},
		{"merchant.card.pa", ""},
		{"card.pay", ""},
		{"*card.pay", a + b},
		{"*c*p*y*", a + b},
		{"m*m*", ""},
		{"MERCHANT.card.pay", ""},
		{"merchant?card.pay", ""},
		{"merchant.card.pay/sig-missing*", a},
		{"merchant.card.pay/*missing", a},
		{"merchant.card.pay/*sig-missing*", a},
		{"[a-z]*", ""},
		{"callback.check/v*d/req.a*d", d},
	} {
		p, err := engine.ParsePattern(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		got := ""
		for _, path := range []string{a, b, c, d} {
			if p.Match(path) {
				got += path
			}
		}
		if got != tt.want {
			t.Errorf("%s matches %q, want %q", tt.pattern, got, tt.want)
		}
	}
}

func TestAPatternWithAnEmptySegmentIsAnError(t *testing.T) {
	for _, text := range []string{"", "/", "a//b", "a/", "/a", "a/b/"} {
		if _, err := engine.ParsePattern(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	long := strings.Repeat("x", 5000) + "//"
	if _, err := engine.ParsePattern(long); err == nil || len(err.Error()) > 300 {
		t.Errorf("an error of %d bytes quotes the whole pattern", len(err.Error()))
	}
}

// A pattern takes time in proportion to its length, however many stars it has.
func TestAPatternOfManyStarsEnds(t *testing.T) {
	path := "merchant.card.pay/sig-missing/" + strings.Repeat("a", 2000)
	for _, text := range []string{strings.Repeat("**/", 3000) + "b", strings.Repeat("a*", 3000) + "b", strings.Repeat("*", 3000) + "/x", strings.Repeat("**/*/", 500) + "b"} {
		p, err := engine.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if p.Match(path) {
				t.Errorf("%.20s… matches", text)
			}
		}
	}
}
