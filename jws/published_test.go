package jws_test

import (
	"testing"

	"github.com/fpconform/fpconform/jws"
)

// The tokens of the documentation, with the keys that make them verify. Bodies are the bytes
// that were signed: compact, although the pages print them indented.
type published struct {
	name    string
	profile string
	request jws.Request
	key     string
	token   string
	header  string // the protected header's bytes
}

const (
	invoiceHeader = "eyJwYXRoIjoiL3Y1L21lcmNoYW50L2ludm9pY2UvaW5pdCIsIm1lcmNoYW50X2lkIjoxMjM0NTYsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIiLCJhbGciOiJIUzUxMiJ9"
	invoiceToken  = invoiceHeader + "..wCwFCAmxN0nbTm6mad8GxowIjgkCwfF7IAy2ijO9thLjsZFXnS4K_I4NPnXjkTFTMnEzqjk8rtIVmtf7NbGyvg"
	asyncToken    = "eyJ1cmkiOiIvdjUvZzJnL2NyZWF0ZSIsImF1dGhfaWQiOiIxMjM0NTYiLCJtZXRob2QiOiJQT1NUIiwicGFyYW1zIjoiIiwiYWxnIjoiSFMyNTYifQ..82NnkgrNjfYu2UnAajnVsJUn2AgJWsqnmCK4x5A7zt0"

	invoicePayload = "eyJvcmRlcl9pZCI6IjgyOGNmNzFkLWE0NDctNGE2Ny1hMTQ5LWMxZGY4YmMxOTdjYSIsIm1lcmNoYW50X2lkIjoxMjM0NTYsImFtb3VudCI6MTAwLCJkZXNjcmlwdGlvbiI6ItCh0YfQtdGCINC30LAg0YPRgdC70YPQs9C4IiwiaW52b2ljZV9tZXRob2QiOiJxciIsImN1cnJlbmN5IjoiS1pUIn0"

	ratesHeader    = "eyJhbGciOiJIUzI1NiIsImF1dGhfaWQiOiIxMzk4OSIsInVyaSI6Ii92NS9wYXJ0bmVyL3JhdGVzL2FkZCIsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIifQ"
	ratesPayload   = "ewogICJyYXRlcyI6WwogICAgICAgIHsgCiAgICAgICAgICAgICJjdXJyZW5jeV9mcm9tIjoiVVNEIiwKICAgICAgICAgICAgImN1cnJlbmN5X3RvIjogIktaVCIsCiAgICAgICAgICAgICJyYXRlIjogNDQxLjUwNwogICAgICAgIH0KICAgIF0gIAp9Cg"
	ratesSignature = "mxer4w-qsd3oRDN42bIVeOFvhuhIGNH_vqHuw12HbkM"

	placeholder = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1NiJ9.eyJpc3MiOiJleGFtcGxlLmNvbSIsInN1YiI6InVzZXIxMjMiLCJhdWQiOiJhcGkuZXhhbXBsZS5jb20iLCJleHAiOjE2MzAwMDAwMDAsImlhdCI6MTYyOTk5NjQwMH0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"

	asyncBody = `{"amount":123.42,"currency":"KZT","description":"description","order_id":"order_id","user_id":"user_id","auto_clearing":true,"from":{"type":"card","card":{"name":"CARD HOLDER","pan":"1234567890123456","cvc":"012","year":24,"month":1},"save":true,"recurrent":{"lifetime":3}},"device":{"user_ip":"123.123.123.123"},"urls":{"check_url":"https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4","result_url":"https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4"}}`

	invoiceBody = `{"order_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","merchant_id":123456,"amount":100,"description":"Счет за услуги","invoice_method":"qr","currency":"KZT"}`

	ratesBody = "{\n  \"rates\":[\n        { \n            \"currency_from\":\"USD\",\n            \"currency_to\": \"KZT\",\n            \"rate\": 441.507\n        }\n    ]  \n}\n"
)

