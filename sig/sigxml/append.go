package sigxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fpconform/fpconform/sig"
)

// header is the declaration as the documentation's examples have it.
const header = `<?xml version="1.0" encoding="utf-8"?>` + "\n"

// Append writes the document after dst: d.Before as it is, the declaration and a line break,
// and the root without white space between elements.
//
// [Parse] of what was written is d again. Where that cannot be, Append returns a
// [*CarryError] and dst as it was: a name that is none in XML, such as that of a list item
// ("0"), or has a prefix, whose declaration a Document does not keep; a branch without fields,
// which would come back as an empty value; a control character other than tab and line feed
// (a CR among them, that XML readers turn into LF); what is not UTF-8; anything but white space
// and byte order marks in d.Before; too deep or too long.
func (d *Document) Append(dst []byte) ([]byte, error) {
	w := writer{dst: dst}
	if len(trimBefore(d.Before)) > 0 {
		return dst, w.refuse("more than white space before the document")
	}
	w.dst = append(append(w.dst, d.Before...), header...)
	if err := w.name(d.Root); err != nil {
		return dst, err
	}
	w.dst = append(append(append(w.dst, '<'), d.Root...), '>')
	if err := w.fields(d.Fields); err != nil {
		return dst, err
	}
	w.dst = append(append(append(w.dst, "</"...), d.Root...), ">\n"...)
	if len(w.dst)-len(dst) > MaxSize {
		return dst, w.refuse(ErrSize.Error())
	}
	return w.dst, nil
}

type writer struct {
	dst  []byte
	path []string
}

func (w *writer) refuse(reason string) error {
	return &CarryError{Path: strings.Join(w.path, "/"), Reason: reason}
}

func (w *writer) fields(fields []sig.Field) error {
	for i := range fields {
		f := &fields[i]
		w.path = append(w.path, f.Name)
		if len(w.path) > MaxDepth+1 {
			return w.refuse(ErrDepth.Error())
		}
		if err := w.name(f.Name); err != nil {
			return err
		}
		w.dst = append(append(append(w.dst, '<'), f.Name...), '>')
		if f.Children == nil {
			if err := w.text(f.Value); err != nil {
				return err
			}
		} else {
			if len(f.Children) == 0 {
				return w.refuse("a branch without fields would be an empty value")
			}
			if err := w.fields(f.Children); err != nil {
				return err
			}
		}
		w.dst = append(append(append(w.dst, "</"...), f.Name...), '>')
		w.path = w.path[:len(w.path)-1]
	}
	return nil
}

// name refuses what is not a name in XML, or has a prefix.
func (w *writer) name(s string) error {
	ascii := len(s) > 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '.'):
		default:
			ascii = false
		}
	}
	if ascii || isName(s) {
		return nil
	}
	return w.refuse(fmt.Sprintf("%q is no name in XML", cut(s)))
}

// isName asks the tokenizer about a name beyond ASCII: its tables are those of an older
// edition of XML, and what it does not take we could not read back.
func isName(s string) bool {
	if strings.ContainsAny(s, ":/<> \t\r\n=\"'&") {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader([]byte("<" + s + "/>")))
	t, err := d.RawToken()
	if err != nil {
		return false
	}
	e, ok := t.(xml.StartElement)
	if !ok || e.Name != (xml.Name{Local: s}) || len(e.Attr) > 0 {
		return false
	}
	if _, err := d.RawToken(); err != nil { // the end of the element
		return false
	}
	_, err = d.RawToken()
	return err == io.EOF
}

func (w *writer) text(s string) error {
	for i, r := range s {
		switch {
		case r == '&':
			w.dst = append(w.dst, "&amp;"...)
		case r == '<':
			w.dst = append(w.dst, "&lt;"...)
		case r == '>': // for the sake of ]]>
			w.dst = append(w.dst, "&gt;"...)
		case r == '\t' || r == '\n':
			w.dst = append(w.dst, byte(r))
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			return w.refuse(fmt.Sprintf("character %U", r))
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			return w.refuse("not UTF-8")
		default:
			w.dst = utf8.AppendRune(w.dst, r)
		}
	}
	return nil
}
