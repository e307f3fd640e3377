package jws_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fpconform/fpconform/jws"
)

func ExampleProfile_Sign() {
	p, err := jws.ParseProfile("jws-uri-auth_id-HS512")
	if err != nil {
		panic(err)
	}
	token, err := p.Sign(jws.Request{
		Method:   "POST",
		Path:     "/v5/card-api/request/status",
		Identity: "123456",
		Body:     []byte(`{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}`), // send these bytes
	}, jws.NewKey([]byte("secret")))
	if err != nil {
		panic(err)
	}
	header, signature, _ := strings.Cut(token, "..")
	fmt.Println(jws.HeaderName + ":")
	fmt.Println(header)
	fmt.Println("..")
	fmt.Println(signature)
	// Output:
	// X-JWS-Signature:
	// eyJ1cmkiOiIvdjUvY2FyZC1hcGkvcmVxdWVzdC9zdGF0dXMiLCJhdXRoX2lkIjoiMTIzNDU2IiwibWV0aG9kIjoiUE9TVCIsInBhcmFtcyI6IiIsImFsZyI6IkhTNTEyIn0
	// ..
	// f1sQoeIpX_ZjOaykQzSeylvvKaVrEQV4gNM2ACFbEMkFDUV9Zk5WO1yQGEWez-vnQMVHodLBDVEyh5Xm2-3MjQ
}

// A receiver says what it expects. A wrong member is told apart from a wrong signature.
func ExampleProfile_Verify() {
	p := jws.Profile{Alg: jws.HS256, Target: "uri", Identity: "auth_id"}
	k := jws.NewKey([]byte("123456"))
	r := jws.Request{Method: "POST", Path: "/v5/g2g/read", Identity: "123456", Body: []byte(`{"id":1}`)}

	elsewhere := r
	elsewhere.Path = "/v5/g2g/edit"
	otherBody := r
	otherBody.Body = []byte(`{"id": 1}`)

	for _, signed := range []jws.Request{r, elsewhere, otherBody} {
		token, err := p.Sign(signed, k)
		if err != nil {
			panic(err)
		}
		_, err = p.Verify(token, r, k)
		var member *jws.MemberError
		switch {
		case err == nil:
			fmt.Println("right")
		case errors.As(err, &member):
			fmt.Println("rightly signed, but", member.Name, "is", member.Got)
		case errors.Is(err, jws.ErrMismatch):
			fmt.Println("another key or another body")
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// right
	// rightly signed, but uri is /v5/g2g/edit
	// another key or another body
}

// A probe makes a header that no profile would write.
func ExampleAssemble() {
	token, err := jws.Assemble(jws.None, []byte(`{"alg":"none"}`), nil, jws.NewKey(nil))
	fmt.Println(token, err)

	p := jws.Profile{Alg: jws.HS256, Target: "uri", Identity: "auth_id"}
	_, err = p.Verify(token, jws.Request{Method: "POST", Path: "/v5/g2g/read", Identity: "123456"}, jws.NewKey([]byte("123456")))
	fmt.Println(err)
	// Output:
	// eyJhbGciOiJub25lIn0.. <nil>
	// jws: algorithm not allowed here: "none", want HS256
}

// What a token says, for a person; nobody vouches for it.
func ExampleExplain() {
	s, err := jws.Explain("eyJhbGciOiJIUzI1NiJ9..c2ln", []byte(`{"id":1}`))
	if err != nil {
		panic(err)
	}
	fmt.Printf("header     %s\npayload    %s\nsigned     %s\nsignature  %s\n", s.Protected, s.Payload, s.Input, s.Signature)
	// Output:
	// header     {"alg":"HS256"}
	// payload    eyJpZCI6MX0
	// signed     eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0
	// signature  c2ln
}

func ExampleHeader_Claimed() {
	h, err := jws.Decode("eyJ1cmkiOiIvdjUvcGFydG5lci93YWxsZXQvYWRkIiwiYXV0aF9pZCI6IjEyMzQ1NiIsIm1ldGhvZCI6IlBPU1QiLCJwYXJhbXMiOiIiLCJhbGciOiJIUzI1NiJ9..5xVbhml5y1Uw1TYQ_djwwefFz8y_CnX-ajzNvOBCcmE")
	if err != nil {
		panic(err)
	}
	p, r := h.Claimed()
	fmt.Println(p, r.Method, r.Path, r.Identity)
	// Output: jws-uri-auth_id-HS256 POST /v5/partner/wallet/add 123456
}

func ExampleParseProfile() {
	p, err := jws.ParseProfile("jws-path-merchant_id-HS512")
	if err != nil {
		panic(err)
	}
	h, err := p.Header(jws.Request{Method: "POST", Path: "/v5/merchant/invoice/init", Identity: "123456"}).MarshalJSON()
	fmt.Println(string(h), err)
	// Output: {"path":"/v5/merchant/invoice/init","merchant_id":123456,"method":"POST","params":"","alg":"HS512"} <nil>
}

func ExampleKey() {
	k := jws.NewKey([]byte("secret_key"))
	fmt.Println(k, k.Short(jws.HS512))
	// Output: jws.Key(redacted) true
}
