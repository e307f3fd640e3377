// Package jws signs and verifies X-JWS-Signature, the request header by which the newer
// APIs of the gateway authorise a call: a JWS (RFC 7515) in compact form, keyed with a shared
// secret, whose payload is the HTTP body and is cut out of the token, so that only
// "header..signature" travels.
//
//	p, err := jws.ParseProfile("jws-uri-auth_id-HS256")
//	// ...
//	token, err := p.Sign(jws.Request{
//		Method:   "POST",
//		Path:     "/v5/g2g/create",
//		Identity: "123456",
//		Body:     body, // the very bytes that are sent
//	}, jws.NewKey(secret))
//	// ...
//	req.Header.Set(jws.HeaderName, token)
//
// A receiver calls [Profile.Verify] with what it knows of the request. A [Profile] says which
// members the protected header has, because operations differ in that and the published
// examples differ from the published text.
//
// # What it refuses to do
//
//   - It takes no algorithm from the token. The profile pins it, so none, RS256 and an HMAC of
//     another size are refused before the key is used.
//   - It rebuilds nothing. The header is judged over the bytes received and the body over the
//     bytes given; a body that was parsed and written again is another body.
//   - It repairs nothing: white space, padding, the standard base64 alphabet, stray bits and a
//     payload left in the token are each an error of their own.
//   - It accepts neither crit nor b64: a payload signed as it is (RFC 7797) is never taken for
//     one that was signed base64url encoded.
//   - It signs nothing with the zero [Key], and shows no secret and no signature that would
//     have been right, in whatever error or log.
//   - It limits no replay: nothing in the token does.
//
// Keys may be short. Every published example that verifies has one of 6 to 19 bytes, below what
// RFC 7518 section 3.2 asks; [Key.Short] tells.
//
// # Sources
//
// The rules and the examples are those of the gateway's documentation (partner, card, merchant
// invoice and asynchronous API); what it leaves open is decided by RFC 7515 and RFC 7797.
// Comments name the clause (JWS-4) at the line that makes it true.
package jws
