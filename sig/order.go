package sig

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// An Order is a way to line up the leaves of a message for signing. Which one a peer lives
// by shows only in messages with nested lists of more than ten items, with a name that
// continues another by a digit (pg_param1, pg_param10) or a nested pg_sig (SIG-17).
//
// Reference and Documented give every leaf a sort name: the sort name of its branch, its
// own name, and its position among its siblings, counted from 1 and written with three
// digits (four from 1000 on). Then they compare these names byte by byte. They differ from
// PHP's ksort only where a sort name begins with a digit, a sign, a point or white space:
// PHP compares such names as numbers, and not the same way in every version.
//
// A value that is none of the three behaves like Reference.
type Order uint8

const (
	// Reference is the default and what the official class does. It agrees with Documented
	// up to the tenth item of a list; from the eleventh on, items keep message order.
	// A pg_sig on any level is skipped, but its position counts.
	Reference Order = iota

	// Documented is the PHP routine printed in the documentation. The index of a list item
	// is part of its sort name, so that items run 0, 10, 1, 11, 2. It does not know pg_sig:
	// callers take out their own first, and a nested one is signed.
	Documented

	// Alphabetical is the rule in words: by name on every level (SIG-2, SIG-3), equal names
	// and the items of a list in message order (SIG-4). No position is part of a name.
	// A pg_sig on any level is skipped.
	Alphabetical
)

var orderNames = [...]string{"reference", "documented", "alphabetical"}

// String returns the order's name: reference, documented or alphabetical.
func (o Order) String() string {
	if int(o) < len(orderNames) {
		return orderNames[o]
	}
	return "Order(" + strconv.Itoa(int(o)) + ")"
}

// ParseOrder returns the order of this name, as String writes it.
func ParseOrder(name string) (Order, error) {
	if i := slices.Index(orderNames[:], name); i >= 0 {
		return Order(i), nil
	}
	return Reference, fmt.Errorf("sig: no order is called %s: reference, documented, alphabetical", quote(name))
}

// Fields yields the leaves of m, less pg_sig, in this order, for those who want to look.
// The fields are those of m.
func (o Order) Fields(m Message) iter.Seq[*Field] {
	return func(yield func(*Field) bool) {
		l := getLine()
		defer l.release()
		l.fill(o, m, false)
		l.sort(o)
		for _, e := range l.entries {
			if !yield(l.leaves[e.leaf].field) {
				return
			}
		}
	}
}

// A Part is a leaf in the place where it is signed.
type Part struct {
	// SortName is what the order compares: item002, pg_receipt_positions0050001name001.
	// Under Alphabetical, which adds no positions, it is the names joined by slashes.
	SortName string
	Path     Path
	Field    *Field
}

// Parts yields what [Order.Fields] yields, by the same sort, with the names that it sorts by
// and the paths in m.
func (o Order) Parts(m Message) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		l := getLine()
		defer l.release()
		l.fill(o, m, false)
		l.sort(o)
		paths := make([]Path, 0, len(l.leaves))
		for path := range m.All() {
			if !o.skips(path) {
				paths = append(paths, path)
			}
		}
		for _, e := range l.entries {
			leaf := &l.leaves[e.leaf]
			if !yield(Part{l.sortName(o, leaf), paths[e.leaf], leaf.field}) {
				return
			}
		}
	}
}

// skips reports whether a leaf at path is a pg_sig, or within one, that o does not sign.
func (o Order) skips(path Path) bool {
	for depth, s := range path {
		if s.Name == FieldSig && (depth == 0 || o != Documented) {
			return true
		}
	}
	return false
}

// A line holds the leaves of one message while they are lined up. It is pooled, so that
// signing allocates nothing.
type line struct {
	leaves  []leaf  // in wire order
	nodes   []node  // the branches above them
	entries []entry // the leaves again, in signing order once sorted
	size    int     // bytes of the values, with one separator each
	buf     []byte
	hash    resetHash
}

// An entry is what the sort moves about.
type entry struct {
	key  uint64 // see prefix
	leaf int32
}

// A leaf is a field with its place. Where it is an item of a list whose name is not part of
// the sort name, it has a node of its own, and pos is 0.
type leaf struct {
	field  *Field
	parent int32 // in nodes, or top
	pos    int32
}

// A node is one segment of a sort name: name, the lead where it is not 0, and pos. Nodes
// are linked, not written out: the sort names of a hostile message may be very much
// longer than the message.
type node struct {
	name   string
	parent int32
	depth  int32 // 1 for a child of the top
	pos    int32
	lead   int32 // Reference, list at position 1000 or later: what three digits do not hold
	key    uint64
	filled int
	item   bool // an item of a list that stands for its list's segment
}

const top = -1

