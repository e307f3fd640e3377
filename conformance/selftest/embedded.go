package selftest

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

// The credentials of the embedded peers. They open nothing anywhere else.
const (
	MerchantID = "500001"
	Secret     = "fpconform-embedded-secret"
	JWSID      = "123456"
	JWSKey     = "fpconform-embedded-jws-key-of-sixty-four-bytes-and-a-little-more-than-that"
	CardToken  = "7d1f0c62-9a41-4c0e-8e55-0b6a3c1d9f27"
)

// Credentials returns the credentials of the embedded peers.
func Credentials() wire.Credentials {
	return wire.Credentials{
		MerchantID: MerchantID,
		SigKeys:    map[string]sig.Key{"": sig.NewKey(Secret)},
		JWSID:      JWSID,
		JWSKey:     jws.NewKey([]byte(JWSKey)),
	}
}

// Mask hides the secrets of the embedded peers, as those of a user are hidden.
func Mask() *wire.Mask { return wire.NewMask(Secret, JWSKey) }

// Orders are those that the embedded merchant knows, more than a run against a right one needs.
func Orders() []wire.Order {
	amounts := []string{"100.00", "250.50", "20", "999.99", "1", "75.10", "12345", "0.50", "10", "64.20", "3000", "7.77"}
	orders := make([]wire.Order, len(amounts))
	for i, amount := range amounts {
		orders[i] = wire.Order{ID: fmt.Sprintf("A-%d", 17+i), Amount: amount, Currency: "KZT"}
	}
	return orders
}

// Values are what the embedded gateway wants instead of generated ones.
func Values() map[string]string {
	return map[string]string{"pg_card_token": CardToken, "card_token": CardToken}
}

// A Pair is an embedded gateway and an embedded merchant.
type Pair struct {
	Gateway  *mock.Gateway
	Merchant *mock.Merchant
}

// MockOptions are those of the embedded peers, without a fault.
func MockOptions(seed uint64) mock.Options {
	return mock.Options{
		Credentials: Credentials(),
		Seed:        seed,
		Tokens:      []string{CardToken},
		Orders:      Orders(),
	}
}

// NewPair makes both peers with the same options.
func NewPair(c *catalogue.Catalogue, o mock.Options) (*Pair, error) {
	g, err := mock.NewGateway(c, o)
	if err != nil {
		return nil, err
	}
	m, err := mock.NewMerchant(c, o)
	if err != nil {
		return nil, err
	}
	return &Pair{g, m}, nil
}

// Options are what judges the pair in process, one for each role.
func (p *Pair) Options(c *catalogue.Catalogue, seed uint64) []engine.Options {
	base := func(role catalogue.Role, t *wire.Target) engine.Options {
		t.Credentials = Credentials()
		return engine.Options{Role: role, Target: t, Catalogue: c, Seed: seed, Mask: Mask(), Tool: report.Tool{Name: "fpconform"}}
	}
	return []engine.Options{
		base(catalogue.RoleGateway, GatewayTarget(p.Gateway, &url.URL{Scheme: "http", Host: "gateway.embedded"})),
		base(catalogue.RoleMerchant, MerchantTarget(p.Merchant, &url.URL{Scheme: "http", Host: "merchant.embedded"})),
	}
}

// GatewayTarget is the embedded gateway at an address; without a handler it is asked over the
// network.
func GatewayTarget(h http.Handler, base *url.URL) *wire.Target {
	return &wire.Target{Handler: h, Base: base, Values: Values(), Credentials: Credentials()}
}

// MerchantTarget is the embedded merchant at an address.
func MerchantTarget(h http.Handler, base *url.URL) *wire.Target {
	at := func(path string) *url.URL {
		u := *base
		u.Path = path
		return &u
	}
	return &wire.Target{
		Handler: h,
		Callbacks: map[string]*url.URL{
			"callback.check":  at("/check"),
			"callback.result": at("/result"),
		},
		Orders:      Orders(),
		Credentials: Credentials(),
	}
}
