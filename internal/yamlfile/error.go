package yamlfile

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// An Error says where a file is wrong. Packages that find a mistake in a value make their
// own with [File.Errorf], so that it points at the line too.
type Error struct {
	File string // as given to Parse
	Line int    // from 1; 0 when the file as a whole is meant
	Text string // what is wrong; it holds names of keys, never values
	Err  error  // what a type said about its value, or nil
}

// Error returns "yamlfile: FILE:LINE: TEXT", or "yamlfile: line LINE: TEXT" without a name.
func (e *Error) Error() string {
	switch {
	case e.File == "" && e.Line == 0:
		return "yamlfile: " + e.Text
	case e.File == "":
		return fmt.Sprintf("yamlfile: line %d: %s", e.Line, e.Text)
	case e.Line == 0:
		return fmt.Sprintf("yamlfile: %s: %s", e.File, e.Text)
	}
	return fmt.Sprintf("yamlfile: %s:%d: %s", e.File, e.Line, e.Text)
}

// Unwrap returns what the type of the value said, so that errors.Is sees it.
func (e *Error) Unwrap() error { return e.Err }

// List returns the mistakes in err one by one, in the order of their lines: what Parse and
// Decode return is one Error or several joined.
func List(err error) []*Error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Error
		for _, e := range many.Unwrap() {
			all = append(all, List(e)...)
		}
		return all
	}
	var one *Error
	if errors.As(err, &one) {
		return []*Error{one}
	}
	return []*Error{{Text: err.Error(), Err: err}}
}

var lineOf = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// fromParser turns what the YAML parser says into an Error. The parser quotes the name of an
// unknown anchor, which may be a secret that begins with a star; that name is left out.
func fromParser(file string, err error) *Error {
	text := err.Error()
	line := 0
	if m := lineOf.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if strings.HasPrefix(text, "unknown anchor") {
		text = "an alias; write the value out, or quote it if it begins with a star"
	}
	return &Error{File: file, Line: line, Text: "not YAML: " + text}
}

// cut shortens the name of a key for an error.
func cut(s string) string {
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "") + "…"
	}
	return strconv.Quote(s)
}
