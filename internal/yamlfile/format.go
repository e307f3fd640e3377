package yamlfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// width is the longest line that a list of single values may make before it gets one line
// for each value.
const width = 120

// Format returns src in canonical form: two blanks for each level, values plain where that
// is safe and quoted where not, texts of several lines as they are, lists of single values on
// one line while it stays short. A mapping in a list stands on one line if it is written so,
// or if the list stands under one of the keys oneLine; one that holds mappings itself never
// does. The order of keys, comments, and whether a number is quoted are kept. What Parse
// refuses, Format refuses, and it fails rather than lose a comment that has no place. Format
// of its own result changes nothing.
func Format(name string, src []byte, oneLine ...string) ([]byte, error) {
	// The parser may give a comment to another value once the lines stand elsewhere, so the
	// result is formatted until it stays as it is.
	const rounds = 5
	for range rounds {
		out, err := formatOnce(name, src, oneLine)
		if err != nil || bytes.Equal(out, src) {
			return out, err
		}
		src = out
	}
	return nil, &Error{File: name, Text: "the comments have no stable place"}
}

func formatOnce(name string, src []byte, oneLine []string) ([]byte, error) {
	f, err := Parse(name, src)
	if err != nil {
		return nil, err
	}
	e := emitter{oneLine: oneLine}
	e.comment(f.root.HeadComment, 0)
	if f.root.HeadComment != "" {
		e.b.WriteByte('\n')
		e.seen++
	}
	switch f.root.Kind {
	case yaml.MappingNode:
		e.mapping(f.root, 0)
	case yaml.SequenceNode:
		e.sequence(f.root, 0, false)
	default:
		e.b.WriteString(inline(f.root))
		e.b.WriteByte('\n')
	}
	if f.root.FootComment != "" {
		e.comment(f.root.FootComment, 0)
		e.seen++
	}
	if n, line := comments(f.root); n != e.seen {
		return nil, &Error{File: name, Line: line, Text: "a comment inside a line, or after the last entry of a list, has no place; put it above"}
	}
	out := e.b.Bytes()
	again, err := Parse(name, out)
	if err != nil || !same(f.root, again.root) {
		return nil, &Error{File: name, Text: "cannot be formatted without changing what it says"}
	}
	return out, nil
}

type emitter struct {
	b       bytes.Buffer
	oneLine []string
	seen    int // comments written
}

// comments counts the comments under n and says where the last one stands.
func comments(n *yaml.Node) (count, line int) {
	for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
		if c != "" {
			count, line = count+1, n.Line
		}
	}
	for _, c := range n.Content {
		if k, l := comments(c); k > 0 {
			count, line = count+k, l
		}
	}
	return count, line
}

func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.Tag != b.Tag || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

func (e *emitter) comment(text string, indent int) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line != "" {
			e.indent(indent)
			e.b.WriteString(line)
		}
		e.b.WriteByte('\n')
	}
}

func (e *emitter) head(n *yaml.Node, indent int) {
	if n.HeadComment != "" {
		e.comment(n.HeadComment, indent)
		e.seen++
	}
}

// end writes the comments at the end of a line, and the end.
func (e *emitter) end(nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.LineComment != "" {
			e.b.WriteByte(' ')
			e.b.WriteString(n.LineComment)
			e.seen++
		}
	}
	e.b.WriteByte('\n')
}

func (e *emitter) indent(n int) { e.b.WriteString(strings.Repeat(" ", n)) }

func (e *emitter) mapping(n *yaml.Node, indent int) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		e.head(key, indent)
		e.indent(indent)
		e.pair(key, value, indent)
	}
}

