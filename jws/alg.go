package jws

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// HeaderName is the HTTP header that carries the detached JWS (JWS-1). One table of the Card
// API's page prints it without the X-; its text and every other page have this form.
const HeaderName = "X-JWS-Signature"

// An Alg is the value of the header member alg.
type Alg string

// The two algorithms that the documentation names, each for its own family of operations.
const (
	HS256 Alg = "HS256" // HMAC with SHA-256: partner, e-money and asynchronous API
	HS512 Alg = "HS512" // HMAC with SHA-512: Card API and merchant invoices
)

// What a receiver must refuse. No Profile may have them; [Assemble] makes them for tests.
const (
	HS384 Alg = "HS384" // HMAC with SHA-384
	None  Alg = "none"  // no signature: the third part is empty
)

// hash returns the hash function under a's HMAC, or nil if a is no HMAC.
func (a Alg) hash() func() hash.Hash {
	switch a {
	case HS256:
		return sha256.New
	case HS384:
		return sha512.New384
	case HS512:
		return sha512.New
	}
	return nil
}

// size returns the bytes of a's signature, 0 if a is no HMAC.
func (a Alg) size() int {
	switch a {
	case HS256:
		return sha256.Size
	case HS384:
		return sha512.Size384
	case HS512:
		return sha512.Size
	}
	return 0
}

// permitted says whether a profile may pin a.
func (a Alg) permitted() bool { return a == HS256 || a == HS512 }

// sum appends the HMAC of input to dst. It must not be called for what is no HMAC.
func (a Alg) sum(dst, input []byte, k Key) []byte {
	mac := hmac.New(a.hash(), []byte(*k.secret))
	mac.Write(input)
	return mac.Sum(dst)
}
