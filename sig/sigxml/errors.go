package sigxml

import (
	"errors"
	"fmt"
)

const (
	// MaxDepth is how many branches a leaf may stand in, the root not counted: the same limit
	// as in the other codecs.
	MaxDepth = 64

	// MaxSize is how many bytes Parse takes, 1 MiB. Messages of the protocol have a few KiB.
	MaxSize = 1 << 20
)

// What a caller may want to branch on; each comes inside a [*SyntaxError].
var (
	ErrSize     = fmt.Errorf("longer than %d bytes", MaxSize)
	ErrDepth    = fmt.Errorf("nested more than %d deep", MaxDepth)
	ErrEncoding = errors.New("not UTF-8")
	ErrDoctype  = errors.New("a document type, which no message has")
	ErrTrailing = errors.New("something behind the root element")
)

// A SyntaxError says in which element and at which byte reading stopped, and why.
type SyntaxError struct {
	Path   string // the open elements from the root, with "/" between them; empty outside
	Offset int    // counts from 0, in the whole body
	Err    error
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("sigxml: byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("sigxml: %s: byte %d: %v", cutPath(e.Path), e.Offset, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// A CarryError says that XML cannot carry a document.
type CarryError struct {
	Path   string // the names from the top to the field, with "/" between them; empty for the root
	Reason string
}

func (e *CarryError) Error() string {
	return fmt.Sprintf("sigxml: cannot carry %q: %s", cut(e.Path), e.Reason)
}

// cut keeps what others sent from filling a log.
func cut(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}

// cutPath keeps the end of a path, where the error is.
func cutPath(s string) string {
	if len(s) > 256 {
		return "…" + s[len(s)-256:]
	}
	return s
}
