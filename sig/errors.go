package sig

import (
	"errors"
	"strconv"
	"strings"
)

// [Verify] returns one of these, bare or wrapped. None of them, nor any message that
// wraps them, contains the signature that would have been right, the one that came, or the secret.
var (
	ErrUnsigned  = errors.New("sig: no pg_sig")
	ErrRepeated  = errors.New("sig: more than one pg_sig")
	ErrMalformed = errors.New("sig: pg_sig is not 32 lower-case hexadecimal digits")
	ErrMismatch  = errors.New("sig: pg_sig does not match the message")
)

// A FieldError says which field was wrong. Err is one of the sentinels, or another
// package's reason.
type FieldError struct {
	Path Path
	Err  error
}

// Error names the field first, each name cut at 64 bytes:
// "sig: pg_sig[2]: more than one pg_sig". An empty path is the whole message.
func (e *FieldError) Error() string {
	why := "wrong"
	if e.Err != nil {
		why = strings.TrimPrefix(e.Err.Error(), "sig: ")
	}
	where := "the message"
	if len(e.Path) > 0 {
		where = e.Path.text(64)
	}
	return "sig: " + where + ": " + why
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// quote returns s quoted and cut at 64 bytes, for error texts.
func quote(s string) string {
	if len(s) <= 64 {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:64], "")) + "…"
}
