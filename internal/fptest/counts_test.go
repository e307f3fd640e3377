package fptest

import (
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/vectors"
)

func TestThereAreAsManyVectorsAsPromised(t *testing.T) {
	ids := map[string]bool{}
	withdrawn, err := vectors.LoadWithdrawn()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range withdrawn {
		ids[w.ID] = true
	}
	sigs, err := vectors.LoadSig()
	if err != nil {
		t.Fatal(err)
	}
	if n := distinct(t, ids, sigs, func(v vectors.Sig) vectors.Case { return v.Case }); n < 60 {
		t.Errorf("%d vectors of pg_sig, want 60 or more", n)
	}
	tokens, err := vectors.LoadJWS()
	if err != nil {
		t.Fatal(err)
	}
	if n := distinct(t, ids, tokens, func(v vectors.JWS) vectors.Case { return v.Case }); n < 30 {
		t.Errorf("%d vectors of X-JWS-Signature, want 30 or more", n)
	}
}

// distinct counts the tests whose id was not there before, and fails for one without a reason to exist.
func distinct[T any](t *testing.T, ids map[string]bool, files []vectors.File[T], head func(T) vectors.Case) int {
	t.Helper()
	n := 0
	for _, f := range files {
		for _, v := range f.Tests {
			c := head(v)
			if ids[c.ID] || c.Comment == "" {
				t.Errorf("%s stands twice, was withdrawn, or says no reason to exist", c.ID)
				continue
			}
			ids[c.ID] = true
			n++
		}
	}
	return n
}

// Each of these addresses is one on which published implementations differ, or on which all agree.
func TestEveryScriptNameOfTheTableIsAVector(t *testing.T) {
	files, err := vectors.LoadScripts()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, f := range files {
		for _, v := range f.Tests {
			have[v.URL] = v.Script
		}
	}
	for url, want := range map[string]string{
		"https://api.freedompay.kz/init_payment.php":                        "init_payment.php",
		"https://api.freedompay.kz/init_payment.php?a=1&b=2":                "init_payment.php",
		"https://api.freedompay.kz/v1/merchant/500001/card/pay":             "pay",
		"https://shop.example/result":                                       "result",
		"https://shop.example/result/":                                      "",
		"https://shop.example/module/freedompay/callback?session_token=abc": "callback",
		"https://shop.example/":                                             "",
		"https://shop.example":                                              "",
		"https://shop.example/?wc-api=WC_Gateway":                           "",
		"https://shop.example/index.php?route=payment/freedompay/callback":  "index.php",
		"https://shop.example/pay/index.php/result":                         "result",
		"https://shop.example/a//":                                          "",
		"https://shop.example/result#frag":                                  "result",
		"https://shop.example/result?next=/a/b":                             "result",
		"https://shop.example/Result.PHP":                                   "Result.PHP",
		"https://shop.example/%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0":         "%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0",
		"https://shop.example/my%20result":                                  "my%20result",
		"https://shop.example/оплата":                                       "оплата",
		"https://shop.example/result;v=1":                                   "result;v=1",
		"https://shop.example:8080/a/b.c.d":                                 "b.c.d",
		"/api/payments/result":                                              "result",
		"result":                                                            "result",
	} {
		if got, ok := have[url]; !ok || got != want {
			t.Errorf("%q: the vector says %q (there is one: %t), want %q", url, got, ok, want)
		}
		if got := sig.ScriptName(url); got != want {
			t.Errorf("%q: package sig says %q, want %q", url, got, want)
		}
	}
}

// kind says what a scenario is about, by the peer that has the fault and by the clause that it breaks:
//
//   - merchant: the peer is a merchant;
//   - accepting: the clause is one of SIG, JWS or REQ by which a probe must be refused;
//   - signing: another clause of SIG, which a check of answers declares;
//   - shape: a clause of MSG;
//   - state: a clause of PAY, CARD or INV.
//
// Everything else is "other", such as refusing what must be accepted. A scenario has one kind.
func kind(s *mock.Scenario, refused, answers map[catalogue.ClauseID]bool) string {
	if s.Role == catalogue.RoleMerchant {
		return "merchant"
	}
	switch s.Breaks.Family() {
	case "SIG", "JWS", "REQ":
		switch {
		case refused[s.Breaks]:
			return "accepting"
		case s.Breaks.Family() == "SIG" && answers[s.Breaks]:
			return "signing"
		}
	case "MSG":
		return "shape"
	case "PAY", "CARD", "INV":
		return "state"
	}
	return "other"
}

func TestThereAreAsManyScenariosOfEachKindAsPromised(t *testing.T) {
	refused, answers := map[catalogue.ClauseID]bool{}, map[catalogue.ClauseID]bool{}
	for _, in := range intents(t, loadCatalogue(t)) {
		if in.expect == wire.Refused {
			refused[in.clause] = true
		}
	}
	for _, k := range check.Checks {
		for _, id := range k.Clauses {
			answers[id] = true
		}
	}
	count := map[string]int{}
	for i := range mock.Scenarios {
		count[kind(&mock.Scenarios[i], refused, answers)]++
	}
	if len(mock.Scenarios) < 25 {
		t.Errorf("%d scenarios, want 25 or more", len(mock.Scenarios))
	}
	for name, least := range map[string]int{"signing": 10, "accepting": 6, "shape": 4, "state": 2, "merchant": 3} {
		if count[name] < least {
			t.Errorf("%d scenarios of %s, want %d or more", count[name], name, least)
		}
	}
	t.Logf("%d scenarios: %v", len(mock.Scenarios), count)
}
