package sig

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "sig.Key(redacted)"

// A Key is a merchant's secret_key. It prints as "sig.Key(redacted)" wherever it stands:
// under every verb of fmt, in text and JSON, in logs. The zero Key is the empty secret,
// with which anyone can sign. A Key may be copied and used concurrently.
//
// Inside an unexported field fmt may not call methods and prints what it finds. That is
// why the secret lies behind a pointer to a string: fmt prints such a pointer as an
// address, whereas it would follow a pointer to a slice.
type Key struct{ secret *string }

// NewKey returns the key with this secret, byte for byte: white space, line breaks and
// quotes count. Trim what was read from a file before.
func NewKey(secret string) Key { return Key{&secret} }

func (k Key) text() string {
	if k.secret == nil {
		return ""
	}
	return *k.secret
}

// Format implements [fmt.Formatter] for every verb and flag but %T and %p, for which fmt does
// not ask: they print the type and an address.
func (Key) Format(s fmt.State, verb rune) { io.WriteString(s, redacted) }

// MarshalText implements [encoding.TextMarshaler], and with it JSON, XML and map keys.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }
