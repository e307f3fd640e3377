package conformance_test

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/fpconform/fpconform/conformance"
	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
	"github.com/fpconform/fpconform/conformance/wire"
)

// exampleOptions judge a gateway in process. Here that is the reference gateway; put your own
// http.Handler and the credentials that it knows in its place. Without a Handler the gateway is asked
// over the network, at Base.
func exampleOptions() engine.Options {
	documented, err := catalogue.Load()
	if err != nil {
		log.Fatal(err)
	}
	reference, err := selftest.NewPair(documented, selftest.MockOptions(1))
	if err != nil {
		log.Fatal(err)
	}
	return engine.Options{
		Role: catalogue.RoleGateway,
		Target: &wire.Target{
			Handler:     reference.Gateway,
			Base:        &url.URL{Scheme: "https", Host: "gateway.example"},
			Credentials: selftest.Credentials(),
			Values:      selftest.Values(), // such as pg_card_token, which no run can make up
		},
		Mask: selftest.Mask(), // hides the secrets in what is reported
		Run:  []string{"merchant.purchase.create"},
		Seed: 1, // the same seed sends the same again
	}
}

// A run in any program, without go test.
func ExampleRun() {
	r, err := conformance.Run(context.Background(), exampleOptions())
	if err != nil {
		log.Fatal(err) // about the options; nothing was sent
	}
	fmt.Println(r.Verdict, r.Exit())
	// Output: conforms 0
}

// Plain subtests, one for each operation and probe, for "go test" without ginkgo.
func ExampleTest() {
	_ = func(t *testing.T) { // func TestGateway(t *testing.T)
		conformance.Test(t, exampleOptions())
	}
}

// The cases in a ginkgo suite of your own, beside its other nodes. In a file of that suite this is
//
//	var _ = ginkgo.Describe("our gateway", func() { … })
//
// A spec fails if one of its cases does not conform.
func ExampleDescribe() {
	_ = func() bool {
		return ginkgo.Describe("our gateway", func() {
			plan, err := engine.Prepare(exampleOptions())
			if err != nil {
				log.Fatal(err)
			}
			conformance.Describe(plan, func([]report.Result) {}) // or keep them for plan.Report
		})
	}
}
