package sigform

import (
	"strings"

	"github.com/fpconform/fpconform/sig"
)

// Parse reads a form, urlencoded or multipart as contentType says, in the exact view: order
// and repeated names are kept, a[0][name]=x becomes a branch a with a branch 0 with a leaf
// name. The message keeps nothing of body.
//
// It returns an error that wraps ErrContentType or ErrBoundary, or a [*SyntaxError].
func Parse(contentType string, body []byte) (sig.Message, error) {
	boundary, err := boundaryOf(contentType)
	if err != nil {
		return nil, err
	}
	if boundary == "" {
		return ParseQuery(string(body))
	}
	var t tree
	err = eachPart(body, boundary, func(p part) error {
		name, err := p.exactName()
		if err != nil {
			return err
		}
		return t.add(name, string(p.value))
	})
	if err != nil {
		return nil, err
	}
	return t.message(), nil
}

// ParseQuery reads the part of a URL after "?" in the exact view. A plus is a space, a name
// without "=" has an empty value, and "&&" is one separator. It returns a [*SyntaxError] at
// the first percent sign that begins no escape.
func ParseQuery(query string) (sig.Message, error) {
	var t tree
	t.top.fields = make([]sig.Field, 0, min(strings.Count(query, "&")+1, MaxFields))
	if err := eachPair(query, false, t.add); err != nil {
		return nil, err
	}
	return t.message(), nil
}

// eachPair calls add with every decoded name and value of s, in order. An error of add comes
// back with the offset of its pair. If php is set, a bad escape stands for itself.
func eachPair(s string, php bool, add func(name, value string) error) error {
	d := decoder{in: s, php: php}
	for i := 0; i < len(s); i++ {
		start, eq := i, -1
		nameEscaped, valueEscaped := false, false
		for ; i < len(s) && s[i] != '&'; i++ {
			switch s[i] {
			case '=':
				if eq < 0 {
					eq = i
				}
			case '%', '+':
				if eq < 0 {
					nameEscaped = true
				} else {
					valueEscaped = true
				}
			}
		}
		if i == start {
			continue
		}
		nameEnd := i
		if eq >= 0 {
			nameEnd = eq
		}
		name, value := s[start:nameEnd], ""
		if nameEscaped {
			var err error
			if name, err = d.decode(start, nameEnd); err != nil {
				return err
			}
		}
		if eq >= 0 {
			value = s[eq+1 : i]
		}
		if valueEscaped {
			var err error
			if value, err = d.decode(eq+1, i); err != nil {
				return err
			}
		}
		if err := add(name, value); err != nil {
			return &SyntaxError{Offset: start, Err: err}
		}
	}
	return nil
}

// A decoder undoes percent escapes and pluses. All its strings share one buffer, which never
// grows, because what is decoded is never longer than it was.
type decoder struct {
	in  string
	php bool
	out strings.Builder
}

func (d *decoder) decode(from, to int) (string, error) {
	if d.out.Cap() == 0 {
		d.out.Grow(len(d.in) - from)
	}
	start := d.out.Len()
	for i := from; i < to; i++ {
		switch c := d.in[i]; c {
		case '+':
			d.out.WriteByte(' ')
		case '%':
			if i+2 < to && unhex[d.in[i+1]] < 16 && unhex[d.in[i+2]] < 16 {
				d.out.WriteByte(unhex[d.in[i+1]]<<4 | unhex[d.in[i+2]])
				i += 2
				break
			}
			if !d.php {
				return "", &SyntaxError{Offset: i, Err: ErrEscape}
			}
			d.out.WriteByte('%')
		default:
			d.out.WriteByte(c)
		}
	}
	return d.out.String()[start:], nil
}

// unhex has the value of each hexadecimal digit and 16 for all other bytes.
var unhex = func() (t [256]byte) {
	for i := range t {
		switch {
		case '0' <= i && i <= '9':
			t[i] = byte(i - '0')
		case 'a' <= i && i <= 'f':
			t[i] = byte(i - 'a' + 10)
		case 'A' <= i && i <= 'F':
			t[i] = byte(i - 'A' + 10)
		default:
			t[i] = 16
		}
	}
	return t
}()
