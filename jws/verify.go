package jws

import (
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Verify checks that compact is a right token for r and returns its protected header, whose
// members are then what the holder of the key wrote. Members beside the profile's, such as
// typ, and any order of them are lawful. On an error the header is nil.
//
// It looks in this order and stops at the first thing that is wrong:
//
//  1. the call itself: [ErrProfile], [ErrRequest], [ErrKey];
//  2. the token's form: [ErrUnsigned] to [ErrCritical], as [Decode] does;
//  3. the algorithm, before the key is used: [ErrAlg] unless it is the profile's;
//  4. the signature, over the bytes received: [ErrMismatch];
//  5. the members against r: *[MemberError], and then the signature was right. So a wrong uri
//     is told apart from a wrong signature, and nothing is said of a header that anyone may
//     have written. For a hint about such a one there is [Profile.Compare].
//
// Errors are wrapped: use errors.Is and errors.As. It may be called concurrently.
func (p Profile) Verify(compact string, r Request, k Key) (Header, error) {
	if err := p.checkCall(r, k); err != nil {
		return nil, err
	}
	t, err := readToken(compact)
	if err != nil {
		return nil, err
	}
	if alg, _ := t.header.Get("alg"); alg != string(p.Alg) { // JWS-4
		if alg == nil {
			return nil, fmt.Errorf("%w: none is named, want %s", ErrAlg, p.Alg)
		}
		return nil, fmt.Errorf("%w: %s, want %s", ErrAlg, show(alg), p.Alg)
	}
	if err := p.verify(compact, &t, r.Body, k); err != nil {
		return nil, err
	}
	if diff := p.Compare(t.header, r); len(diff) > 0 {
		return nil, diff[0]
	}
	return t.header, nil
}

// verify has go-jose check the signature: over the bytes received, never over members that were
// read and written again (JWS-13).
func (p Profile) verify(compact string, t *token, body []byte, k Key) error {
	if body == nil {
		body = []byte{} // which go-jose tells from nil
	}
	// The algorithm is pinned once more, by the second parser of the same header.
	signed, err := jose.ParseDetached(compact, body, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(p.Alg)})
	if err != nil {
		// Form and algorithm were found right, so what is left are kid, jwk, x5c and the like:
		// unused here, but RFC 7515 says what they may hold. go-jose's text may quote them at
		// length, and so is cut.
		return fmt.Errorf("%w: %s", ErrRegistered, cut(err.Error()))
	}
	if signed.DetachedVerify(body, verifier{p.Alg, k}) != nil {
		if got, want := len(t.signature), p.Alg.size(); got != want {
			return fmt.Errorf("%w: it has %d bytes, one of %s has %d", ErrMismatch, got, p.Alg, want)
		}
		return ErrMismatch
	}
	return nil
}

// A verifier is the HMAC for go-jose. go-jose's own refuses keys that are shorter than the
// hash, and every published example that verifies has such a key.
type verifier struct {
	alg Alg
	key Key
}

var errRefused = errors.New("jws: refused")

// VerifyPayload implements [jose.OpaqueVerifier]. Its error never leaves go-jose.
func (v verifier) VerifyPayload(input, signature []byte, alg jose.SignatureAlgorithm) error {
	var space [64]byte
	// hmac.Equal takes the same time wherever the first difference stands.
	if alg != jose.SignatureAlgorithm(v.alg) || !hmac.Equal(signature, v.alg.sum(space[:0], input, v.key)) {
		return errRefused
	}
	return nil
}
