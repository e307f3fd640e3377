package sigform

import (
	"math"
	"strconv"
	"strings"

	"github.com/fpconform/fpconform/sig"
)

// splitName cuts a name before its first bracket. ok says that the name is nested: it has a
// beginning, and behind it nothing but bracketed names.
func splitName(name string) (base, brackets string, ok bool) {
	i := strings.IndexByte(name, '[')
	if i <= 0 { // with nothing before the bracket PHP sees no name at all
		return name, "", false
	}
	base, brackets = name[:i], name[i:]
	for rest := brackets; rest != ""; {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 {
			return name, "", false
		}
		rest = rest[end+1:]
	}
	return base, brackets, true
}

// A tree collects the fields of the exact view.
type tree struct {
	top   branch
	count int
}

// A branch is a list of fields that is still growing.
type branch struct {
	fields   []sig.Field
	branches []subBranch
	byName   map[string]*branch // of branches, once there are many
	index    counter
}

type subBranch struct {
	at int // its place in fields
	*branch
}

func (t *tree) message() sig.Message { return t.top.close() }

func (b *branch) close() []sig.Field {
	for _, s := range b.branches {
		b.fields[s.at].Children = s.close()
	}
	return b.fields
}

func (t *tree) add(name, value string) error {
	base, brackets, nested := splitName(name)
	b := &t.top
	if !nested {
		return t.leaf(b, name, value)
	}
	step := base
	for depth := 1; brackets != ""; depth++ {
		if depth > MaxDepth {
			return ErrDepth
		}
		var err error
		if b, err = t.branch(b, step); err != nil {
			return err
		}
		end := strings.IndexByte(brackets, ']')
		step, brackets = brackets[1:end], brackets[end+1:]
		if step == "" { // a[]: numbers from 0 and goes on after the greatest index
			n, ok := b.index.next()
			if !ok {
				return ErrIndex
			}
			step = strconv.FormatInt(n, 10)
		} else {
			b.index.see(step)
		}
	}
	return t.leaf(b, step, value)
}

func (t *tree) leaf(b *branch, name, value string) error {
	if t.count++; t.count > MaxFields {
		return ErrFields
	}
	b.fields = append(b.fields, sig.Field{Name: name, Value: value})
	return nil
}

// manyBranches is from when on a map finds a branch faster than looking at each.
const manyBranches = 8

// branch returns the branch in b of that name, made where it stands first.
func (t *tree) branch(b *branch, name string) (*branch, error) {
	if b.byName != nil {
		if s := b.byName[name]; s != nil {
			return s, nil
		}
	} else {
		for i := len(b.branches) - 1; i >= 0; i-- {
			if s := b.branches[i]; b.fields[s.at].Name == name {
				return s.branch, nil
			}
		}
	}
	if t.count++; t.count > MaxFields {
		return nil, ErrFields
	}
	s := subBranch{at: len(b.fields), branch: new(branch)}
	b.fields = append(b.fields, sig.Field{Name: name})
	b.branches = append(b.branches, s)
	switch {
	case b.byName != nil:
		b.byName[name] = s.branch
	case len(b.branches) > manyBranches:
		b.byName = make(map[string]*branch, 4*manyBranches)
		for _, s := range b.branches {
			b.byName[b.fields[s.at].Name] = s.branch
		}
	}
	return s.branch, nil
}

// A counter gives out the index of [], as PHP's arrays do.
type counter struct {
	free  int64
	begun bool // an index was seen or given out
	full  bool // the greatest one was
}

// see takes note of an index that was written out.
func (c *counter) see(name string) {
	n, ok := phpIndex(name)
	if !ok || c.begun && n < c.free {
		return
	}
	c.begun = true
	if n == math.MaxInt64 {
		c.free, c.full = n, true
		return
	}
	c.free = n + 1 // PHP 8: also after a negative index, which PHP 7 would follow by 0
}

func (c *counter) next() (n int64, ok bool) {
	if c.full {
		return 0, false
	}
	n = c.free
	c.begun = true
	if n == math.MaxInt64 {
		c.full = true
	} else {
		c.free++
	}
	return n, true
}

// phpIndex reads a name that PHP turns into an integer key: one that an integer prints as,
// so not 007, -0 or +1.
func phpIndex(name string) (int64, bool) {
	if name == "" || name[0] > '9' || len(name) > len("-9223372036854775808") {
		return 0, false
	}
	n, err := strconv.ParseInt(name, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == name
}
