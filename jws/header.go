package jws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Header is the protected header's members in wire order, names unique.
type Header []Member

// A Member is one name and value of the protected header. Value is a string, a json.Number
// as written or, for anything else, the json.RawMessage as written.
type Member struct {
	Name  string
	Value any
}

// Get returns the value of the member called name and whether there is one.
func (h Header) Get(name string) (any, bool) {
	for _, m := range h {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// MarshalJSON writes the members in their order without white space, and of the characters
// that JSON does not make it escape none but U+2028 and U+2029: a slash stays a slash, as in
// the published tokens. (json.Marshal escapes <, > and & afterwards.) It returns an error that
// wraps [ErrDuplicate] for a repeated name, and one for text that is not UTF-8 or a value that
// JSON cannot hold.
func (h Header) MarshalJSON() ([]byte, error) { return h.append(make([]byte, 0, 128)) }

func (h Header) append(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range h {
		for _, before := range h[:i] {
			if before.Name == m.Name {
				return nil, fmt.Errorf("%w: %s", ErrDuplicate, cut(m.Name))
			}
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendText(dst, m.Name); err != nil {
			return nil, fmt.Errorf("jws: header member's name: %w", err)
		}
		dst = append(dst, ':')
		switch v := m.Value.(type) {
		case string:
			dst, err = appendText(dst, v)
		case json.Number:
			switch {
			case v == "": // encoding/json writes 0 for it
				return nil, fmt.Errorf("jws: header member %s is an empty number", cut(m.Name))
			case isInteger(string(v)):
				dst = append(dst, v...)
			default:
				dst, err = appendOther(dst, v)
			}
		default:
			dst, err = appendOther(dst, v)
		}
		if err != nil {
			return nil, fmt.Errorf("jws: header member %s: %w", cut(m.Name), err)
		}
	}
	return append(dst, '}'), nil
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) ([]byte, error) {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = ' ' <= s[i] && s[i] < 0x7f && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"'), nil
	}
	if !utf8.ValidString(s) { // encoding/json would write U+FFFD instead
		return nil, fmt.Errorf("%s is not UTF-8", cut(s))
	}
	return appendOther(dst, s)
}

func appendOther(dst []byte, v any) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON reads an object's members in their order. It returns an error that wraps
// [ErrHeader] or [ErrDuplicate] for anything that is not an object in UTF-8 with unique names.
func (h *Header) UnmarshalJSON(b []byte) error {
	parsed, err := parseHeader(b)
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// parseHeader reads the bytes of a protected header. White space is lawful where JSON permits
// it; a line break at the end is such a place.
func parseHeader(b []byte) (Header, error) {
	if !utf8.Valid(b) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrHeader)
	}
	object := bytes.TrimLeft(b, space)
	if len(object) == 0 || object[0] != '{' {
		return nil, fmt.Errorf("%w: %s", ErrHeader, cut(string(object)))
	}
	end := objectEnd(object)
	rest := bytes.TrimLeft(object[end:], space)
	object = object[:end]
	if !json.Valid(object) { // which limits the depth, too
		var v json.RawMessage
		return nil, fmt.Errorf("%w: %w", ErrHeader, json.Unmarshal(object, &v))
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrTrailing, cut(string(rest)))
	}
	h := make(Header, 0, 8)
	r := reader{b: object}
	err := r.members(func(name string, value []byte) error {
		m := Member{Name: name}
		switch c := value[0]; {
		case c == '"':
			text, err := unquote(value)
			if err != nil {
				return err
			}
			m.Value = text
		case c == '-' || '0' <= c && c <= '9':
			m.Value = json.Number(value)
		default:
			m.Value = json.RawMessage(bytes.Clone(value))
		}
		h = append(h, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

const space = " \t\r\n"

// objectEnd returns where the object that b begins with ends, by its brackets alone; all of b
// if it does not.
func objectEnd(b []byte) int {
	depth, text := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			text = !text
		case text && c == '\\':
			i++
		case text:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// A reader goes once through JSON that is known to be well-formed and not too deep. It is here
// because encoding/json gives neither the order of members nor those that stand twice, and its
// Decoder, which does, took nearly as long as all of go-jose.
type reader struct {
	b []byte
	i int
}

// next skips white space and returns the byte behind it.
func (r *reader) next() byte {
	for strings.IndexByte(space, r.b[r.i]) >= 0 {
		r.i++
	}
	return r.b[r.i]
}

// members reads an object, calls f, unless it is nil, with each member and its value as
// written, and refuses names that stand twice, here and in whatever is inside.
func (r *reader) members(f func(name string, value []byte) error) error {
	seen := map[string]bool{}
	r.i++ // the brace
	for r.next() != '}' {
		name, err := unquote(r.text())
		if err != nil {
			return err
		}
		// Names are compared unescaped: "alg" and "\u0061lg" are one.
		if seen[name] {
			return fmt.Errorf("%w: %s", ErrDuplicate, cut(name))
		}
		seen[name] = true
		r.next()
		r.i++ // the colon
		r.next()
		start := r.i
		if err := r.value(); err != nil {
			return err
		}
		if f != nil {
			if err := f(name, r.b[start:r.i]); err != nil {
				return err
			}
		}
		if r.next() == ',' {
			r.i++
		}
	}
	r.i++
	return nil
}

// value skips one value, whatever it is.
func (r *reader) value() error {
	switch r.b[r.i] {
	case '"':
		r.text()
	case '{':
		return r.members(nil)
	case '[':
		r.i++
		for r.next() != ']' {
			if err := r.value(); err != nil {
				return err
			}
			if r.next() == ',' {
				r.i++
			}
		}
		r.i++
	default: // a number, true, false, null; something follows, since all stands in an object
		for strings.IndexByte(",]}"+space, r.b[r.i]) < 0 {
			r.i++
		}
	}
	return nil
}

// text returns the string that begins here, with its quotes.
func (r *reader) text() []byte {
	start := r.i
	for r.i++; r.b[r.i] != '"'; r.i++ {
		if r.b[r.i] == '\\' {
			r.i++
		}
	}
	r.i++
	return r.b[start:r.i]
}

func unquote(quoted []byte) (string, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1]), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", fmt.Errorf("%w: %w", ErrHeader, err)
	}
	return s, nil
}
