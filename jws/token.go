package jws

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
)

// MaxToken is the longest token that is read or signed, in bytes: more than 20 times the
// published ones, and what common servers permit for one line of the request header.
const MaxToken = 8192

// base64url: without padding, and with no bits set that do not belong to a byte (JWS-11).
// Stray bits would let several spellings of one signature verify, and go-jose, which encodes
// the header it has decoded, would then sign other bytes than were received.
var base64url = base64.RawURLEncoding.Strict()

// A token is a compact JWS taken apart.
type token struct {
	part      [3]string // header, payload, signature as received
	protected []byte    // part[0] decoded
	signature []byte    // part[2] decoded
	header    Header
}

// readToken takes a detached token apart. Where it returns an error, what it could read is
// there nevertheless. Nothing of it is authenticated.
func readToken(compact string) (token, error) {
	var t token
	if compact == "" {
		return t, ErrUnsigned
	}
	// go-jose strips white space wherever it stands, Unicode's too; here it is a finding.
	if i := strings.IndexFunc(compact, unicode.IsSpace); i >= 0 {
		return t, fmt.Errorf("%w: at byte %d of %d", ErrSpace, i, len(compact))
	}
	part := strings.SplitN(compact, ".", 4)
	if len(part) != 3 {
		return t, fmt.Errorf("%w: %d", ErrParts, strings.Count(compact, ".")+1)
	}
	copy(t.part[:], part)
	payload := len(part[1])
	if n := len(compact) - payload; n > MaxToken {
		return t, fmt.Errorf("%w: %d", ErrTooLong, n)
	}

	// All is read before the first error is chosen, for those who show a wrong token.
	var encoding, object error
	if t.protected, encoding = decodePart("header", part[0]); encoding == nil {
		if t.header, object = parseHeader(t.protected); object == nil {
			object = t.header.extensions()
		}
	}
	var err error
	if t.signature, err = decodePart("signature", part[2]); encoding == nil {
		encoding = err
	}
	switch {
	case payload > 0: // JWS-2
		return t, fmt.Errorf("%w: %d characters between the dots", ErrNotDetached, payload)
	case encoding != nil:
		return t, encoding
	}
	return t, object
}

// extensions refuses crit and b64, whatever their value. With b64 false the payload would be
// signed unencoded (RFC 7797), and go-jose does so even where crit does not name it; no page
// of the documentation has either member.
func (h Header) extensions() error {
	if v, ok := h.Get("b64"); ok {
		return fmt.Errorf("%w: %s", ErrUnencoded, show(v))
	}
	if v, ok := h.Get("crit"); ok {
		return fmt.Errorf("%w: %s", ErrCritical, show(v))
	}
	return nil
}

// decodePart decodes one part of a token (JWS-11). name goes into the error.
func decodePart(name, s string) ([]byte, error) {
	bare := strings.TrimRight(s, "=")
	for i, r := range bare {
		if !('A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_') {
			return nil, fmt.Errorf("%w: %q at byte %d of the %s", ErrAlphabet, r, i, name)
		}
	}
	if len(bare) < len(s) {
		return nil, fmt.Errorf("%w: %q ends the %s", ErrPadding, clip(s[len(bare):]), name)
	}
	if len(s)%4 == 1 {
		return nil, fmt.Errorf("%w: no %s has %d characters", ErrAlphabet, name, len(s))
	}
	b, err := base64url.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %q ends the %s", ErrStrayBits, s[len(s)-1:], name)
	}
	return b, nil
}
