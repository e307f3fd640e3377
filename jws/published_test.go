package jws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
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

// What the documentation prints and what cannot be right. Each has one reason.
func TestPublishedTokensThatDoNotVerify(t *testing.T) {
	const (
		partner = "jws-uri-auth_id-HS256"
		card    = "jws-uri-auth_id-HS512"
		invoice = "jws-path-merchant_id-HS512"
	)
	call := func(path, identity, body string) jws.Request {
		return jws.Request{Method: "POST", Path: path, Identity: identity, Body: []byte(body)}
	}
	rates := func(identity string) jws.Request { return call("/v5/partner/rates/add", identity, ratesBody) }
	info := call("/v5/partner/invoices/info", "12345", `{"id":"b4c5c7de-99f2-4c1d-b61d-7a8e9df22f7b"}`)
	newCard := strings.NewReplacer(
		`"pan":"1234567890123456"`, `"pan":"4400444400004440"`, `"cvc":"012"`, `"cvc":"123"`,
		`"year":24,"month":1}`, `"year":30,"month":12}`).Replace(asyncBody)
	if newCard == asyncBody {
		t.Fatal("the newer card is not in the body")
	}
	async := call("/v5/g2g/create", "123456", newCard)
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(asyncBody), "", "    "); err != nil {
		t.Fatal(err)
	}
	printedInvoice := `{"order_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","merchant_id":"123456","amount":100,"description":"Service invoice","invoice_method":"qr","currency":"KZT"}`

	for _, c := range []struct {
		name, profile string
		request       jws.Request
		token, key    string
		want          error
	}{
		{"rates add as printed is not detached", partner, rates("13989"), ratesHeader + "." + ratesPayload + "." + ratesSignature, "secret_key", jws.ErrNotDetached},
		{"rates add, payload cut out, was not signed with secret_key", partner, rates("13989"), ratesHeader + ".." + ratesSignature, "secret_key", jws.ErrMismatch},
		{"rates add, payload cut out, was not signed with secret", partner, rates("13989"), ratesHeader + ".." + ratesSignature, "secret", jws.ErrMismatch},
		{"rates add, payload cut out, was not signed with jwt.io's default key", partner, rates("13989"), ratesHeader + ".." + ratesSignature, "your-256-bit-secret", jws.ErrMismatch},
		{"rates add, payload cut out, was not signed with an id", partner, rates("13989"), ratesHeader + ".." + ratesSignature, "13989", jws.ErrMismatch},
		{"rates add names another caller than its page, but that is not said of an unverified header", partner, rates("123456"), ratesHeader + ".." + ratesSignature, "secret_key", jws.ErrMismatch},
		{"invoices info shows the HS512 token of another page", partner, info, invoiceToken, "secret_key", jws.ErrAlg},
		{"invoices info's token is over another body too", invoice, info, invoiceToken, "secret_key", jws.ErrMismatch},
		{"asynchronous read shows a sample token with its claims", partner, call("/v5/g2g/read", "123456", `{}`), placeholder, "123456", jws.ErrNotDetached},
		{"asynchronous read's sample, claims cut out, is RS256", partner, call("/v5/g2g/read", "123456", `{}`), detach(t, placeholder), "123456", jws.ErrAlg},
		{"asynchronous create kept its token when the card was changed", partner, async, asyncToken, "123456", jws.ErrMismatch},
		{"asynchronous create is not over the indented body", partner, call("/v5/g2g/create", "123456", indented.String()), asyncToken, "123456", jws.ErrMismatch},
		{"asynchronous create is not over escaped slashes", partner, call("/v5/g2g/create", "123456", strings.ReplaceAll(asyncBody, "/", `\/`)), asyncToken, "123456", jws.ErrMismatch},
		{"asynchronous create is not over a line break at the end", partner, call("/v5/g2g/create", "123456", asyncBody+"\n"), asyncToken, "123456", jws.ErrMismatch},
		{"invoice init is not over the printed body", invoice, call("/v5/merchant/invoice/init", "123456", printedInvoice), invoiceToken, "secret_key", jws.ErrMismatch},
		{"invoice init as printed is not detached", invoice, verifying[0].request, invoiceHeader + "." + invoicePayload + strings.TrimPrefix(invoiceToken, invoiceHeader+"."), "secret_key", jws.ErrNotDetached},
		{"wallet add was not signed with the key that its page names", partner, verifying[3].request, verifying[3].token, "secret_key", jws.ErrMismatch},
		{"card status was not signed with secret_key", card, verifying[1].request, verifying[1].token, "secret_key", jws.ErrMismatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := profile(t, c.profile).Verify(c.token, c.request, jws.NewKey([]byte(c.key)))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if h != nil {
				t.Errorf("a header was reported as verified: %v", h)
			}
		})
	}
}

// The text of the invoice page and its verifying token name the members differently, so one
// who follows the text is told which member it is. (JWS-8, JWS-9)
func TestPrintedInvoiceHeaderIsAnotherReading(t *testing.T) {
	const printed = `{"uri":"/v5/merchant/invoice/init","merchant_id":"123456","method":"POST","params":"","alg":"HS512"}`
	e := verifying[0]
	e.request.Body = []byte(`{"order_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","merchant_id":"123456","amount":100,"description":"Service invoice","invoice_method":"qr","currency":"KZT"}`)
	k := jws.NewKey([]byte(e.key))
	token, err := jws.Assemble(jws.HS512, []byte(printed), e.request.Body, k)
	if err != nil {
		t.Fatal(err)
	}
	// Recomputed independently, in Python.
	if want := ".." + "0cxGpZP6An00PS3h2XBl_ozTGsS7xc_TEcX3M283B05CIqtqewSpzpmRqs18CzbD2mwZcwtkYFJqN_XEtKwxCQ"; !strings.HasSuffix(token, want) {
		t.Errorf("got %s, want it to end in %s", token, want)
	}
	if _, err := profile(t, "jws-uri-merchant_id-HS512-text").Verify(token, e.request, k); err != nil {
		t.Errorf("by its own reading: %v", err)
	}
	var member *jws.MemberError
	if _, err := profile(t, "jws-path-merchant_id-HS512").Verify(token, e.request, k); !errors.As(err, &member) || member.Name != "path" || member.Got != nil {
		t.Errorf("by the token's reading: got %v, want path missing", err)
	}
	if _, err := profile(t, "jws-uri-merchant_id-HS512").Verify(token, e.request, k); !errors.As(err, &member) || member.Name != "merchant_id" || member.Got != "123456" || member.Want != json.Number("123456") {
		t.Errorf("as a number: got %v, want merchant_id to be text", err)
	}
}

// detach cuts the payload out of a complete token.
func detach(t testing.TB, token string) string {
	t.Helper()
	part := strings.Split(token, ".")
	if len(part) != 3 || part[1] == "" {
		t.Fatalf("%s has no payload", token)
	}
	return part[0] + ".." + part[2]
}