// verifying are the published tokens that verify: merchant invoice, Card API, asynchronous
// API, e-money.
var verifying = []published{
	{
		name:    "merchant invoice init, key secret_key",
		profile: "jws-path-merchant_id-HS512",
		request: jws.Request{Method: "POST", Path: "/v5/merchant/invoice/init", Identity: "123456", Body: []byte(invoiceBody)},
		key:     "secret_key",
		token:   invoiceToken,
		header:  `{"path":"/v5/merchant/invoice/init","merchant_id":123456,"method":"POST","params":"","alg":"HS512"}`,
	},
	{
		name:    "card request status, key secret",
		profile: "jws-uri-auth_id-HS512",
		request: jws.Request{Method: "POST", Path: "/v5/card-api/request/status", Identity: "123456",
			Body: []byte(`{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}`)},
		key:    "secret",
		token:  "eyJ1cmkiOiIvdjUvY2FyZC1hcGkvcmVxdWVzdC9zdGF0dXMiLCJhdXRoX2lkIjoiMTIzNDU2IiwibWV0aG9kIjoiUE9TVCIsInBhcmFtcyI6IiIsImFsZyI6IkhTNTEyIn0..f1sQoeIpX_ZjOaykQzSeylvvKaVrEQV4gNM2ACFbEMkFDUV9Zk5WO1yQGEWez-vnQMVHodLBDVEyh5Xm2-3MjQ",
		header: `{"uri":"/v5/card-api/request/status","auth_id":"123456","method":"POST","params":"","alg":"HS512"}`,
	},
	{
		name:    "asynchronous create, key 123456",
		profile: "jws-uri-auth_id-HS256",
		request: jws.Request{Method: "POST", Path: "/v5/g2g/create", Identity: "123456", Body: []byte(asyncBody)},
		key:     "123456",
		token:   asyncToken,
		header:  `{"uri":"/v5/g2g/create","auth_id":"123456","method":"POST","params":"","alg":"HS256"}`,
	},
	{
		name:    "wallet add, key your-256-bit-secret and not the one that the page names",
		profile: "jws-uri-auth_id-HS256",
		request: jws.Request{Method: "POST", Path: "/v5/partner/wallet/add", Identity: "123456",
			Body: []byte(`{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","country":"KAZ","currency":"KZT"}`)},
		key:    "your-256-bit-secret",
		token:  "eyJ1cmkiOiIvdjUvcGFydG5lci93YWxsZXQvYWRkIiwiYXV0aF9pZCI6IjEyMzQ1NiIsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIiLCJhbGciOiJIUzI1NiJ9..5xVbhml5y1Uw1TYQ_djwwefFz8y_CnX-ajzNvOBCcmE",
		header: `{"uri":"/v5/partner/wallet/add","auth_id":"123456","method":"POST","params":"","alg":"HS256"}`,
	},
}

func profile(t testing.TB, name string) jws.Profile {
	t.Helper()
	p, err := jws.ParseProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPublishedTokensGoBothWays(t *testing.T) {
	for _, e := range verifying {
		t.Run(e.name, func(t *testing.T) {
			p, k := profile(t, e.profile), jws.NewKey([]byte(e.key))
			if got, err := p.Sign(e.request, k); err != nil || got != e.token {
				t.Errorf("Sign: got %s, %v\nwant %s", got, err, e.token)
			}
			if got, err := jws.Assemble(p.Alg, []byte(e.header), e.request.Body, k); err != nil || got != e.token {
				t.Errorf("Assemble: got %s, %v\nwant %s", got, err, e.token)
			}
			h, err := p.Verify(e.token, e.request, k)
			if err != nil {
				t.Fatalf("Verify: %v", err)
			}
			if got, err := h.MarshalJSON(); err != nil || string(got) != e.header {
				t.Errorf("header: got %s, %v\nwant %s", got, err, e.header)
			}
		})
	}
}
