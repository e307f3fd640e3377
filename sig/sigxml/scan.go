package sigxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxElements is how many elements may be open: the root, MaxDepth branches, a leaf.
const maxElements = MaxDepth + 2

const bom = "\uFEFF"

// scan judges a document without building it and returns how many bytes stand before it.
func scan(body []byte) (before int, err error) {
	if len(body) > MaxSize {
		return 0, &SyntaxError{Offset: MaxSize, Err: ErrSize}
	}
	if err := scanCharacters(body); err != nil {
		return 0, err
	}
	before = len(body) - len(trimBefore(body))
	s := scanner{body: body, base: before}
	if err := s.declaration(); err != nil {
		return 0, err
	}
	return before, s.tokens()
}

// trimBefore cuts white space and byte order marks off the beginning.
func trimBefore(body []byte) []byte {
	for {
		rest := bytes.TrimPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte(bom))
		if len(rest) == len(body) {
			return rest
		}
		body = rest
	}
}

// scanCharacters looks for what may stand nowhere in XML (production Char), comments included,
// which the tokenizer does not look into.
func scanCharacters(body []byte) error {
	for i := 0; i < len(body); {
		c := body[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
				return &SyntaxError{Offset: i, Err: fmt.Errorf("control character %U", rune(c))}
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			return &SyntaxError{Offset: i, Err: fmt.Errorf("%w: byte 0x%02X", ErrEncoding, c)}
		}
		if r == 0xFFFE || r == 0xFFFF {
			return &SyntaxError{Offset: i, Err: fmt.Errorf("character %U", r)}
		}
		i += n
	}
	return nil
}

type scanner struct {
	body []byte
	base int // where the document begins
	open []string
}

func (s *scanner) bad(offset int, err error) error {
	return &SyntaxError{Path: strings.Join(s.open, "/"), Offset: offset, Err: err}
}

