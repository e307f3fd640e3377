// Package conformance is the ginkgo suite: it drives a plan of package engine, in a binary and
// under go test. One spec is one operation and one probe; its cases are judged inside it and
// reported one by one.
//
//	r, err := conformance.Run(ctx, engine.Options{Role: catalogue.RoleGateway, Target: target})
//	os.Exit(r.Exit())
//
// In a suite of your own, [Describe] adds a plan to the tree that is being built. Under go test
// without ginkgo, [Test] makes plain subtests. What is sent, and what counts as right, is decided
// in engine and check; nothing here judges.
package conformance
