// Package engine plans and runs cases: operations times probes, each exchange sent once and judged
// by every check that is for it. It knows no test framework; package conformance drives the same
// plan under ginkgo, and [Run] drives it without.
//
//	plan, err := engine.Prepare(engine.Options{Role: catalogue.RoleGateway, Target: target})
//	if err != nil { … }               // nothing was sent: the configuration or a pattern is wrong
//	r, err := engine.Run(ctx, options)
//
// What it decides, and no check can, is what exchanges say beside each other: a negative counts only
// beside an accepted control, over the same state where the operation uses it up; a lawful variant
// that is refused counts only if no other reading explains it; a control that is refused counts only
// if the key is known to be right.
package engine
