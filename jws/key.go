package jws

import (
	"fmt"
	"io"
	"log/slog"
)

// A Key is the shared secret, of any length, as raw bytes: no published example decodes it
// from base64 first. The documentation's examples use 6 to 19 bytes, below what RFC 7518
// section 3.2 asks; [Key.Short] reports that.
//
// It prints as "jws.Key(redacted)" wherever it stands. The zero Key is no key: what is asked to
// sign or verify with it returns [ErrKey]. A Key may be copied and used concurrently.
type Key struct {
	// Behind a pointer to a string, because fmt calls no method of a value in somebody's
	// unexported field and would print what is inside; it does not follow this pointer.
	secret *string
}

const redacted = "jws.Key(redacted)"

// NewKey returns a key that holds a copy of secret. An empty one makes a key that [Assemble]
// takes (a probe may want it) and that Sign and Verify refuse.
func NewKey(secret []byte) Key {
	s := string(secret)
	return Key{&s}
}

// Short says whether k has fewer bytes than the hash of a, which RFC 7518 section 3.2 forbids
// and which go-jose, among others, refuses to sign with. It is false for what is no HMAC.
func (k Key) Short(a Alg) bool { return k.len() < a.size() }

func (k Key) len() int {
	if k.secret == nil {
		return 0
	}
	return len(*k.secret)
}

// Format writes "jws.Key(redacted)" for every verb.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, redacted) }

// MarshalText returns "jws.Key(redacted)"; JSON and XML encoders call it.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "jws.Key(redacted)".
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }
