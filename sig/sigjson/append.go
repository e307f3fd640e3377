package sigjson

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/sig"
)

// Append writes m after dst as one object without white space. A leaf is a string. A branch
// whose children are named 0, 1, 2 and so on, in this order, is an array, an empty branch too,
// as PHP's json_encode has it; any other is an object. Names that stand twice are written
// twice: RFC 8259 permits it, [Parse] keeps both, most other readers keep the last.
//
// [Parse] of what was written is m again. Append returns a [*CarryError], and dst as it was,
// for invalid UTF-8, for more than MaxDepth levels and for more than MaxSize bytes.
func Append(dst []byte, m sig.Message) ([]byte, error) {
	w := writer{dst: dst, limit: len(dst) + MaxSize}
	if err := w.object(m); err != nil {
		return dst, err
	}
	return w.dst, nil
}

type writer struct {
	dst   []byte
	limit int
	path  []string
}

func (w *writer) refuse(reason string) error {
	return &CarryError{Path: strings.Join(w.path, "/"), Reason: reason}
}

func (w *writer) object(fields []sig.Field) error {
	w.dst = append(w.dst, '{')
	for i := range fields {
		f := &fields[i]
		w.path = append(w.path, f.Name)
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		if !utf8.ValidString(f.Name) {
			return w.refuse("the name is not UTF-8")
		}
		w.text(f.Name)
		w.dst = append(w.dst, ':')
		if err := w.value(f); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	w.dst = append(w.dst, '}')
	if len(w.dst) > w.limit {
		return w.refuse(ErrSize.Error())
	}
	return nil
}

func (w *writer) value(f *sig.Field) error {
	if f.Children == nil {
		if !utf8.ValidString(f.Value) {
			return w.refuse("the value is not UTF-8")
		}
		w.text(f.Value)
		return nil
	}
	if len(w.path) > MaxDepth {
		return w.refuse(ErrDepth.Error())
	}
	if !isArray(f.Children) {
		return w.object(f.Children)
	}
	w.dst = append(w.dst, '[')
	for i := range f.Children {
		c := &f.Children[i]
		w.path = append(w.path, c.Name)
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		if err := w.value(c); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	w.dst = append(w.dst, ']')
	return nil
}

func isArray(fields []sig.Field) bool {
	var buf [20]byte
	for i := range fields {
		if fields[i].Name != string(strconv.AppendInt(buf[:0], int64(i), 10)) {
			return false
		}
	}
	return true
}

// text writes a string that is known to be UTF-8. Only what must be escaped is.
func (w *writer) text(s string) {
	const hex = "0123456789abcdef"
	w.dst = append(w.dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			w.dst = append(w.dst, '\\', c)
		case c == '\n':
			w.dst = append(w.dst, '\\', 'n')
		case c == '\r':
			w.dst = append(w.dst, '\\', 'r')
		case c == '\t':
			w.dst = append(w.dst, '\\', 't')
		case c < ' ':
			w.dst = append(w.dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			w.dst = append(w.dst, c)
		}
	}
	w.dst = append(w.dst, '"')
}
