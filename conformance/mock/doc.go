// Package mock is a reference gateway and a reference merchant: peers that live by the catalogue,
// are strict with their callers, and can be told to break exactly one clause.
//
//	c, err := catalogue.Load()
//	gateway, err := mock.NewGateway(c, mock.Options{Credentials: creds, Seed: 7})
//	http.ListenAndServe("127.0.0.1:8090", gateway)
//
// A gateway keeps its payments and invoices in memory: a second pay is refused, the status follows
// what happened, an idempotency key is honoured. What no clause disputes it varies by its seed (the
// order of fields, extra fields, white space, salts, ids, 20 for 20.00); [Options.Plain] switches
// that off, and Varied tells what occurred. What is disputed has readings, by name
// ([Options.Readings]). What is forbidden happens only in a [Scenario].
//
// The package refuses to judge answers; that is the business of the checks, of which it knows
// nothing: both are written from the text of the clauses and witness against each other. It speaks
// no TLS, moves no money and forgets all at its end. It must not stand in a public network.
//
// Sources: the catalogue, and for behaviour that no page describes the clauses that it names at the
// line. Where a clause is silent, the mock is lenient.
package mock
