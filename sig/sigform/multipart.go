package sigform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A part is one part of a multipart form, its header not yet judged.
type part struct {
	disposition string // the values of these three headers
	contentType string
	encoding    string
	value       []byte
}

// eachPart calls add with every part of body, in order. An error of add comes back with the
// offset at which its part's header begins.
//
// mime/multipart is not used: it has no offsets, decodes quoted-printable in silence, which
// PHP does not, and goes on past a boundary with other bytes behind it.
func eachPart(body []byte, boundary string, add func(part) error) error {
	delimiter := []byte("\n--" + boundary)
	at := 0
	if !bytes.HasPrefix(body, delimiter[1:]) {
		// RFC 2046 section 5.1.1: what stands before the first boundary is to be ignored.
		if at = bytes.Index(body, delimiter) + 1; at == 0 {
			return &SyntaxError{Offset: len(body), Err: fmt.Errorf("the boundary %q never comes", boundary)}
		}
	}
	for {
		at += len(delimiter) - 1
		next, last, ok := afterBoundary(body, at)
		if !ok {
			return &SyntaxError{Offset: at, Err: errors.New("the boundary is not followed by a line break")}
		}
		if last {
			return nil // and what stands behind is to be ignored too
		}
		header := next
		p, value, err := partHeader(body, header)
		if err != nil {
			return err
		}
		// The line break before the boundary belongs to the boundary. That of the empty line
		// may be the same one: such a part is empty.
		end := bytes.Index(body[value-1:], delimiter)
		if end < 0 {
			return &SyntaxError{Offset: len(body), Err: errors.New("cut off: the last boundary is missing")}
		}
		end += value - 1
		at = end + 1
		if end > value && body[end-1] == '\r' {
			end--
		}
		p.value = body[value:max(end, value)]
		if err := add(p); err != nil {
			return &SyntaxError{Offset: header, Err: err}
		}
	}
}

// afterBoundary looks at what follows a boundary: "--" behind the last, and then white space
// and a line break, which may be missing behind the last.
func afterBoundary(body []byte, at int) (next int, last, ok bool) {
	if bytes.HasPrefix(body[at:], []byte("--")) {
		at, last = at+2, true
	}
	for at < len(body) && (body[at] == ' ' || body[at] == '\t') {
		at++
	}
	if at == len(body) {
		return at, last, last
	}
	if body[at] == '\r' {
		at++
	}
	return at + 1, last, at < len(body) && body[at] == '\n'
}

// partHeader reads the header of the part that begins at from. Lines may end in LF alone, as
// PHP allows.
func partHeader(body []byte, from int) (p part, value int, err error) {
	bad := func(at int, format string, a ...any) (part, int, error) {
		return part{}, 0, &SyntaxError{Offset: at, Err: fmt.Errorf(format, a...)}
	}
	var seen [3]bool
	at := from
	for {
		window := body[at:min(len(body), from+MaxPartHeader)]
		n := bytes.IndexByte(window, '\n')
		if n < 0 {
			if len(body) > from+MaxPartHeader {
				return bad(from+MaxPartHeader, "part header of more than %d bytes", MaxPartHeader)
			}
			return bad(len(body), "cut off in the header of a part")
		}
		line := bytes.TrimSuffix(window[:n], []byte("\r"))
		lineAt := at
		at += n + 1
		if len(line) == 0 {
			break
		}
		for i, c := range line {
			if c < ' ' && c != '\t' || c == 0x7f {
				return bad(lineAt+i, "control character in the header of a part")
			}
		}
		if line[0] == ' ' || line[0] == '\t' {
			return bad(lineAt, "folded header in a part")
		}
		name, text, ok := strings.Cut(string(line), ":")
		if !ok {
			return bad(lineAt, "header of a part without a colon")
		}
		for i, h := range [...]struct {
			name string
			into *string
		}{
			{"Content-Disposition", &p.disposition},
			{"Content-Type", &p.contentType},
			{"Content-Transfer-Encoding", &p.encoding},
		} {
			if !strings.EqualFold(name, h.name) {
				continue
			}
			if seen[i] {
				return bad(lineAt, "a part has two headers %s", h.name)
			}
			seen[i], *h.into = true, strings.Trim(text, " \t")
		}
	}
	if !seen[0] {
		return bad(from, "part without a content-disposition")
	}
	return p, at, nil
}

// exactName returns the name of a part that is a plain field.
func (p part) exactName() (string, error) {
	name, file, err := p.name(false)
	if err != nil {
		return "", err
	}
	if file {
		return "", ErrFile
	}
	if media, _, _ := strings.Cut(p.contentType, ";"); len(media) >= 10 && strings.EqualFold(media[:10], "multipart/") {
		return "", errors.New("a multipart in a part") // deprecated by RFC 7578 section 4.3
	}
	switch strings.ToLower(p.encoding) {
	case "", "7bit", "8bit", "binary":
	default:
		// RFC 7578 section 4.7. Python's and Java's mail libraries write it; PHP does not read it.
		return "", fmt.Errorf("a part with the transfer encoding %q, which nobody undoes", cut(p.encoding))
	}
	return name, nil
}

// phpName returns the name of a part as PHP reads it; a file is no field.
func (p part) phpName() (name string, isField bool, err error) {
	name, file, err := p.name(true)
	return name, !file, err
}

func (p part) name(php bool) (name string, file bool, err error) {
	kind, rest, _ := strings.Cut(p.disposition, ";")
	if !strings.EqualFold(strings.TrimRight(kind, " \t"), "form-data") {
		return "", false, fmt.Errorf("content-disposition %q instead of form-data", cut(kind))
	}
	named := false
	for rest != "" {
		q, err := nextParam(&rest, php)
		if err != nil {
			return "", false, fmt.Errorf("content-disposition: %w", err)
		}
		if q.bare {
			continue
		}
		switch strings.ToLower(q.key) {
		case "name":
			if named {
				return "", false, errors.New("content-disposition with two names")
			}
			name, named = q.value, true
		case "filename", "filename*": // an empty one too: PHP lists it as an upload without a file
			file = true
		}
	}
	if !named {
		return "", false, errors.New("content-disposition without a name") // name* is none: RFC 7578 section 4.2
	}
	return name, file, nil
}
