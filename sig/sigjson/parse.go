package sigjson

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/fpconform/fpconform/sig"
)

// Parse reads an object. Order and repeated names are kept. It returns a [*SyntaxError] for
// anything else. The message keeps nothing of body.
//
// encoding/json is not used: it puts U+FFFD where UTF-8 is invalid, and its offsets stand
// behind the token.
func Parse(body []byte) (sig.Message, error) {
	if len(body) > MaxSize {
		return nil, &SyntaxError{Offset: MaxSize, Err: ErrSize}
	}
	p := parser{in: string(body)}
	if at := invalidUTF8(p.in); at >= 0 {
		return nil, &SyntaxError{Offset: at, Err: ErrUTF8}
	}
	p.space()
	if p.peek() != '{' {
		return nil, &SyntaxError{Offset: p.at, Err: ErrObject}
	}
	m, err := p.object(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.in) {
		return nil, &SyntaxError{Offset: p.at, Err: ErrTrailing}
	}
	return m, nil
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

type parser struct {
	in string
	at int
}

func (p *parser) bad(format string, a ...any) error {
	if p.at >= len(p.in) {
		return &SyntaxError{Offset: len(p.in), Err: errors.New("cut off")}
	}
	return &SyntaxError{Offset: p.at, Err: fmt.Errorf(format, a...)}
}

// peek returns the next byte, or 0 at the end; a NUL in the text fits nowhere either.
func (p *parser) peek() byte {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// value reads the value of a field that stands in depth branches into f.
func (p *parser) value(f *sig.Field, depth int) (err error) {
	switch c := p.peek(); {
	case c == '{' || c == '[':
		if depth == MaxDepth {
			return &SyntaxError{Offset: p.at, Err: ErrDepth}
		}
		if c == '{' {
			f.Children, err = p.object(depth + 1)
		} else {
			f.Children, err = p.array(depth + 1)
		}
	case c == '"':
		f.Value, err = p.text()
	case c == '-' || '0' <= c && c <= '9':
		f.Value, err = p.number()
	case p.word("true"):
		f.Value = "true"
	case p.word("false"):
		f.Value = "false"
	case p.word("null"):
	default:
		err = p.bad("no value begins with %q", p.rune())
	}
	return err
}

// word takes one of the three words of JSON off the text.
func (p *parser) word(w string) bool {
	if !strings.HasPrefix(p.in[p.at:], w) {
		return false
	}
	p.at += len(w)
	return true
}

// rune is for messages: the character at which reading stopped.
func (p *parser) rune() rune {
	r, _ := utf8.DecodeRuneInString(p.in[min(p.at, len(p.in)):])
	return r
}

func (p *parser) object(depth int) ([]sig.Field, error) {
	fields := []sig.Field{}
	p.at++
	if p.space(); p.peek() == '}' {
		p.at++
		return fields, nil
	}
	for {
		if p.space(); p.peek() != '"' {
			return nil, p.bad("%q where a name must begin", p.rune())
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, p.bad("%q where a colon must stand", p.rune())
		}
		p.at++
		p.space()
		f := sig.Field{Name: name}
		if err := p.value(&f, depth); err != nil {
			return nil, err
		}
		fields = append(fields, f)
		switch p.space(); p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return fields, nil
		default:
			return nil, p.bad("%q where a comma or the end of the object must stand", p.rune())
		}
	}
}

func (p *parser) array(depth int) ([]sig.Field, error) {
	fields := []sig.Field{}
	p.at++
	if p.space(); p.peek() == ']' {
		p.at++
		return fields, nil
	}
	for {
		p.space()
		f := sig.Field{Name: strconv.Itoa(len(fields))}
		if err := p.value(&f, depth); err != nil {
			return nil, err
		}
		fields = append(fields, f)
		switch p.space(); p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return fields, nil
		default:
			return nil, p.bad("%q where a comma or the end of the array must stand", p.rune())
		}
	}
}

// number returns the literal as it stands.
func (p *parser) number() (string, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++ // and no other digit after it
	} else if err := p.digits(); err != nil {
		return "", err
	}
	if p.peek() == '.' {
		p.at++
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if err := p.digits(); err != nil {
			return "", err
		}
	}
	return p.in[start:p.at], nil
}

func (p *parser) digits() error {
	start := p.at
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
	}
	if p.at == start {
		return p.bad("%q where a digit must stand", p.rune())
	}
	return nil
}

// text reads a string. Without escapes it is a piece of the input.
func (p *parser) text() (string, error) {
	p.at++
	start := p.at
	var b strings.Builder
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			s := p.in[start:p.at]
			p.at++
			if b.Len() > 0 {
				b.WriteString(s)
				s = b.String()
			}
			return s, nil
		case c < ' ':
			return "", p.bad("control character %q in a string", c)
		case c == '\\':
			b.WriteString(p.in[start:p.at])
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
			start = p.at
		default:
			p.at++
		}
	}
	return "", p.bad("")
}

// escape reads what a backslash begins. An error names the backslash.
func (p *parser) escape() (rune, error) {
	start := p.at
	bad := func(reason string) (rune, error) {
		return 0, &SyntaxError{Offset: start, Err: errors.New(reason)}
	}
	p.at += 2
	if p.at > len(p.in) {
		return bad("cut off")
	}
	switch c := p.in[start+1]; c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, ok := p.hex4()
		if !ok {
			return bad("\\u without four hexadecimal digits")
		}
		if !utf16.IsSurrogate(r) {
			return r, nil
		}
		if strings.HasPrefix(p.in[p.at:], `\u`) {
			p.at += 2
			if low, ok := p.hex4(); ok {
				if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
					return r, nil
				}
			}
		}
		return bad("half of a surrogate pair")
	}
	return bad("no such escape")
}

func (p *parser) hex4() (rune, bool) {
	if p.at+4 > len(p.in) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.in[p.at : p.at+4]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.at += 4
	return r, true
}
