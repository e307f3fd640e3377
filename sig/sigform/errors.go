package sigform

import (
	"errors"
	"fmt"
)

const (
	// MaxDepth is how many branches a leaf may stand in: PHP's max_input_nesting_level,
	// and the same limit as in the other codecs.
	MaxDepth = 64

	// MaxFields is how many leaves and branches the exact view takes.
	MaxFields = 10000

	// MaxPHPFields is how many fields the PHP view takes: PHP's default of max_input_vars.
	// PHP goes on without the rest, so that no signature over it can be right; we say so.
	MaxPHPFields = 1000

	// MaxPartHeader is how many bytes the header of one part of a multipart form may have.
	MaxPartHeader = 8 << 10
)

// What a caller may want to branch on; they come inside a [*SyntaxError], ErrContentType
// and ErrBoundary bare or with the offending text.
var (
	ErrContentType = errors.New("sigform: content type is neither application/x-www-form-urlencoded nor multipart/form-data")
	ErrBoundary    = errors.New("sigform: multipart/form-data without a usable boundary")

	ErrEscape = errors.New("percent sign that begins no escape")
	ErrDepth  = fmt.Errorf("nested more than %d deep", MaxDepth)
	ErrFields = errors.New("too many fields")
	ErrFile   = errors.New("a file among the fields, which PHP would neither list nor sign")
	ErrIndex  = errors.New("[] after the greatest index there is")
)

// A SyntaxError says at which byte of the query or body reading stopped, and why.
type SyntaxError struct {
	Offset int // counts from 0
	Err    error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("sigform: byte %d: %v", e.Offset, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// A CarryError says that a form cannot carry a message: read back, it would be another one.
type CarryError struct {
	Path   string // the names from the top to the field, with "/" between them
	Reason string
}

func (e *CarryError) Error() string {
	return fmt.Sprintf("sigform: cannot carry %q: %s", cut(e.Path), e.Reason)
}

// cut keeps what others sent from filling a log.
func cut(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}
