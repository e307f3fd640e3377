package yamlfile

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// An Unmarshaler decodes itself. The function that it is given decodes the value into a
// pointer, with the same strictness; it may be called several times with different pointers,
// and an error that it returned may be dropped.
type Unmarshaler interface {
	UnmarshalYAML(decode func(into any) error) error
}

// Decode stores the file in what into points to. Structs take the keys of their yaml tags
// (or the field's name in lower case); there are also pointers, slices, maps with text keys,
// texts, booleans, integers, [time.Duration] as 1m30s, whatever has UnmarshalText or is an
// [Unmarshaler], and any, which holds texts, []any and map[string]any. A key that no field
// has is an error. All errors are found in one pass and joined.
func (f *File) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("yamlfile: Decode needs a pointer, not %T", into)
	}
	d := decoder{file: f.name}
	d.value(f.root, v.Elem())
	return errors.Join(d.errs...)
}

type decoder struct {
	file string
	errs []error
}

func (d *decoder) add(n *yaml.Node, err error, format string, args ...any) {
	if len(d.errs) < maxErrors {
		d.errs = append(d.errs, &Error{File: d.file, Line: n.Line, Text: fmt.Sprintf(format, args...), Err: err})
	}
}

var (
	decimal  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	duration = reflect.TypeFor[time.Duration]()
)

func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem())
		return
	}
	if v.CanAddr() {
		switch u := v.Addr().Interface().(type) {
		case Unmarshaler:
			d.custom(n, u)
			return
		case encoding.TextUnmarshaler:
			if !d.scalar(n) {
				return
			}
			if err := u.UnmarshalText([]byte(n.Value)); err != nil {
				d.add(n, err, "%v", err)
			}
			return
		}
	}
	if v.Type() == duration {
		if d.scalar(n) {
			t, err := time.ParseDuration(n.Value)
			if err != nil {
				d.add(n, nil, "not a duration such as 15s or 1m30s")
				return
			}
			v.SetInt(int64(t))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Map:
		d.mapping(n, v)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.add(n, nil, "%s where a list is due", kind(n))
			return
		}
		s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
		for i, c := range n.Content {
			d.value(c, s.Index(i))
		}
		v.Set(s)
	case reflect.String:
		if d.scalar(n) {
			v.SetString(n.Value)
		}
	case reflect.Bool:
		if d.scalar(n) {
			if n.Style != 0 || n.Value != "true" && n.Value != "false" {
				d.add(n, nil, "neither true nor false")
				return
			}
			v.SetBool(n.Value == "true")
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if d.scalar(n) {
			i, err := strconv.ParseInt(n.Value, 10, v.Type().Bits())
			if err != nil || !decimal.MatchString(n.Value) {
				d.add(n, nil, "not an integer in decimal digits, or too large")
				return
			}
			v.SetInt(i)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if d.scalar(n) {
			i, err := strconv.ParseUint(n.Value, 10, v.Type().Bits())
			if err != nil || !decimal.MatchString(n.Value) {
				d.add(n, nil, "not a positive integer in decimal digits, or too large")
				return
			}
			v.SetUint(i)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(plain(n)))
			return
		}
		d.add(n, nil, "cannot be decoded into %s", v.Type())
	default:
		// Floats among them: an amount is text, or a json.Number.
		d.add(n, nil, "cannot be decoded into %s", v.Type())
	}
}

func (d *decoder) custom(n *yaml.Node, u Unmarshaler) {
	err := u.UnmarshalYAML(func(into any) error {
		v := reflect.ValueOf(into)
		if v.Kind() != reflect.Pointer || v.IsNil() {
			return fmt.Errorf("yamlfile: decode needs a pointer, not %T", into)
		}
		inner := decoder{file: d.file}
		inner.value(n, v.Elem())
		return errors.Join(inner.errs...)
	})
	if err == nil {
		return
	}
	var located *Error
	if errors.As(err, &located) {
		for _, e := range List(err) {
			if len(d.errs) < maxErrors {
				d.errs = append(d.errs, e)
			}
		}
		return
	}
	d.add(n, err, "%v", err)
}

func (d *decoder) scalar(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		return true
	}
	d.add(n, nil, "%s where a single value is due", kind(n))
	return false
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.add(n, nil, "%s where keys and values are due", kind(n))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		field, ok := fieldOf(v, key)
		if !ok {
			d.add(n.Content[i], nil, "unknown key %s%s", cut(key), d.nearest(v, key))
			continue
		}
		d.value(n.Content[i+1], field)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.add(n, nil, "%s where keys and values are due", kind(n))
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		d.add(n, nil, "cannot be decoded into %s", v.Type())
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(n.Content[i+1], e)
		m.SetMapIndex(reflect.ValueOf(n.Content[i].Value).Convert(v.Type().Key()), e)
	}
	v.Set(m)
}

// nameOf returns the key that a struct field takes, "" for none.
func nameOf(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch name {
	case "-":
		return ""
	case "":
		return strings.ToLower(f.Name)
	}
	return name
}

func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	t := v.Type()
	for i := range t.NumField() {
		if name := nameOf(t.Field(i)); name != "" && name == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// nearest names the key that was probably meant, or the keys that there are when they are few.
func (d *decoder) nearest(v reflect.Value, key string) string {
	var names []string
	best, distance := "", 3
	t := v.Type()
	for i := range t.NumField() {
		name := nameOf(t.Field(i))
		if name == "" {
			continue
		}
		names = append(names, name)
		if n := edits(key, name); n < distance {
			best, distance = name, n
		}
	}
	switch {
	case best != "":
		return "; " + best + " is meant?"
	case len(names) > 0 && len(names) <= 12:
		return "; there are " + strings.Join(names, ", ")
	}
	return ""
}

// edits counts the changes of one character that lead from a to b.
func edits(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before
			if a[i-1] != b[j-1] {
				cost = 1 + min(before, row[j], row[j-1])
			}
			before, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return "a single value"
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.SequenceNode:
		s := make([]any, len(n.Content))
		for i, c := range n.Content {
			s[i] = plain(c)
		}
		return s
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	}
	return n.Value
}
