// Package selftest proves the verdicts of this kit by its own mock: every named fault is run against
// the whole suite, and must be caught by the check of the clause that it breaks, and by nothing else;
// without a fault nothing may be reported.
//
//	m, err := selftest.Run(ctx, selftest.Options{Seed: 1})
//	if err == nil && m.Proven() { … }
//
// The mock never imports the checks, so the two are independent witnesses of the same clauses.
package selftest
