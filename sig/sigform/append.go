package sigform

import (
	"strconv"
	"strings"

	"github.com/fpconform/fpconform/sig"
)

// Append writes m after dst as contentType says; for multipart it names the boundary, as in
// "multipart/form-data; boundary=fields". Nested names are written with brackets and list
// indexes with their numbers.
//
// [Parse] of what was written is m again. Where that cannot be, Append returns a
// [*CarryError] and dst as it was: a branch without fields, two branches of the same name in
// one place, a name that would be read as a nested one, a value that contains the boundary,
// too deep or too many fields.
func Append(dst []byte, m sig.Message, contentType string) ([]byte, error) {
	boundary, err := boundaryOf(contentType)
	if err != nil {
		return dst, err
	}
	if boundary == "" {
		return AppendQuery(dst, m)
	}
	w := writer{dst: dst, delimiter: "--" + boundary}
	if err := w.fields(m); err != nil {
		return dst, err
	}
	w.dst = append(append(w.dst, w.delimiter...), "--\r\n"...)
	return w.dst, nil
}

// AppendQuery writes m after dst as the part of a URL after "?", which is also the body of an
// urlencoded form. It escapes as PHP's http_build_query does: all but letters, digits and
// "-_.", and a space is a plus. Errors are those of [Append].
func AppendQuery(dst []byte, m sig.Message) ([]byte, error) {
	w := writer{dst: dst}
	if err := w.fields(m); err != nil {
		return dst, err
	}
	return w.dst, nil
}

type writer struct {
	dst       []byte
	delimiter string // of multipart; empty for urlencoded
	name      []byte // of the field that is being written
	path      []string
	count     int
	begun     bool // the first pair is written
}

func (w *writer) refuse(reason string) error {
	return &CarryError{Path: strings.Join(w.path, "/"), Reason: reason}
}

func (w *writer) fields(fields []sig.Field) error {
	var branches map[string]bool
	prefix := len(w.name)
	for i := range fields {
		f := &fields[i]
		w.path = append(w.path, f.Name)
		if w.count++; w.count > MaxFields {
			return w.refuse(ErrFields.Error())
		}
		nested := len(w.path) > 1
		switch {
		case len(w.path) > MaxDepth+1:
			return w.refuse(ErrDepth.Error())
		case nested && f.Name == "":
			return w.refuse("[] would be read as a number")
		case nested && strings.IndexByte(f.Name, ']') >= 0:
			return w.refuse("a nested name with a closing bracket would end there")
		case !nested && f.Children != nil && (f.Name == "" || strings.IndexByte(f.Name, '[') >= 0):
			return w.refuse("no brackets can follow such a name")
		case !nested && f.Children == nil:
			if _, _, ok := splitName(f.Name); ok {
				return w.refuse("the name would be read as a nested one")
			}
		}
		if nested {
			w.name = append(append(append(w.name[:prefix], '['), f.Name...), ']')
		} else {
			w.name = append(w.name[:prefix], f.Name...)
		}
		if f.Children == nil {
			if err := w.leaf(f.Value); err != nil {
				return err
			}
		} else {
			if len(f.Children) == 0 {
				return w.refuse("a branch without fields leaves nothing to write")
			}
			if branches[f.Name] {
				return w.refuse("two branches of this name would become one")
			}
			if branches == nil {
				branches = make(map[string]bool)
			}
			branches[f.Name] = true
			if err := w.fields(f.Children); err != nil {
				return err
			}
		}
		w.path = w.path[:len(w.path)-1]
	}
	w.name = w.name[:prefix]
	return nil
}

func (w *writer) leaf(value string) error {
	if w.delimiter == "" {
		if w.begun {
			w.dst = append(w.dst, '&')
		}
		w.begun = true
		w.dst = appendEscaped(w.dst, w.name)
		w.dst = append(w.dst, '=')
		w.dst = appendEscaped(w.dst, value)
		return nil
	}
	for _, c := range w.name {
		if c < ' ' || c == 0x7f {
			return w.refuse("control character " + strconv.QuoteRune(rune(c)) + " in the name of a part")
		}
	}
	if strings.Contains(string(w.name), w.delimiter) || strings.Contains(value, w.delimiter) {
		return w.refuse("it contains the boundary")
	}
	w.dst = append(append(w.dst, w.delimiter...), "\r\nContent-Disposition: form-data; name=\""...)
	for _, c := range w.name {
		if c == '"' || c == '\\' {
			w.dst = append(w.dst, '\\')
		}
		w.dst = append(w.dst, c)
	}
	w.dst = append(w.dst, "\"\r\n\r\n"...)
	w.dst = append(append(w.dst, value...), "\r\n"...)
	return nil
}

func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
