package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable shows s on one line of a terminal. What a peer sends is not trusted with escape
// sequences, line breaks or right-to-left marks: whatever does not print is written as its escape,
// so a byte order mark or a no-break space can be seen too.
func printable(s string) string {
	if isPrintable(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			fmt.Fprintf(&b, `\U%08x`, c)
		}
		i += n
	}
	return b.String()
}

func isPrintable(s string) bool {
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n == 1 || !unicode.IsPrint(c) {
			return false
		}
		i += n
	}
	return true
}

// cut returns s if it has at most limit bytes, else its beginning, which ends between two
// characters, and how long the whole is.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && limit-end < utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes in all)", s[:end], len(s))
}

// quote shows an offending value in an error.
func quote(s string) string { return fmt.Sprintf("%q", cut(s, 64)) }

// wrap breaks s, which is printable, into lines of at most width columns: after a word where one
// ends in the second half of the line, else anywhere between two characters. The space at which a
// line is broken goes; all others stay, since values may differ in nothing but spaces.
func wrap(s string, width int) []string {
	var lines []string
	for {
		columns, end, space := 0, len(s), -1
		for i, c := range s {
			if !unicode.Is(unicode.Mn, c) {
				columns++
			}
			if columns > width {
				end = i
				if c == ' ' {
					space = i
				}
				break
			}
			if c == ' ' && 2*columns > width {
				space = i
			}
		}
		if end == len(s) {
			return append(lines, s)
		}
		if space >= 0 {
			lines = append(lines, s[:space])
			s = s[space+1:]
		} else {
			lines = append(lines, s[:end])
			s = s[end:]
		}
	}
}
