package report

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"leaves text as it is", "Заказ ☕ <a> “x” \\", "Заказ ☕ <a> “x” \\"},
		{"shows escape sequences", "\x1b[2J\x07", `\x1b[2J\x07`},
		{"shows line breaks, so a finding stays in its lines", "a\r\n\tb", `a\r\n\tb`},
		{"shows a byte order mark", "\ufeff<?xml", `\ufeff<?xml`},
		{"shows what turns the direction of reading", "\u202egnp", `\u202egnp`},
		{"shows a space that is not a space", "1\u00a0000", `1\u00a0000`},
		{"shows bytes that are not UTF-8", "caf\xe9 \xff", `caf\xe9 \xff`},
		{"tells U+FFFD from a wrong byte", "\ufffd\xff", "\ufffd" + `\xff`},
		{"shows characters beyond the basic plane that do not print", "\U000e0001", `\U000e0001`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := printable(c.in); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"leaves what fits", "жж", 4, "жж"},
		{"ends between two characters", "жжж", 5, "жж… (6 bytes in all)"},
		{"ends before a character of four bytes", "a\U0001f600b", 4, "a… (6 bytes in all)"},
		{"does not eat its way through what is not UTF-8", strings.Repeat("\x80", 20), 10, strings.Repeat("\x80", 6) + "… (20 bytes in all)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := cut(c.in, c.limit); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, in string
		width    int
		want     []string
	}{
		{"leaves what fits", "a b", 3, []string{"a b"}},
		{"breaks after a word", "aaaa bbbb cccc", 10, []string{"aaaa bbbb", "cccc"}},
		{"breaks at the space that stands where the line ends", "aaaa bbbb", 4, []string{"aaaa", "bbbb"}},
		{"breaks a word that is too long", "abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"does not leave half a line for one long word", "a " + strings.Repeat("b", 12), 10, []string{"a bbbbbbbb", "bbbb"}},
		{"counts characters, not bytes", "жжжж жж", 7, []string{"жжжж жж"}},
		{"keeps all other spaces", "a   b", 10, []string{"a   b"}},
		{"makes one line of nothing", "", 10, []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := wrap(c.in, c.width); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzPrintable: whatever comes, what is shown prints, fits, and has every character that came.
func FuzzPrintable(f *testing.F) {
	seeds := []string{"", "a b", "\x1b[2J", "\xff\xfe", "Заказ", "é", strings.Repeat(" ", 99), strings.Repeat("x", 999)}
	for _, s := range seeds {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = 1 + max(0, width%200)
		p := printable(s)
		for _, c := range p {
			if !unicode.IsPrint(c) {
				t.Fatalf("%q shows %U", p, c)
			}
		}
		if printable(p) != p {
			t.Fatalf("%q is shown as %q", p, printable(p))
		}
		var all strings.Builder
		for _, l := range wrap(p, width) {
			n := 0
			for _, c := range l {
				if !unicode.Is(unicode.Mn, c) {
					n++
				}
			}
			if n > width {
				t.Fatalf("%q has %d columns, want at most %d", l, n, width)
			}
			all.WriteString(l)
		}
		if got, want := strings.ReplaceAll(all.String(), " ", ""), strings.ReplaceAll(p, " ", ""); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		if c := cut(p, width); !utf8.ValidString(c) {
			t.Fatalf("cut in a character: %q", c)
		}
	})
}
