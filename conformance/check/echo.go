package check

import (
	"fmt"
	"math/big"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
)

// echo looks for values that an answer must repeat: the ids that were sent or handed out earlier,
// the amount and the currency of the order.
func echo(kind catalogue.Echo) func(*Scope, *Seen) ([]report.Finding, string) {
	return whenAccepted(func(s *Scope, x *Seen) ([]report.Finding, string) {
		want, known := x.Known[string(kind)]
		if !known {
			return nil, "nothing is known that the answer must repeat"
		}
		for _, f := range echoing(s.Operation.Response.Fields, kind) {
			got, n := x.Response.Fields.Get(f.Name)
			if n == 0 {
				continue // whether it must be there is for MSG-5
			}
			if n == 1 && same(kind, got, want) {
				continue
			}
			return s.one(echoClause(s, kind), "response/"+f.Name, "another "+string(kind)+" than the request is about", cut(got), want)
		}
		return nil, ""
	})
}

func echoClause(s *Scope, kind catalogue.Echo) catalogue.ClauseID {
	switch kind {
	case catalogue.EchoOrder:
		return "MSG-11"
	case catalogue.EchoMerchant:
		return "MSG-12"
	case catalogue.EchoAmount:
		return "MSG-13"
	case catalogue.EchoCurrency:
		return "MSG-14"
	}
	if s.Operation.ID == status {
		return "PAY-5"
	}
	return "MSG-10"
}

// same compares amounts as decimals, since 20 was seen where 20.00 was sent; everything else byte
// by byte.
func same(kind catalogue.Echo, got, want string) bool {
	if got == want {
		return true
	}
	if kind != catalogue.EchoAmount {
		return false
	}
	a, ok := decimal(got)
	b, ok2 := decimal(want)
	return ok && ok2 && a.Cmp(b) == 0
}

// decimal reads decimal text. Exponents and fractions, which big.Rat takes too, are none.
func decimal(s string) (*big.Rat, bool) {
	if len(s) == 0 || len(s) > 64 {
		return nil, false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' && c != '-' {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
