package schema

import "strings"

// maxExponent bounds the zeros that a short text such as 1e400 can stand for.
const maxExponent = 400

// A decimal is a number as text, taken apart: whole has no zeros in front, fraction none at
// its end, so equal numbers have equal parts.
type decimal struct {
	negative        bool
	whole, fraction string
}

// parseDecimal takes -12, 12.50 and, since JSON may write it so, 1.25e1.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var ok bool
		if exponent, ok = parseExponent(s[i+1:]); !ok {
			return d, false
		}
		s = s[:i]
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(fraction) {
		return d, false
	}
	for ; exponent > 0; exponent-- {
		if fraction == "" {
			fraction = "0"
		}
		whole, fraction = whole+fraction[:1], fraction[1:]
	}
	for ; exponent < 0; exponent++ {
		if whole == "" {
			whole = "0"
		}
		whole, fraction = whole[:len(whole)-1], whole[len(whole)-1:]+fraction
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.fraction = strings.TrimRight(fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.negative = false
	}
	return d, true
}

func parseExponent(s string) (int, bool) {
	sign := 1
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if !digits(s) || len(s) > 3 {
		return 0, false
	}
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return sign * n, n <= maxExponent
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (d decimal) compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	c := len(d.whole) - len(e.whole)
	if c == 0 {
		c = strings.Compare(d.whole, e.whole)
	}
	if c == 0 {
		c = strings.Compare(d.fraction, e.fraction)
	}
	if d.negative {
		c = -c
	}
	return max(-1, min(1, c))
}

// CompareDecimal compares two numbers given as text, exactly: 20 equals 20.00 and 2e1. It
// returns -1, 0 or 1, and false where one of them is no number.
func CompareDecimal(a, b string) (int, bool) {
	x, ok := parseDecimal(a)
	y, ok2 := parseDecimal(b)
	if !ok || !ok2 {
		return 0, false
	}
	return x.compare(y), true
}
