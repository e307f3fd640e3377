package sig

import (
	"iter"
	"strconv"
	"strings"
)

// Names that the scheme itself uses.
const (
	FieldSig  = "pg_sig"  // never part of what is signed
	FieldSalt = "pg_salt" // random letters and digits, at least one
)

// A Field is a leaf with a Value or a branch with Children.
// Children is nil for a leaf; a branch without children has an empty, non-nil slice.
//
// Value is the text as it is after decoding: percent signs, XML entities and JSON
// escapes are gone, nothing is trimmed or reformatted (SIG-18).
type Field struct {
	Name     string
	Value    string
	Children []Field
}

// A Message is a list of fields in wire order. Names may repeat, and their order counts.
//
// A list is a branch whose children have the names 0, 1, 2, ...; that is how a form and
// JSON write it. XML writes the same as repeated tags, which are repeated names here.
type Message []Field

// Leaf returns a field that holds a value.
func Leaf(name, value string) Field { return Field{Name: name, Value: value} }

// Branch returns a field that holds other fields, with or without any.
func Branch(name string, children ...Field) Field {
	if children == nil {
		children = []Field{}
	}
	return Field{Name: name, Children: children}
}

// Get returns the value of the first top-level leaf called name and how many such leaves
// there are. A branch of that name is not counted.
func (m Message) Get(name string) (value string, n int) {
	for i := range m {
		if m[i].Name != name || m[i].Children != nil {
			continue
		}
		if n == 0 {
			value = m[i].Value
		}
		n++
	}
	return value, n
}

// Without returns m less its top-level fields called name, leaves and branches alike.
// The list is a new one; nested fields are shared with m.
func (m Message) Without(name string) Message {
	out := make(Message, 0, len(m))
	for _, f := range m {
		if f.Name != name {
			out = append(out, f)
		}
	}
	return out
}

// All yields every leaf depth first in wire order, with its path. A branch without children
// yields nothing. Each path is a copy of its own; the fields are those of m.
func (m Message) All() iter.Seq2[Path, *Field] {
	return func(yield func(Path, *Field) bool) {
		allLeaves(m, nil, yield)
	}
}

func allLeaves(fields []Field, parent Path, yield func(Path, *Field) bool) bool {
	counts := make(map[string]int, len(fields))
	for i := range fields {
		counts[fields[i].Name]++
	}
	seen := make(map[string]int)
	for i := range fields {
		f := &fields[i]
		step := Step{Name: f.Name}
		if counts[f.Name] > 1 {
			seen[f.Name]++
			step.Index = seen[f.Name]
		}
		if f.Children != nil {
			if !allLeaves(f.Children, append(parent, step), yield) {
				return false
			}
			continue
		}
		path := make(Path, 0, len(parent)+1)
		if !yield(append(append(path, parent...), step), f) {
			return false
		}
	}
	return true
}

// A Path says where a field stands: pg_receipt_positions[2]/pg_name. Indexes start at 1,
// count siblings of the same name, and are left out where the name is unique. An item of a
// list has its number as its name and counts from where the sender counts: items/0/name.
type Path []Step

// A Step is one level of a [Path]. Index is 0 where the name is unique among its siblings.
type Step struct {
	Name  string
	Index int
}

// String joins the steps by slashes. A name that could be misread in a path or would break
// the line is quoted as in Go source.
func (p Path) String() string { return p.text(-1) }

// text is String with each name cut at limit bytes, unless limit is negative.
func (p Path) text(limit int) string {
	var b strings.Builder
	for i, s := range p {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(stepName(s.Name, limit))
		if s.Index > 0 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.Index))
			b.WriteByte(']')
		}
	}
	return b.String()
}

func stepName(name string, limit int) string {
	cut := limit >= 0 && len(name) > limit
	if cut {
		name = strings.ToValidUTF8(name[:limit], "")
	}
	plain := name != "" && !strings.ContainsAny(name, `/[]"`) && strconv.Quote(name) == `"`+name+`"`
	if !plain {
		name = strconv.Quote(name)
	}
	if cut {
		name += "…"
	}
	return name
}
