// Package schema answers one question: does this message fit these fields?
//
//	for _, v := range schema.Check(answer, op.Response.Fields) {
//		fmt.Println(v.Path, v.Rule, "got", v.Got, "want", v.Want)
//	}
//
// It also answers the question the other way round, for probes: [Lawful] and [AtEdges] give
// values that fit a field, [Beyond], [WrongType] and [Stranger] values that break exactly one
// rule of it.
//
// All of it is pure: no network, no clock, no state. It refuses to judge what the catalogue
// does not say: unknown fields are lawful, unknown required marks demand nothing, unknown
// formats are words for people. An optional field that is there without a value counts as
// absent, since pages do not tell the two apart and XML writers often leave empty elements.
//
// The rules are those of the catalogue's fields; numbers are compared as decimals, lengths
// counted in characters.
package schema
