package sigform

import (
	"fmt"
	"strings"
)

// URLEncoded is the content type of a form as browsers send it by default.
const URLEncoded = "application/x-www-form-urlencoded"

// multipartForm is the content type of a form in parts, but for its boundary.
const multipartForm = "multipart/form-data"

// boundaryOf reads a content type: an empty boundary means urlencoded.
//
// mime.ParseMediaType is not used: it refuses a boundary such as ----=_Part_1 without
// quotes, which Java programs send and PHP takes.
func boundaryOf(contentType string) (string, error) {
	media, rest, _ := strings.Cut(contentType, ";")
	media = strings.Trim(media, " \t")
	if strings.EqualFold(media, URLEncoded) {
		return "", nil // RFC 6838: this type has no parameters; a charset is ignored, as PHP does
	}
	if !strings.EqualFold(media, multipartForm) {
		return "", fmt.Errorf("%w: %q", ErrContentType, cut(contentType))
	}
	boundary, found := "", false
	for rest != "" {
		p, err := nextParam(&rest, false)
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrBoundary, err)
		}
		if p.bare || !strings.EqualFold(p.key, "boundary") {
			continue
		}
		if found {
			return "", fmt.Errorf("%w: two boundaries", ErrBoundary)
		}
		boundary, found = p.value, true
		if !p.quoted && strings.ContainsAny(boundary, "\" ,\t") {
			return "", fmt.Errorf("%w: %q needs quotes", ErrBoundary, cut(boundary))
		}
	}
	switch {
	case !found:
		return "", ErrBoundary
	case boundary == "" || len(boundary) > 70: // RFC 2046 section 5.1.1
		return "", fmt.Errorf("%w: %d bytes long, which must be 1 to 70", ErrBoundary, len(boundary))
	case boundary[len(boundary)-1] == ' ':
		return "", fmt.Errorf("%w: %q ends in a space", ErrBoundary, boundary)
	}
	for i := range len(boundary) {
		// RFC 2046 allows fewer, but "*****" is in every Android tutorial.
		if c := boundary[i]; c < ' ' || c > '~' {
			return "", fmt.Errorf("%w: %q", ErrBoundary, boundary)
		}
	}
	return boundary, nil
}

type param struct {
	key, value string
	quoted     bool
	bare       bool // a key without "="
}

// nextParam takes one parameter, key=value or key="value", and the semicolon after it off
// the beginning of s. In a quoted value a backslash protects a quote or a backslash and
// stands for itself elsewhere, as in PHP; php says that single quotes count, as they do there.
func nextParam(s *string, php bool) (param, error) {
	var p param
	t := strings.TrimLeft(*s, " \t")
	end := strings.IndexAny(t, ";=")
	if end < 0 || t[end] == ';' { // a parameter without a value, or nothing between two semicolons
		p.key = t
		*s = ""
		if end >= 0 {
			p.key, *s = t[:end], t[end+1:]
		}
		p.key, p.bare = strings.TrimRight(p.key, " \t"), true
		return p, nil
	}
	p.key = t[:end] // with a space before "=" it is another key, as it is in PHP
	t = strings.TrimLeft(t[end+1:], " \t")
	if t == "" || t[0] != '"' && !(php && t[0] == '\'') {
		p.value, *s, _ = strings.Cut(t, ";")
		p.value = strings.TrimRight(p.value, " \t")
		return p, nil
	}
	p.quoted = true
	quote := t[0]
	var b strings.Builder
	i := 1
	for ; i < len(t) && t[i] != quote; i++ {
		if t[i] == '\\' && i+1 < len(t) && (t[i+1] == quote || t[i+1] == '\\') {
			i++
		}
		b.WriteByte(t[i])
	}
	if i == len(t) {
		return p, fmt.Errorf("parameter %q: quote without an end", cut(p.key))
	}
	p.value = b.String()
	t = strings.TrimLeft(t[i+1:], " \t")
	if t != "" && t[0] != ';' {
		return p, fmt.Errorf("parameter %q: %q after the closing quote", cut(p.key), cut(t))
	}
	*s = strings.TrimPrefix(t, ";")
	return p, nil
}
