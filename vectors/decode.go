package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode reads src into v strictly: one value, members exactly those of the Go type, none
// twice, none missing unless the type permits it, no null. encoding/json alone takes members
// twice, in other case, or not at all.
func decode(src []byte, v any) error {
	tree, err := parse(src)
	if err != nil {
		return err
	}
	if err := tree.match(reflect.TypeOf(v).Elem(), ""); err != nil {
		return err
	}
	return json.Unmarshal(src, v)
}

// encode is json.Marshal without the escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// A value is any JSON value, with members in the order of the file.
type value struct {
	open    json.Delim // '{' or '[', 0 for a scalar
	scalar  any        // string, json.Number, bool
	members []member   // of an object; the names of a list's are empty
}

type member struct {
	name string
	value
}

const maxDepth = 64

func parse(src []byte) (value, error) {
	if len(src) > maxFile {
		return value{}, errTooLarge
	}
	if !utf8.Valid(src) {
		return value{}, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	v, err := parseValue(d, 0)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = errors.New("something follows the first value")
		}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return value{}, fmt.Errorf("line %d: %w", 1+bytes.Count(src[:d.InputOffset()], []byte("\n")), err)
	}
	return v, nil
}

func parseValue(d *json.Decoder, depth int) (value, error) {
	if depth > maxDepth {
		return value{}, fmt.Errorf("deeper than %d levels", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return value{}, err
	}
	open, ok := t.(json.Delim)
	if !ok {
		if t == nil {
			return value{}, errors.New("null")
		}
		return value{scalar: t}, nil
	}
	v := value{open: open}
	seen := map[string]bool{}
	for d.More() {
		var m member
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return value{}, err
			}
			m.name = t.(string) // More and Token refuse anything else before a colon
			if seen[m.name] {
				return value{}, fmt.Errorf("member %s stands twice", cut(m.name))
			}
			seen[m.name] = true
		}
		if m.value, err = parseValue(d, depth+1); err != nil {
			return value{}, err
		}
		v.members = append(v.members, m)
	}
	_, err = d.Token()
	return v, err
}

// match holds the members of v against the fields of t. Whether scalars fit is left to
// encoding/json.
func (v value) match(t reflect.Type, at string) error {
	if t == reflect.TypeFor[Node]() {
		return nil // it reads itself
	}
	switch {
	case t.Kind() == reflect.Struct && v.open == '{':
		known, required := fields(t)
		for _, m := range v.members {
			f, ok := known[m.name]
			if !ok {
				return fmt.Errorf("%sunknown member %s", at, cut(m.name))
			}
			delete(required, m.name)
			if err := m.match(f, at+m.name+": "); err != nil {
				return err
			}
		}
		for _, name := range reflect.VisibleFields(t) { // in order, for the same error each time
			if key, _, _ := strings.Cut(name.Tag.Get("json"), ","); required[key] {
				return fmt.Errorf("%smember %q is missing", at, key)
			}
		}
	case t.Kind() == reflect.Map && v.open == '{':
		for _, m := range v.members {
			if err := m.match(t.Elem(), at+cut(m.name)+": "); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Slice && v.open == '[':
		for i, m := range v.members {
			if err := m.match(t.Elem(), fmt.Sprintf("%s%d: ", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields returns the members that the struct t is written as, and those of them that it is
// never written without.
func fields(t reflect.Type) (known map[string]reflect.Type, required map[string]bool) {
	known, required = map[string]reflect.Type{}, map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue // embedded, or not written
		}
		known[name] = f.Type
		if options == "" {
			required[name] = true
		}
	}
	return known, required
}

// cut returns s quoted, at most 64 bytes of it.
func cut(s string) string {
	if len(s) <= 64 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:64], ""))
}
