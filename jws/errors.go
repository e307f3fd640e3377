package jws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a token can be refused for: one error for each outcome that vectors tell apart, bare or
// wrapped with the place. They are listed in the order in which [Profile.Verify] looks. None of
// them, nor any text around them, holds a secret or the signature that would have been right.
var (
	ErrUnsigned    = errors.New("jws: no token")
	ErrSpace       = errors.New("jws: white space in the token")
	ErrParts       = errors.New("jws: not three parts")
	ErrTooLong     = fmt.Errorf("jws: token longer than %d bytes", MaxToken)
	ErrNotDetached = errors.New("jws: the payload is not cut out")
	ErrAlphabet    = errors.New("jws: not base64url")
	ErrPadding     = errors.New("jws: padded base64")
	ErrStrayBits   = errors.New("jws: base64url with stray bits in its last character")
	ErrHeader      = errors.New("jws: the protected header is not a JSON object")
	ErrTrailing    = errors.New("jws: bytes after the protected header's object")
	ErrDuplicate   = errors.New("jws: a header member stands twice")
	ErrUnencoded   = errors.New("jws: b64: the payload is always signed base64url encoded here")
	ErrCritical    = errors.New("jws: crit: this scheme has no extensions")
	ErrAlg         = errors.New("jws: algorithm not allowed here")
	ErrRegistered  = errors.New("jws: a registered header member has an unusable value")
	ErrMismatch    = errors.New("jws: signature does not match header and body")
)

// What is wrong with the call and not with the token.
var (
	ErrKey     = errors.New("jws: no key")
	ErrProfile = errors.New("jws: unusable profile")
	ErrRequest = errors.New("jws: unusable request")
)

// A MemberError says which header member is missing or disagrees with the request. From
// [Profile.Verify] it comes only after the signature was found right: Got is what the holder
// of the key wrote. From [Profile.Compare] it says nothing about who wrote Got.
type MemberError struct {
	Name string
	Got  any // string, json.Number or json.RawMessage as in [Member]; nil if it is missing
	Want any // string or json.Number
}

// Error shows text quoted and numbers bare, so that "123456" and 123456 are told apart.
func (e *MemberError) Error() string {
	if e.Got == nil {
		return fmt.Sprintf("jws: header member %s is missing, the request has %s", cut(e.Name), show(e.Want))
	}
	return fmt.Sprintf("jws: header member %s is %s, the request has %s", cut(e.Name), show(e.Got), show(e.Want))
}

func show(v any) string {
	switch v := v.(type) {
	case string:
		return cut(v)
	case json.Number:
		return bare(string(v))
	case json.RawMessage:
		var b bytes.Buffer
		if json.Compact(&b, v) == nil {
			return bare(b.String())
		}
		return cut(string(v))
	}
	return bare(fmt.Sprint(v))
}

// bare returns s cut but not quoted, unless it has what could break a line or move a cursor.
func bare(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return cut(s)
	}
	return clip(s)
}

// cut returns s quoted, at most 64 bytes of it.
func cut(s string) string {
	c := clip(s)
	if len(c) == len(s) {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", c[:len(c)-len("…")])
}

// clip returns at most 64 bytes of s, never half a character.
func clip(s string) string {
	const limit = 64
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > limit-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
