package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	// MaxSize is the most bytes that a file may have.
	MaxSize = 1 << 20
	// MaxDepth is the deepest nesting of lists and mappings.
	MaxDepth = 64
)

// A File is a parsed document. It does not change and may be used from several goroutines.
type File struct {
	name string
	root *yaml.Node
}

// Name returns the name that the file was parsed under.
func (f *File) Name() string { return f.name }

// Read parses the file called name in fsys. It never reads more than MaxSize bytes and one.
func Read(fsys fs.FS, name string) (*File, error) {
	r, err := fsys.Open(name)
	if err != nil {
		return nil, &Error{File: name, Text: "cannot be opened", Err: err}
	}
	defer r.Close()
	src, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, &Error{File: name, Text: "cannot be read", Err: err}
	}
	return Parse(name, src)
}

// Decode parses src and decodes it into into, which is a pointer; see [File.Decode].
func Decode(name string, src []byte, into any) error {
	f, err := Parse(name, src)
	if err != nil {
		return err
	}
	return f.Decode(into)
}

// Parse checks src and returns it as a File. The name is used in errors only.
func Parse(name string, src []byte) (*File, error) {
	if len(src) > MaxSize {
		return nil, &Error{File: name, Text: fmt.Sprintf("more than %d bytes", MaxSize)}
	}
	if !utf8.Valid(src) {
		return nil, &Error{File: name, Line: 1 + bytes.Count(src[:invalidAt(src)], []byte("\n")), Text: "not UTF-8"}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Error{File: name, Text: "empty"}
		}
		return nil, fromParser(name, err)
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return nil, &Error{File: name, Line: second.Line, Text: "a second document"}
	} else if !errors.Is(err, io.EOF) {
		return nil, fromParser(name, err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Error{File: name, Text: "empty"}
	}
	f := &File{name: name, root: doc.Content[0]}
	f.root.HeadComment = joinComments(doc.HeadComment, f.root.HeadComment)
	f.root.FootComment = joinComments(f.root.FootComment, doc.FootComment)
	var w walker
	w.file = name
	w.walk(f.root, 1)
	if len(w.errs) > 0 {
		return nil, errors.Join(w.errs...)
	}
	return f, nil
}

func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}

func joinComments(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

// A walker collects what the rules of this package forbid.
type walker struct {
	file string
	errs []error
}

// maxErrors bounds what one broken file can make us say.
const maxErrors = 20

func (w *walker) add(n *yaml.Node, format string, args ...any) {
	if len(w.errs) < maxErrors {
		w.errs = append(w.errs, &Error{File: w.file, Line: n.Line, Text: fmt.Sprintf(format, args...)})
	}
}

func (w *walker) walk(n *yaml.Node, depth int) {
	if depth > MaxDepth {
		w.add(n, "nested more than %d levels deep", MaxDepth)
		return
	}
	if n.Kind == yaml.AliasNode {
		w.add(n, "an alias; write the value out, or quote it if it begins with a star")
		return
	}
	if n.Anchor != "" {
		w.add(n, "an anchor; quote the value if it begins with an ampersand")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		w.add(n, "a tag; quote the value if it begins with an exclamation mark")
		return
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			w.add(n, `null or nothing where a value is due; an empty text is written ""`)
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			w.walk(c, depth+1)
		}
	case yaml.MappingNode:
		lines := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			switch {
			case key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 || key.Tag == "!!null":
				w.add(key, "a key that is not a plain text")
				continue
			case key.Tag == "!!merge":
				w.add(key, "a merge key; write the values out")
				continue
			case key.Anchor != "":
				w.add(key, "an anchor")
				continue
			}
			if first, ok := lines[key.Value]; ok {
				w.add(key, "key %s stands on line %d already", cut(key.Value), first)
			}
			lines[key.Value] = key.Line
			w.walk(value, depth+1)
		}
	default:
		w.add(n, "not a value")
	}
}

// Line returns the line of the value at path, whose steps are keys (string) and list indexes
// (int, from 0). Where the path leaves the file it is the line of the last value on the way.
func (f *File) Line(path ...any) int {
	n := f.root
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch s := step.(type) {
	case string:
		if n.Kind != yaml.MappingNode {
			return nil
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == s {
				return n.Content[i+1]
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && s >= 0 && s < len(n.Content) {
			return n.Content[s]
		}
	}
	return nil
}

// Errorf returns an Error about the value at path (see [File.Line]). The caller answers for
// what it puts into the text: names, not values that may be secret. A %w is unwrapped.
func (f *File) Errorf(path []any, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	steps := make([]string, len(path))
	for i, s := range path {
		steps[i] = fmt.Sprint(s)
	}
	text := err.Error()
	if len(steps) > 0 {
		text = strings.Join(steps, "/") + ": " + text
	}
	return &Error{File: f.name, Line: f.Line(path...), Text: text, Err: errors.Unwrap(err)}
}
