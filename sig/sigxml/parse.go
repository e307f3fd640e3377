package sigxml

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/beevik/etree"

	"github.com/fpconform/fpconform/sig"
)

// A Document is an XML message. Repeated tags are repeated fields.
type Document struct {
	Before []byte // what stood before the declaration or the root: white space, a BOM
	Root   string // such as "response"
	Fields sig.Message
}

// Parse reads a document. It returns a [*SyntaxError] for what the package comment says that
// it refuses. The document keeps nothing of body.
func Parse(body []byte) (*Document, error) {
	// Two passes: encoding/xml's tokenizer finds what is wrong and where, and then etree
	// reads what is known to be right. Alone, etree has no offsets, takes two roots, and reads
	// any declared charset as UTF-8.
	before, err := scan(body)
	if err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	doc.ReadSettings.MaxDepth = maxElements
	doc.ReadSettings.CharsetReader = refuseCharset
	if err := doc.ReadFromBytes(body[before:]); err != nil {
		return nil, &SyntaxError{Offset: before, Err: err}
	}
	root := doc.Root()
	if root == nil {
		return nil, &SyntaxError{Offset: len(body), Err: errNoRoot}
	}
	d := &Document{Root: root.FullTag(), Fields: fieldsOf(root)}
	if before > 0 {
		d.Before = append(d.Before, body[:before]...)
	}
	return d, nil
}

var errNoRoot = errors.New("no root element")

func refuseCharset(charset string, _ io.Reader) (io.Reader, error) {
	return nil, fmt.Errorf("%w: %q is declared", ErrEncoding, cut(charset))
}

// fieldsOf returns the child elements of e as fields; the slice is never nil.
func fieldsOf(e *etree.Element) []sig.Field {
	n := 0
	for _, t := range e.Child {
		if _, ok := t.(*etree.Element); ok {
			n++
		}
	}
	fields := make([]sig.Field, 0, n)
	for _, t := range e.Child {
		c, ok := t.(*etree.Element)
		if !ok {
			continue
		}
		f := sig.Field{Name: c.FullTag()}
		if hasElements(c) {
			f.Children = fieldsOf(c)
		} else {
			f.Value = textOf(c)
		}
		fields = append(fields, f)
	}
	return fields
}

func hasElements(e *etree.Element) bool {
	for _, t := range e.Child {
		if _, ok := t.(*etree.Element); ok {
			return true
		}
	}
	return false
}

// textOf returns all text of a leaf; a comment in the middle does not end it, as it would for
// etree's own Text.
func textOf(e *etree.Element) string {
	if len(e.Child) == 1 {
		if t, ok := e.Child[0].(*etree.CharData); ok {
			return t.Data
		}
	}
	var b strings.Builder
	for _, t := range e.Child {
		if t, ok := t.(*etree.CharData); ok {
			b.WriteString(t.Data)
		}
	}
	return b.String()
}