// pair writes a key and its value; the indent of the first line stands already.
func (e *emitter) pair(key, value *yaml.Node, indent int) {
	k := scalar(key)
	e.b.WriteString(k)
	e.b.WriteByte(':')
	switch {
	case value.Kind == yaml.ScalarNode:
		if lines, ok := literal(value.Value, indent+2); ok {
			e.b.WriteString(lines)
			e.end(key, value)
			return
		}
		e.b.WriteByte(' ')
		e.b.WriteString(scalar(value))
		e.end(key, value)
	case len(value.Content) == 0:
		e.b.WriteByte(' ')
		e.b.WriteString(inline(value))
		e.end(key, value)
	case value.Kind == yaml.MappingNode:
		e.end(key)
		e.head(value, indent+2)
		e.mapping(value, indent+2)
	default:
		if text := inline(value); flat(value) && indent+len(k)+2+utf8.RuneCountInString(text) <= width {
			e.b.WriteByte(' ')
			e.b.WriteString(text)
			e.end(key, value)
			return
		}
		e.end(key)
		e.head(value, indent+2)
		e.sequence(value, indent+2, slices.Contains(e.oneLine, key.Value))
	}
}

func (e *emitter) sequence(n *yaml.Node, indent int, oneLine bool) {
	for _, item := range n.Content {
		e.head(item, indent)
		e.indent(indent)
		e.b.WriteString("- ")
		switch {
		case item.Kind == yaml.ScalarNode:
			e.b.WriteString(scalar(item))
			e.end(item)
		case item.Kind == yaml.MappingNode && len(item.Content) > 0 && !((oneLine || item.Style&yaml.FlowStyle != 0) && row(item)):
			for i := 0; i+1 < len(item.Content); i += 2 {
				key, value := item.Content[i], item.Content[i+1]
				if i > 0 {
					e.head(key, indent+2)
					e.indent(indent + 2)
				}
				e.pair(key, value, indent+2)
			}
		default:
			e.b.WriteString(inline(item))
			e.end(item)
		}
	}
}

// flat reports whether a list holds single values alone, without comments.
func flat(n *yaml.Node) bool {
	for _, c := range n.Content {
		if k, _ := comments(c); k > 0 || c.Kind != yaml.ScalarNode {
			return false
		}
	}
	return n.Kind == yaml.SequenceNode
}

// row reports whether a mapping may stand on one line: single values and lists of them.
func row(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := n.Content[i+1]
		if value.Kind != yaml.ScalarNode && !(value.Kind == yaml.SequenceNode && flat(value)) {
			return false
		}
	}
	return true
}

// inline writes a value on one line.
func inline(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, c := range n.Content {
			items[i] = inline(c)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case yaml.MappingNode:
		pairs := make([]string, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			pairs = append(pairs, scalar(n.Content[i])+": "+inline(n.Content[i+1]))
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	}
	return scalar(n)
}

// literal writes a text of several lines as they are, below the key.
func literal(s string, indent int) (string, bool) {
	body, one := strings.CutSuffix(s, "\n")
	if !strings.Contains(s, "\n") || strings.HasSuffix(body, "\n") || body == "" || strings.HasPrefix(body, " ") || strings.HasPrefix(body, "\n") {
		return "", false
	}
	for _, r := range body {
		if r != '\n' && !unicode.IsPrint(r) {
			return "", false
		}
	}
	var b strings.Builder
	b.WriteString(" |")
	if !one {
		b.WriteByte('-')
	}
	for _, line := range strings.Split(body, "\n") {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString(strings.Repeat(" ", indent))
			b.WriteString(line)
		}
	}
	return b.String(), true
}

// words are texts that some YAML readers take for a boolean or for nothing.
var words = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"}

// scalar writes a single value: plain if every reader takes it for the same text, or if it
// was plain and is no text; else quoted.
func scalar(n *yaml.Node) string {
	s := n.Value
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && n.Tag != "!!str" {
		return s
	}
	if plainText(s) {
		return s
	}
	if strings.ContainsAny(s, `"\`) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func plainText(s string) bool {
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsAny(s, ":#,[]{}\"'\\") || strings.ContainsAny(s[:1], "-?&*!|>%@`=") {
		return false
	}
	if slices.Contains(words, strings.ToLower(s)) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(s), &n); err != nil || len(n.Content) != 1 {
		return false
	}
	return n.Content[0].Tag == "!!str" && n.Content[0].Value == s
}
