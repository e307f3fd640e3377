package engine_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// The status is asked of a payment beside which there is a newer one of another amount, so that a
// gateway which answers about the last payment is seen.
func TestAStatusIsAskedBesideANewerPayment(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := selftest.NewPair(c, selftest.MockOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	o := pair.Options(c, 1)[0]
	o.Run = []string{"merchant.purchase.status/valid"}
	var paths []string
	inner := o.Target.Handler
	o.Target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		inner.ServeHTTP(w, r)
	})
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(paths, " "), "/init_payment.php /init_payment.php /get_status3.php"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	amounts := map[string]bool{}
	for _, x := range r.Exchanges {
		if strings.HasPrefix(x.Request.Line, "POST /init_payment.php") {
			_, rest, _ := strings.Cut(x.Request.Body, `name="pg_amount"`+"\r\n\r\n")
			amount, _, _ := strings.Cut(rest, "\r\n")
			amounts[amount] = true
		}
	}
	if len(amounts) != 2 || amounts[""] {
		t.Errorf("the payments have the amounts %v, want two different ones", amounts)
	}
}
