package mock

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/fpconform/fpconform/sig"
)

// Bytes returns Body, or else the document that the fields make. It keeps nothing: a hook may
// take it, change it and put it into Body.
func (r *Reply) Bytes() []byte {
	switch {
	case r.Body != nil:
		return r.Body
	case r.Root == "":
		return r.json()
	}
	return r.xml()
}

// xml is written by hand, and not by the codec that reads answers, so that each is a witness for
// the other and white space can vary.
func (r *Reply) xml() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>`)
	b.WriteString("\n<" + r.Root + ">")
	r.elements(&b, r.Fields, 1)
	r.line(&b, 0)
	b.WriteString("</" + r.Root + ">\n")
	return b.Bytes()
}

func (r *Reply) elements(b *bytes.Buffer, fields []sig.Field, level int) {
	for _, f := range fields {
		r.line(b, level)
		b.WriteString("<" + f.Name + ">")
		if f.Children != nil {
			r.elements(b, f.Children, level+1)
			r.line(b, level)
		} else {
			xml.EscapeText(b, []byte(f.Value)) // a bytes.Buffer takes everything
		}
		b.WriteString("</" + f.Name + ">")
	}
}

// line begins a new line, if this reply has any.
func (r *Reply) line(b *bytes.Buffer, level int) {
	if r.Space != "" {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat(r.Space, level))
	}
}

func (r *Reply) json() []byte {
	var b bytes.Buffer
	r.object(&b, r.Fields, 1)
	return b.Bytes()
}

func (r *Reply) object(b *bytes.Buffer, fields []sig.Field, level int) {
	open, shut := "{", "}"
	list := len(fields) > 0 && fields[0].Name == "0"
	if list {
		open, shut = "[", "]"
	}
	b.WriteString(open)
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		r.line(b, level)
		if !list {
			b.Write(quoted(f.Name))
			b.WriteByte(':')
			if r.Space != "" {
				b.WriteByte(' ')
			}
		}
		switch {
		case f.Children != nil:
			r.object(b, f.Children, level+1)
		case level == 1 && r.Literal[f.Name]:
			b.WriteString(f.Value)
		default:
			b.Write(quoted(f.Value))
		}
	}
	if len(fields) > 0 {
		r.line(b, level-1)
	}
	b.WriteString(shut)
}

func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// inOrder returns a flat message that every order lines up as the leaves given, whatever their
// names: scenarios sign it in place of the reply to sign by an order of their own.
func inOrder(leaves []sig.Field) sig.Message {
	m := make(sig.Message, len(leaves))
	for i, f := range leaves {
		m[i] = sig.Leaf(fmt.Sprintf("f%06d_", i), f.Value)
	}
	return m
}

// leavesOf returns the leaves of m as they stand, depth first.
func leavesOf(m sig.Message) []sig.Field {
	var out []sig.Field
	for _, f := range m.All() {
		out = append(out, *f)
	}
	return out
}

// short returns decimal text without needless zeros: 20 for 020.00. What is no decimal comes back
// as it is.
func short(amount string) string {
	whole, frac, _ := strings.Cut(amount, ".")
	if !digits(whole) || frac != "" && !digits(frac) {
		return amount
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}

// twoDecimals returns decimal text as 20.00; what has more decimals comes back as it is.
func twoDecimals(amount string) string {
	s := short(amount)
	whole, frac, _ := strings.Cut(s, ".")
	if !digits(whole) || len(frac) > 2 {
		return s
	}
	return whole + "." + (frac + "00")[:2]
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func itoa(n int) string { return strconv.Itoa(n) }