// fill collects the leaves of m that o signs.
func (l *line) fill(o Order, m Message, dropEmpty bool) {
	pos := int32(0)
	for i := range m {
		f := &m[i]
		if f.Name == FieldSig { // SIG-19: pg_sig is not part of what is signed
			if o != Documented {
				pos++ // it counts in the official class; callers of the documented routine unset it
			}
			continue
		}
		pos++
		if f.Children == nil && (o == Documented || o == Alphabetical || !isIndex(f.Name)) {
			if dropEmpty && f.Value == "" {
				continue
			}
			key, n := prefix(f.Name)
			if n < 8 {
				if o != Alphabetical {
					key, n = addPos(key, n, pos)
				}
				key <<= 8 * (8 - n)
			}
			l.entries = append(l.entries, entry{key, int32(len(l.leaves))})
			l.leaves = append(l.leaves, leaf{f, top, pos})
			l.size += 1 + len(f.Value)
			continue
		}
		l.add(o, f, top, pos, dropEmpty)
	}
}

// add collects what f, at position pos below parent, holds.
func (l *line) add(o Order, f *Field, parent, pos int32, dropEmpty bool) {
	if f.Children == nil && dropEmpty && f.Value == "" {
		return
	}
	n := node{name: f.Name, parent: parent, depth: 1, pos: pos}
	list := false // whether an item of a list, and how, is told by its parent below
	if isIndex(f.Name) {
		switch {
		case o == Documented: // the index is a name as any other
		case o == Alphabetical:
			// SIG-4 for lists: items have no names to be sorted by. On the top level there
			// is no list, and a number is a name.
			if parent != top {
				n.name, n.item = "", true
			}
		case parent == top:
			n.name, n.item = "", true
		case l.nodes[parent].item:
			// A list in a list. The official class gives the inner items the names of the
			// outer ones and so loses values; here they follow their own list.
			n.name, n.item = "", true
		default:
			// The item's counter takes the place of the last three digits of its list's.
			p := &l.nodes[parent]
			n.name, n.lead, n.item = p.name, p.pos/1000, true
			n.parent = p.parent
		}
		list = n.item
	}
	if f.Children == nil && !list {
		l.append(o, leaf{f, parent, pos})
		return
	}
	var key uint64
	var filled int
	if n.parent == top {
		key, filled = prefix(n.name)
	} else {
		up := &l.nodes[n.parent]
		n.depth = up.depth + 1
		key, filled = up.key, up.filled
		if o != Alphabetical {
			key, filled = addName(key, filled, n.name)
		}
	}
	if o == Alphabetical {
		key, filled = key<<(8*(8-filled)), 8 // the levels below are compared one by one
	} else {
		if n.lead > 0 {
			key, filled = addInt(key, filled, n.lead)
		}
		key, filled = addPos(key, filled, pos)
	}
	n.key, n.filled = key, filled
	id := int32(len(l.nodes))
	l.nodes = append(l.nodes, n)
	if f.Children == nil {
		l.append(o, leaf{f, id, 0})
		return
	}
	at := int32(0)
	for i := range f.Children { // SIG-3: nested fields by the same rules
		c := &f.Children[i]
		at++
		if c.Name == FieldSig && o != Documented {
			continue // SIG-19 on every level; the documented routine does not look for it
		}
		l.add(o, c, id, at, dropEmpty)
	}
}

// append adds a leaf below a node.
func (l *line) append(o Order, f leaf) {
	up := &l.nodes[f.parent]
	key, n := up.key, up.filled
	if n < 8 {
		if f.pos > 0 && o != Alphabetical {
			key, n = addName(key, n, f.field.Name)
			key, n = addPos(key, n, f.pos)
		}
		key <<= 8 * (8 - n)
	}
	l.entries = append(l.entries, entry{key, int32(len(l.leaves))})
	l.leaves = append(l.leaves, f)
	l.size += 1 + len(f.field.Value)
}

// isIndex reports whether PHP would take name for an integer key: a decimal integer of 64
// bits as a machine writes it, with no plus sign, leading zero or space. These are the
// items of a list.
func isIndex(name string) bool {
	if name == "" || len(name) > 20 || name[len(name)-1]-'0' > 9 {
		return false // what most names are told by
	}
	n, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return false
	}
	var digits [20]byte
	return string(strconv.AppendInt(digits[:0], n, 10)) == name
}

// prefix starts the key of a sort name: its first eight bytes after pg_, or as many as the
// name has, and how many these are. Keys are in the order of the sort names, or equal. A
// name that does not begin with pg_ has the lowest or the highest key, with nothing to add.
func prefix(name string) (key uint64, n int) {
	if len(name) < 3 || name[0] != 'p' || name[1] != 'g' || name[2] != '_' {
		if name < "pg_" {
			return 0, 8
		}
		return 1<<64 - 1, 8
	}
	if len(name) >= 11 {
		return uint64(name[3])<<56 | uint64(name[4])<<48 | uint64(name[5])<<40 | uint64(name[6])<<32 |
			uint64(name[7])<<24 | uint64(name[8])<<16 | uint64(name[9])<<8 | uint64(name[10]), 8
	}
	for i := 3; i < len(name); i++ {
		key = key<<8 | uint64(name[i])
	}
	return key, len(name) - 3
}

func addName(key uint64, n int, name string) (uint64, int) {
	for i := 0; i < len(name) && n < 8; i++ {
		key = key<<8 | uint64(name[i])
		n++
	}
	return key, n
}

