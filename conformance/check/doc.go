// Package check is the rule book: the probes say what to send, the checks say what to look for.
//
// A [Probe] is one thing worth sending to an operation. The control, valid, is a right request
// with the required fields; a negative is the control less one step and must be refused; a lawful
// variant is the control with one harmless step and must be accepted. A [Check] is a pure function
// over a finished exchange: it sends nothing, blocks on nothing and knows no clock, so it can be
// tried without a server and run again over a recording.
//
//	for _, p := range check.Probes {
//		for _, variant := range p.For(scope) {
//			draft := check.Draft(scope, p, variant, values)
//			…
//
// The tables [Probes] and [Checks] are the table of contents. Whether a request counts as accepted
// is [Of]; which clause a finding names is the check's to say, and which status follows from the
// clause's level is the engine's.
//
// Facts come from the clauses of the catalogue, which name their sources.
package check
