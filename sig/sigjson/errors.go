package sigjson

import (
	"errors"
	"fmt"
)

const (
	// MaxDepth is how many branches a leaf may stand in, the object at the top not counted:
	// the same limit as in the other codecs.
	MaxDepth = 64

	// MaxSize is how many bytes Parse takes, 1 MiB. Messages of the protocol have a few KiB.
	MaxSize = 1 << 20
)

// What a caller may want to branch on; each comes inside a [*SyntaxError].
var (
	ErrSize     = fmt.Errorf("longer than %d bytes", MaxSize)
	ErrDepth    = fmt.Errorf("nested more than %d deep", MaxDepth)
	ErrUTF8     = errors.New("invalid UTF-8")
	ErrObject   = errors.New("not an object")
	ErrTrailing = errors.New("bytes after the object")
)

// A SyntaxError says at which byte reading stopped, and why.
type SyntaxError struct {
	Offset int // counts from 0
	Err    error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("sigjson: byte %d: %v", e.Offset, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// A CarryError says that JSON cannot carry a message.
type CarryError struct {
	Path   string // the names from the top to the field, with "/" between them
	Reason string
}

func (e *CarryError) Error() string {
	return fmt.Sprintf("sigjson: cannot carry %q: %s", cut(e.Path), e.Reason)
}

// cut keeps what others sent from filling a log.
func cut(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}
