package sig_test

import (
	"testing"

	"github.com/fpconform/fpconform/sig"
)

var scriptNames = []struct{ why, url, want string }{
	{"a file", "https://api.freedompay.kz/init_payment.php", "init_payment.php"},
	{"the query is cut", "https://api.freedompay.kz/init_payment.php?a=1&b=2", "init_payment.php"},
	{"the last of many segments", "https://api.freedompay.kz/v1/merchant/500001/card/pay", "pay"},
	{"a merchant's address", "https://shop.example/result", "result"},
	{"a trailing slash leaves nothing", "https://shop.example/result/", ""},
	{"the query of a callback is cut", "https://shop.example/module/freedompay/callback?session_token=abc", "callback"},
	{"the root leaves nothing", "https://shop.example/", ""},
	{"no path leaves nothing", "https://shop.example", ""},
	{"a query without a script", "https://shop.example/?wc-api=WC_Gateway", ""},
	{"slashes in the query do not count", "https://shop.example/index.php?route=payment/freedompay/callback", "index.php"},
	{"a path behind a script", "https://shop.example/pay/index.php/result", "result"},
	{"two trailing slashes", "https://shop.example/a//", ""},
	{"the fragment is cut", "https://shop.example/result#frag", "result"},
	{"a path in the query does not count", "https://shop.example/result?next=/a/b", "result"},
	{"case is kept", "https://shop.example/Result.PHP", "Result.PHP"},
	{"percent signs are kept", "https://shop.example/%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0", "%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0"},
	{"an encoded space is kept", "https://shop.example/my%20result", "my%20result"},
	{"letters that are not ASCII", "https://shop.example/оплата", "оплата"},
	{"a path parameter is part of it", "https://shop.example/result;v=1", "result;v=1"},
	{"a port and many points", "https://shop.example:8080/a/b.c.d", "b.c.d"},
	{"a path alone", "/api/payments/result", "result"},
	{"a name alone", "result", "result"},
	// Beyond the published comparison.
	{"nothing", "", ""},
	{"no path but a query with a slash", "https://shop.example?next=/a", ""},
	{"no path but a fragment with a slash", "https://shop.example#/a", ""},
	{"a host without a scheme", "//shop.example/result", "result"},
	{"only a host without a scheme", "//shop.example", ""},
	{"a query behind a fragment is part of the fragment", "https://shop.example/result#a?b/c", "result"},
	{"two slashes inside a path", "/a//b", "b"},
	{"an encoded slash does not divide", "https://shop.example/a%2Fb", "a%2Fb"},
	{"an address that is an answer to a scheme of another kind", "myapp+x-1.0://pay/result", "result"},
}

func TestScriptName(t *testing.T) {
	for _, row := range scriptNames {
		t.Run(row.why, func(t *testing.T) {
			if got := sig.ScriptName(row.url); got != row.want {
				t.Errorf("ScriptName(%q) = %q, want %q", row.url, got, row.want)
			}
		})
	}
}
