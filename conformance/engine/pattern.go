package engine

import (
	"fmt"
	"strings"
)

// A Pattern selects cases by their path, operation/probe/check. * stands for any text within a
// segment, ** as a segment for any number of segments. A pattern with fewer segments than a path
// selects all below it, so a bare operation means all of its cases.
type Pattern struct {
	text     string
	segments []string
}

// ParsePattern reads a pattern. An empty one, or one with an empty segment, is an error.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: text, segments: strings.Split(text, "/")}
	for _, s := range p.segments {
		if s == "" {
			return Pattern{}, fmt.Errorf("engine: pattern %q has an empty segment; want operation, operation/probe or operation/probe/check", cut(text))
		}
	}
	return p, nil
}

func cut(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// Match tells whether the pattern selects the path, or something above it.
func (p Pattern) Match(path string) bool { return matchSegments(p.segments, strings.Split(path, "/")) }

// matchSegments takes time in proportion to the product of the lengths: on a mismatch only the last **
// takes one segment more. What is left of the path is below what the pattern selects.
func matchSegments(pattern, path []string) bool {
	p, s, star, from := 0, 0, -1, 0
	for p < len(pattern) {
		switch {
		case pattern[p] == "**":
			star, from = p, s
			p++
		case s < len(path) && matchSegment(pattern[p], path[s]):
			p++
			s++
		case star >= 0 && from < len(path):
			from++
			p, s = star+1, from
		default:
			return false
		}
	}
	return true
}

// matchSegment matches * within a segment, in time proportional to the product of the lengths.
func matchSegment(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, last)
}

// A selection is what --run and --skip leave.
type selection struct{ run, skip []counted }

type counted struct {
	Pattern
	flag string
	n    int
}

func newSelection(run, skip []string) (*selection, error) {
	s := &selection{}
	for _, list := range []struct {
		flag string
		from []string
		into *[]counted
	}{{"run", run, &s.run}, {"skip", skip, &s.skip}} {
		for _, text := range list.from {
			p, err := ParsePattern(text)
			if err != nil {
				return nil, err
			}
			*list.into = append(*list.into, counted{Pattern: p, flag: list.flag})
		}
	}
	return s, nil
}

// takes tells whether the case is selected, and counts which patterns matched.
func (s *selection) takes(path string) bool {
	in := len(s.run) == 0
	for i := range s.run {
		if s.run[i].Match(path) {
			s.run[i].n++
			in = true
		}
	}
	for i := range s.skip {
		if s.skip[i].Match(path) {
			s.skip[i].n++
			in = false
		}
	}
	return in
}

// unmatched names the patterns that matched nothing.
func (s *selection) unmatched() []string {
	var out []string
	for _, list := range [][]counted{s.run, s.skip} {
		for _, c := range list {
			if c.n == 0 {
				out = append(out, fmt.Sprintf("--%s %s", c.flag, c.text))
			}
		}
	}
	return out
}
