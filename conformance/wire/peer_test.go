package wire_test

import (
	"net/url"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/jws"
	"github.com/fpconform/fpconform/sig"
)

func load(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func operation(t testing.TB, id string) *catalogue.Operation {
	t.Helper()
	op, ok := load(t).Operation(id)
	if !ok {
		t.Fatalf("there is no operation %s", id)
	}
	return op
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

const secret = "the secret of the tests"

func credentials() wire.Credentials {
	return wire.Credentials{
		MerchantID: "500001",
		SigKeys:    map[string]sig.Key{"": sig.NewKey(secret)},
		JWSID:      "123456",
		JWSKey:     jws.NewKey([]byte("a key for the tests that has sixty-four bytes and some more than that")),
	}
}

// at is a target at an address, for both roles.
func at(address string) *wire.Target {
	return &wire.Target{
		Base:        mustURL(address),
		Callbacks:   map[string]*url.URL{"callback.check": mustURL(address + "/shop/check.php"), "callback.result": mustURL(address + "/shop/result")},
		Credentials: credentials(),
	}
}
