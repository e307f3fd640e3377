package jws

import (
	"encoding/base64"
	"fmt"
)

// Sign returns the detached token for r, "header..signature", as the value of [HeaderName].
// The signature is over the bytes of r.Body, so exactly these must be sent (JWS-3).
//
// It returns an error that wraps [ErrProfile], [ErrRequest] or [ErrKey] where there is nothing
// right to sign, and [ErrTooLong] for a token that no receiver would take. It may be called
// concurrently.
func (p Profile) Sign(r Request, k Key) (string, error) {
	if err := p.checkCall(r, k); err != nil {
		return "", err
	}
	var space [256]byte
	protected, err := p.protected(r, space[:0])
	if err != nil {
		return "", err
	}
	return assemble(p.Alg, protected, r.Body, k), nil
}

// protected appends the header's bytes for r, which has been checked.
func (p Profile) protected(r Request, dst []byte) ([]byte, error) {
	dst, err := p.Header(r).append(dst)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	n := base64.RawURLEncoding.EncodedLen
	if n := n(len(dst)) + n(p.Alg.size()) + 2; n > MaxToken {
		return nil, fmt.Errorf("%w: %d", ErrTooLong, n)
	}
	return dst, nil
}

// Assemble signs protected, byte for byte as given, over body, and returns the detached token.
// Vectors and probes use it to make what Sign would refuse to: protected need not be JSON, nor
// name the algorithm that is used, nor fit into a request; [None] leaves the signature empty.
// It returns an error that wraps [ErrAlg] for an algorithm that is neither an HMAC of this
// package nor None, and [ErrKey] for the zero Key.
func Assemble(a Alg, protected, body []byte, k Key) (string, error) {
	switch {
	case a.size() == 0 && a != None:
		return "", fmt.Errorf("%w: %s", ErrAlg, cut(string(a)))
	case k.secret == nil:
		return "", ErrKey
	}
	return assemble(a, protected, body, k), nil
}

func assemble(a Alg, protected, body []byte, k Key) string {
	e := base64.RawURLEncoding
	header := e.EncodedLen(len(protected))
	token := make([]byte, 0, header+2+max(e.EncodedLen(a.size()), e.EncodedLen(len(body))))
	token = appendInput(token, protected, body)
	if a == None {
		return string(append(token[:header], ".."...))
	}
	var space [64]byte
	sum := a.sum(space[:0], token, k)
	// JWS-2: what stood between the dots was signed and is not sent.
	token = append(token[:header], ".."...)
	return string(e.AppendEncode(token, sum))
}

// appendInput appends what is signed: header and body, both in base64url, and a dot between
// (RFC 7515 section 5.1).
func appendInput(dst, protected, body []byte) []byte {
	dst = base64.RawURLEncoding.AppendEncode(dst, protected)
	dst = append(dst, '.')
	return base64.RawURLEncoding.AppendEncode(dst, body)
}
