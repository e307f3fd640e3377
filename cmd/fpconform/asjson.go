package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// asJSON returns v, a type of package catalogue, as JSON with the names that its fields have
// in YAML. What is empty is left out, as the data files leave it out; a Said is one of the
// texts unknown, false and true.
func asJSON(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	if err := appendJSON(&b, reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func appendJSON(b *bytes.Buffer, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		return appendJSON(b, v.Elem())
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		s, err := text.MarshalText()
		if err != nil {
			return err
		}
		return appendScalar(b, string(s))
	}
	switch v.Kind() {
	case reflect.Struct:
		b.WriteByte('{')
		first := true
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			f := v.Field(i)
			if name == "" || name == "-" || blank(f) {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			if err := appendScalar(b, name); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := appendJSON(b, f); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := appendJSON(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	return appendScalar(b, v.Interface())
}

// blank reports whether v says nothing: an empty text or list, a nil, a struct of such. A
// number and a yes or no always say something, or are 0 and false for "not said".
func blank(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !blank(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

func appendScalar(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	b.Truncate(b.Len() - 1) // the line break that Encode adds
	return err
}