// XML 1.0 productions 23 to 26, 32, 80 and 81. The tokenizer does not mind a missing version
// or garbage behind it.
var declaration = regexp.MustCompile(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*("[^"<>]*"|'[^'<>]*'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>`)

func (s *scanner) declaration() error {
	doc := s.body[s.base:]
	if !isDeclaration(doc) {
		return nil
	}
	m := declaration.FindSubmatch(doc)
	if m == nil {
		return s.bad(s.base, errors.New("the declaration is not well-formed"))
	}
	if m[1] == nil {
		return nil
	}
	if encoding := string(m[1][1 : len(m[1])-1]); !strings.EqualFold(encoding, "UTF-8") {
		return s.bad(s.base, fmt.Errorf("%w: encoding %q is declared", ErrEncoding, cut(encoding)))
	}
	return nil
}

func isDeclaration(doc []byte) bool {
	rest, ok := bytes.CutPrefix(doc, []byte("<?xml"))
	return ok && len(rest) > 0 && strings.IndexByte(" \t\r\n?", rest[0]) >= 0
}

func (s *scanner) tokens() error {
	d := xml.NewDecoder(bytes.NewReader(s.body[s.base:]))
	d.CharsetReader = refuseCharset
	s.open = make([]string, 0, 8)
	root := false
	for {
		from := s.base + int(d.InputOffset())
		// RawToken keeps prefixes as they are written, and leaves it to us whether tags fit,
		// so that the error can say where.
		t, err := d.RawToken()
		to := s.base + int(d.InputOffset())
		if err == io.EOF {
			break
		}
		if err != nil {
			return s.bad(to, reason(err))
		}
		raw := s.body[from:to]
		switch t := t.(type) {
		case xml.StartElement:
			if len(s.open) == 0 && root {
				return s.bad(from, fmt.Errorf("%w: <%s>", ErrTrailing, cut(fullName(t.Name))))
			}
			if len(s.open) == maxElements {
				return s.bad(from, ErrDepth)
			}
			root = true
			s.open = append(s.open, fullName(t.Name))
			if i := glued(raw); i >= 0 {
				return s.bad(from+i, errors.New("no white space between two attributes"))
			}
			if name, ok := repeatedAttr(t.Attr); ok {
				return s.bad(from, fmt.Errorf("attribute %q stands twice", cut(name)))
			}
			if err := s.references(raw, from); err != nil {
				return err
			}
		case xml.EndElement:
			name := fullName(t.Name)
			if len(s.open) == 0 {
				return s.bad(from, fmt.Errorf("</%s> closes nothing", cut(name)))
			}
			if name != s.open[len(s.open)-1] {
				return s.bad(from, fmt.Errorf("closed by </%s>", cut(name)))
			}
			s.open = s.open[:len(s.open)-1]
		case xml.CharData:
			if len(s.open) == 0 {
				// Of the raw bytes: neither CDATA nor &#32; may stand here.
				if rest := bytes.TrimLeft(raw, " \t\r\n"); len(rest) > 0 {
					at := to - len(rest)
					if root {
						return s.bad(at, fmt.Errorf("%w: text", ErrTrailing))
					}
					return s.bad(at, errors.New("text before the root element"))
				}
			} else if err := s.references(raw, from); err != nil {
				return err
			}
		case xml.Directive:
			return s.bad(from, ErrDoctype)
		case xml.ProcInst:
			if strings.EqualFold(t.Target, "xml") && (from > s.base || t.Target != "xml") {
				return s.bad(from, errors.New("a declaration that is not at the start"))
			}
			// The tokenizer takes <?xmlversion="1.0"?> for an instruction to "xmlversion".
			end := len("<?") + len(t.Target)
			if next := raw[end]; strings.IndexByte(" \t\r\n", next) < 0 && !bytes.Equal(raw[end:], []byte("?>")) {
				return s.bad(from+end, fmt.Errorf("no white space behind the target of <?%s", cut(t.Target)))
			}
		}
	}
	if len(s.open) > 0 {
		return s.bad(len(s.body), fmt.Errorf("cut off: <%s> is not closed", cut(s.open[len(s.open)-1])))
	}
	if !root {
		return s.bad(len(s.body), errNoRoot)
	}
	return nil
}

// glued returns where, in a start tag, something follows an attribute's value without white
// space between, or -1. The tokenizer does not mind.
func glued(tag []byte) int {
	quote := byte(0)
	for i, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
			if i+1 < len(tag) && strings.IndexByte(" \t\r\n/>", tag[i+1]) < 0 {
				return i + 1
			}
		}
	}
	return -1
}

// references refuses &#xD800; and its like: the tokenizer makes U+FFFD of them.
func (s *scanner) references(raw []byte, from int) error {
	if bytes.HasPrefix(raw, []byte("<![CDATA[")) {
		return nil
	}
	for at := 0; ; at++ {
		i := bytes.Index(raw[at:], []byte("&#"))
		if i < 0 {
			return nil
		}
		at += i
		number, _, _ := strings.Cut(string(raw[at+2:min(len(raw), at+32)]), ";")
		digits, hex := strings.CutPrefix(number, "x")
		base := 10
		if hex {
			base = 16
		}
		n, err := strconv.ParseUint(digits, base, 64)
		if err == nil && 0xD800 <= n && n <= 0xDFFF {
			return s.bad(from+at, fmt.Errorf("half of a surrogate pair: &#%s;", number))
		}
	}
}

func fullName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func repeatedAttr(attrs []xml.Attr) (string, bool) {
	if len(attrs) < 2 {
		return "", false
	}
	seen := make(map[xml.Name]bool, len(attrs))
	for _, a := range attrs {
		if seen[a.Name] {
			return fullName(a.Name), true
		}
		seen[a.Name] = true
	}
	return "", false
}

// reason takes the tokenizer's words without its line number: we have an offset.
func reason(err error) error {
	var e *xml.SyntaxError
	if errors.As(err, &e) {
		if strings.HasPrefix(e.Msg, "invalid character entity") {
			// Without its name: behind a bare ampersand that is a piece of a value.
			return errors.New("invalid character entity, or an ampersand that is not written as &amp;")
		}
		return errors.New(cutMessage(e.Msg))
	}
	return err
}

func cutMessage(s string) string {
	if len(s) > 128 {
		return s[:128]
	}
	return s
}
