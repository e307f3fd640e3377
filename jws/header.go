package jws

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	d := json.NewDecoder(bytes.NewReader(b))
	var object json.RawMessage
	if err := d.Decode(&object); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	if object[0] != '{' {
		return nil, fmt.Errorf("%w: %s", ErrHeader, cut(string(object)))
	}
	if rest := bytes.TrimLeft(b[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrTrailing, cut(string(rest)))
	}
	return readMembers(object)
}

// readMembers reads a well-formed object in one pass.
func readMembers(object []byte) (Header, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if _, err := d.Token(); err != nil { // the brace
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	h := Header{}
	seen := map[string]bool{}
	for d.More() {
		name, err := readName(d, seen)
		if err != nil {
			return nil, err
		}
		start := d.InputOffset()
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		switch v.(type) {
		case string, json.Number:
		default:
			v = json.RawMessage(bytes.TrimLeft(object[start:d.InputOffset()], " \t\r\n:"))
		}
		h = append(h, Member{name, v})
	}
	return h, nil
}

// readName reads the name of the next member. Names are compared unescaped: "alg" and
// "\u0061lg" are the same one.
func readName(d *json.Decoder, seen map[string]bool) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrHeader, err)
	}
	name, _ := t.(string)
	if seen[name] {
		return "", fmt.Errorf("%w: %s", ErrDuplicate, cut(name))
	}
	seen[name] = true
	return name, nil
}

// readValue reads the next value whole, with names unique inside it too, and returns its first
// token. Its depth is limited by the decoder that found the object well-formed.
func readValue(d *json.Decoder) (json.Token, error) {
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	open, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	var seen map[string]bool
	if open == '{' {
		seen = map[string]bool{}
	}
	for d.More() {
		if open == '{' {
			if _, err := readName(d, seen); err != nil {
				return nil, err
			}
		}
		if _, err := readValue(d); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil { // the end
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	return t, nil
}