func addPos(key uint64, n int, pos int32) (uint64, int) {
	if n <= 5 && pos < 1000 {
		return key<<24 | '0'<<16 | '0'<<8 | '0' + uint64(pos/100)<<16 + uint64(pos/10%10)<<8 + uint64(pos%10), n + 3
	}
	return addName(key, n, counter(pos))
}

func addInt(key uint64, n int, i int32) (uint64, int) {
	return addName(key, n, strconv.Itoa(int(i)))
}

// threeDigits is 000 to 999 in a row.
var threeDigits = func() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%03d", i)
	}
	return b.String()
}()

// counter returns pos as %03d, four digits from 1000 on.
func counter(pos int32) string {
	if pos < 1000 {
		return threeDigits[3*pos : 3*pos+3]
	}
	return strconv.Itoa(int(pos))
}

// sort lines the entries up.
func (l *line) sort(o Order) {
	if len(l.entries) > 40 {
		slices.SortFunc(l.entries, func(a, b entry) int {
			if a.key != b.key {
				return cmp.Compare(a.key, b.key)
			}
			return l.compare(o, a.leaf, b.leaf)
		})
		return
	}
	for i := 1; i < len(l.entries); i++ {
		e := l.entries[i]
		j := i
		for ; j > 0; j-- {
			p := l.entries[j-1]
			if p.key < e.key || p.key == e.key && l.compare(o, p.leaf, e.leaf) < 0 {
				break
			}
			l.entries[j] = p
		}
		l.entries[j] = e
	}
}

// A segment is one level of a sort name: a node, or the leaf's own.
type segment struct {
	name      string
	parent    int32
	depth     int32
	pos, lead int32
}

func (l *line) segment(f *leaf) segment {
	if f.pos == 0 {
		return l.above(f.parent)
	}
	s := segment{name: f.field.Name, parent: f.parent, depth: 1, pos: f.pos}
	if f.parent != top {
		s.depth = l.nodes[f.parent].depth + 1
	}
	return s
}

func (l *line) above(id int32) segment {
	n := &l.nodes[id]
	return segment{n.name, n.parent, n.depth, n.pos, n.lead}
}

// compare orders two leaves by the sort names of o. It is never 0 for two leaves:
// SIG-4: equal names keep wire order.
func (l *line) compare(o Order, x, y int32) int {
	a, b := l.segment(&l.leaves[x]), l.segment(&l.leaves[y])
	// What lies above the last common branch is equal.
	for a.depth > b.depth {
		a = l.above(a.parent)
	}
	for b.depth > a.depth {
		b = l.above(b.parent)
	}
	for a.parent != b.parent {
		a, b = l.above(a.parent), l.above(b.parent)
	}
	if o == Alphabetical {
		// SIG-2: by name, bytewise: neither locale nor case counts.
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(x, y))
	}
	if a.name == b.name && a.lead|b.lead == 0 && a.pos < 1000 && b.pos < 1000 && a.pos != b.pos {
		return cmp.Compare(a.pos, b.pos)
	}
	n := min(len(a.name), len(b.name))
	if c := strings.Compare(a.name[:n], b.name[:n]); c != 0 {
		return c // SIG-2
	}
	// One name continues the other, and the counters decide, or what follows them.
	return cmp.Or(l.compareWhole(a.parent, x, y), cmp.Compare(x, y))
}

// compareWhole compares the sort names of two leaves from below the branch common on.
func (l *line) compareWhole(common, x, y int32) int {
	var bufA, bufB [48]string // enough for eleven levels below common
	a := l.pieces(bufA[:0], common, &l.leaves[x])
	b := l.pieces(bufB[:0], common, &l.leaves[y])
	var s, t string
	for {
		for s == "" && len(a) > 0 {
			s, a = a[len(a)-1], a[:len(a)-1]
		}
		for t == "" && len(b) > 0 {
			t, b = b[len(b)-1], b[:len(b)-1]
		}
		n := min(len(s), len(t))
		if n == 0 {
			return cmp.Compare(len(s), len(t))
		}
		if c := strings.Compare(s[:n], t[:n]); c != 0 {
			return c
		}
		s, t = s[n:], t[n:]
	}
}

// pieces appends the parts of a leaf's sort name below the branch common, last part first.
func (l *line) pieces(dst []string, common int32, f *leaf) []string {
	s := l.segment(f)
	for {
		dst = append(dst, counter(s.pos))
		if s.lead > 0 {
			dst = append(dst, strconv.Itoa(int(s.lead)))
		}
		dst = append(dst, s.name)
		if s.parent == common {
			return dst
		}
		s = l.above(s.parent)
	}
}

// sortName writes out what compare compares.
func (l *line) sortName(o Order, f *leaf) string {
	if o == Alphabetical {
		name := f.field.Name
		for id := f.parent; id != top; id = l.nodes[id].parent {
			if f.pos == 0 && id == f.parent {
				continue // the item's own node
			}
			name = l.nodes[id].name + "/" + name
		}
		return name
	}
	pieces := l.pieces(nil, top, f)
	slices.Reverse(pieces)
	return strings.Join(pieces, "")
}
