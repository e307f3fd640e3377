package vectors

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Format returns the canonical form of a file of vectors: members in the order of the Go
// types, two blanks for each level, short values on one line, and every
// character that cannot be seen, or that an editor might compose, as an escape. It refuses
// what does not fit the format that the file's schema names. Formatting twice changes nothing.
func Format(src []byte) ([]byte, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if _, err := parse(src); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	if err := json.Unmarshal(src, &head); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	var file any
	switch head.Schema {
	case sigSchema:
		file = &File[Sig]{}
	case jwsSchema:
		file = &File[JWS]{}
	case scriptsSchema:
		file = &File[Script]{}
	case withdrawnSchema:
		file = &withdrawnFile{}
	default:
		return nil, fmt.Errorf("vectors: no format is called %s", cut(head.Schema))
	}
	if err := decode(src, file); err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	ordered, err := encode(file)
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	tree, err := parse(ordered)
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	var p printer
	p.value(tree, 0, 0)
	p.WriteByte('\n')
	return []byte(p.String()), nil
}

// lineWidth is where values begin to be broken. Text is never broken.
const lineWidth = 110

// expanded is how many levels are always broken: the file, its notes and tests, each of these.
const expanded = 3

type printer struct{ strings.Builder }

// value writes v. column is how much of the line its name takes.
func (p *printer) value(v value, level, column int) {
	line := v.line()
	if len(v.members) == 0 || level >= expanded && 2*level+column+utf8.RuneCountInString(line) < lineWidth {
		p.WriteString(line)
		return
	}
	end := map[json.Delim]byte{'{': '}', '[': ']'}[v.open]
	p.WriteByte(byte(v.open))
	used := lineWidth // of the present line, where scalars share lines
	for i, m := range v.members {
		if i > 0 {
			p.WriteByte(',')
		}
		scalar := v.open == '[' && m.open == 0
		width := utf8.RuneCountInString(m.line())
		if scalar && used+width+2 < lineWidth {
			p.WriteByte(' ')
			used += 1 + width + 1
		} else {
			p.newLine(level + 1)
			used = 2*(level+1) + width + 1
		}
		name := ""
		if v.open == '{' {
			name = quote(m.name) + ": "
		}
		p.WriteString(name)
		p.value(m.value, level+1, len(name))
	}
	p.newLine(level)
	p.WriteByte(end)
}

func (p *printer) newLine(level int) {
	p.WriteByte('\n')
	p.WriteString(strings.Repeat("  ", level))
}

// line returns v on one line.
func (v value) line() string {
	switch s := v.scalar.(type) {
	case string:
		return quote(s)
	case json.Number:
		return s.String()
	case bool:
		return fmt.Sprint(s)
	}
	var b strings.Builder
	b.WriteByte(byte(v.open))
	for i, m := range v.members {
		if i > 0 {
			b.WriteString(", ")
		}
		if v.open == '{' {
			b.WriteString(quote(m.name) + ": ")
		}
		b.WriteString(m.line())
	}
	if v.open == '{' {
		b.WriteByte('}')
	} else {
		b.WriteByte(']')
	}
	return b.String()
}

// quote writes s as JSON text in which nothing is invisible.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r) && !unicode.IsMark(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
