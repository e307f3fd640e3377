// Package config turns what a user configures into what the engine is told: a file, the environment
// and flags become a [Config], and that becomes an engine.Options for each role.
//
//	c, err := config.Load(config.Source{File: "fpconform.yaml", LookupEnv: os.LookupEnv})
//	if err != nil { … }                    // file and line, or the variable, or the flag
//	for _, note := range c.Notes { … }     // what a user would miss if it went unsaid
//	report, err := conformance.Run(ctx, c.Options(catalogue.RoleGateway))
//
// A file looks like this; each key may be left out:
//
//	gateway: {url: https://test-api.example}
//	merchant: {check_url: http://127.0.0.1:8080/check, result_url: http://127.0.0.1:8080/result, request_method: POST}
//	credentials:
//	  merchant_id: "500001"
//	  secret: {env: FPCONFORM_SECRET}      # or {file: path}, relative to this file
//	  payout_secret: {env: FPCONFORM_PAYOUT_SECRET}
//	  jws_id: "123456"
//	  jws_key: {file: jws.key}
//	values: {pg_card_token: "…"}           # what this target wants instead of generated values
//	orders: [{id: "A-17", amount: "100.00", currency: KZT}]   # or: any
//	allow: [reads, creates]
//	known: [{case: "merchant.purchase.create/…", reason: "…"}]
//	pace: 2s
//	timeout: 15s
//
// A flag goes before the environment, the environment before the file. Where the environment
// replaces what the file says, a note says so. A variable that is set and empty is an error: a
// deployment that lost its address must not judge something else instead.
//
// The package refuses secrets that stand in the file as text, addresses with a password, unknown
// keys, unknown names under values, and whatever it cannot read; nothing has a default that a
// mistake could fall back to. It never prints: no error and no note holds a secret or a value of
// the file that might be one, and a Config shows none of its secrets under any verb.
//
// The names of the keys and variables are the project's own; those of fields and effects are the
// catalogue's.
package config
