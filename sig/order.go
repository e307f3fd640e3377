package sig

import (
	"cmp"
	"fmt"
	"hash"
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
			if !yield(l.field(e)) {
				return
			}
		}
	}
}

// A Part is a leaf in the place where it is signed.
type Part struct {
	// SortName is what the order compares: item002, pg_receipt_positions0050001name001.
	// Under Alphabetical, which adds no positions, it is the names joined by slashes, and an
	// item of a list has none: pg_receipt_positions//name.
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
		paths := make([]Path, 0, len(m))
		for path := range m.All() {
			if l.flat != nil || !o.skips(path) { // leaves of a flat message count pg_sig
				paths = append(paths, path)
			}
		}
		for _, e := range l.entries {
			if !yield(Part{l.sortName(o, e), paths[e.leaf], l.field(e)}) {
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
	flat    Message // the message, if it has no branches: then leaves and nodes are empty
	leaves  []leaf  // in wire order
	nodes   []node  // the branches above them
	entries []entry // the leaves, in signing order once sorted
	size    int     // bytes of the values, with one separator each
	buf     []byte
	hash    hash.Hash // MD5, for strings longer than buf; nil until the first one
}

// An entry is what the sort moves about.
type entry struct {
	key  uint64 // see prefix
	leaf int32  // in flat or leaves
	pos  int32  // 0 if the leaf's parent is its own node
}

// A leaf is a field with its place. Where it is an item of a list whose name is not part of
// the sort name, it has a node of its own.
type leaf struct {
	field  *Field
	parent int32 // in nodes
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
	if l.fillFlat(o, m, dropEmpty) {
		return
	}
	l.entries, l.size = l.entries[:0], 0
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
		l.add(o, f, top, pos, dropEmpty)
	}
}

// fillFlat is fill for a message without branches, and reports whether m is one. Most are,
// and this loop is most of what signing costs beside MD5.
func (l *line) fillFlat(o Order, m Message, dropEmpty bool) bool {
	l.entries = slices.Grow(l.entries, len(m))
	entries, size := l.entries[:len(m)], 0
	n, skipped := 0, 0
	for i := range m {
		f := &m[i]
		name := f.Name
		if f.Children != nil || o == Reference && name != "" && name[0] <= '9' {
			return false // the second may be an item of a list
		}
		if name == FieldSig { // SIG-19
			if o == Documented {
				skipped++ // as in fill
			}
			continue
		}
		if dropEmpty && f.Value == "" {
			continue
		}
		e := &entries[n]
		n++
		e.leaf = int32(i)
		e.pos = int32(i + 1 - skipped)
		if len(name) >= 11 && name[:3] == "pg_" {
			e.key = load8(name[3:11])
		} else {
			e.key = shortKey(o, name, e.pos)
		}
		size += 1 + len(f.Value)
	}
	l.flat, l.entries, l.size = m, entries[:n], size
	return true
}

// field returns the leaf of an entry.
func (l *line) field(e entry) *Field {
	if l.flat != nil {
		return &l.flat[e.leaf]
	}
	return l.leaves[e.leaf].field
}

// add collects what f, at position pos below parent, holds.
func (l *line) add(o Order, f *Field, parent, pos int32, dropEmpty bool) {
	if f.Children == nil && dropEmpty && f.Value == "" {
		return
	}
	n := node{name: f.Name, parent: parent, depth: 1, pos: pos}
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
	}
	if f.Children == nil && !n.item {
		l.append(o, f, parent, pos)
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
		l.append(o, f, id, 0)
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

// append adds a leaf below a node, or the top.
func (l *line) append(o Order, f *Field, parent, pos int32) {
	var key uint64
	if parent == top {
		key = shortKey(o, f.Name, pos)
	} else {
		up := &l.nodes[parent]
		n := up.filled
		key = up.key
		if pos > 0 && o != Alphabetical {
			key, n = addName(key, n, f.Name)
			key, n = addPos(key, n, pos)
		}
		key <<= 8 * (8 - n)
	}
	l.entries = append(l.entries, entry{key, int32(len(l.leaves)), pos})
	l.leaves = append(l.leaves, leaf{f, parent})
	l.size += 1 + len(f.Value)
}

// isIndex reports whether PHP would take name for an integer key: a decimal integer of 64
// bits as a machine writes it, with no plus sign, leading zero or space. These are the items
// of a list.
func isIndex(name string) bool {
	return len(name) > 0 && len(name) <= 20 && name[0] <= '9' && isInteger(name) // most begin with a letter
}

func isInteger(name string) bool {
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
	n = len(name) - 3
	switch {
	case n >= 8:
		return load8(name[3:11]), 8
	case n >= 5: // load eight bytes that end with the name, and drop what is not after pg_
		return load8(name[n-5:n+3]) & (1<<(8*n) - 1), n
	case n >= 1:
		return load4(name[n-1:n+3]) & (1<<(8*n) - 1), n
	}
	return 0, 0
}

func load8(s string) uint64 { return load4(s[:4])<<32 | load4(s[4:8]) }

func load4(s string) uint64 {
	_ = s[3]
	return uint64(s[0])<<24 | uint64(s[1])<<16 | uint64(s[2])<<8 | uint64(s[3])
}

// shortKey returns the key of a leaf on the top level, for names of any length.
func shortKey(o Order, name string, pos int32) uint64 {
	key, n := prefix(name)
	if o != Alphabetical {
		key, n = addPos(key, n, pos)
	}
	return key << (8 * (8 - n))
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
		d := threeDigits[3*pos:][:3]
		return key<<24 | uint64(d[0])<<16 | uint64(d[1])<<8 | uint64(d[2]), n + 3
	}
	return addName(key, n, counter(pos))
}

func addInt(key uint64, n int, i int32) (uint64, int) {
	return addName(key, n, strconv.Itoa(int(i)))
}

// threeDigits is 000 to 999 in a row.
var threeDigits = func() string {
	b := make([]byte, 0, 3000)
	for i := range 1000 {
		b = append(b, '0'+byte(i/100), '0'+byte(i/10%10), '0'+byte(i%10))
	}
	return string(b)
}()

// counter returns pos as %03d, four digits from 1000 on.
func counter(pos int32) string {
	if pos < 1000 {
		return threeDigits[3*pos : 3*pos+3]
	}
	return strconv.Itoa(int(pos))
}

// sort lines the entries up: by key, then whatever has the same key by the whole sort name.
func (l *line) sort(o Order) {
	entries := l.entries
	if len(entries) > 40 {
		slices.SortFunc(entries, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.leaf, b.leaf))
		})
	} else {
		for i := 1; i < len(entries); i++ {
			e := entries[i]
			j := i
			for j > 0 && entries[j-1].key > e.key {
				entries[j] = entries[j-1]
				j--
			}
			entries[j] = e
		}
	}
	for i := 0; i+1 < len(entries); i++ {
		if entries[i].key != entries[i+1].key {
			continue
		}
		end := i + 2
		for end < len(entries) && entries[end].key == entries[i].key {
			end++
		}
		if end == i+2 {
			if l.compare(o, entries[i], entries[i+1]) > 0 {
				entries[i], entries[i+1] = entries[i+1], entries[i]
			}
		} else {
			slices.SortFunc(entries[i:end], func(a, b entry) int { return l.compare(o, a, b) })
		}
		i = end - 1
	}
}

// A segment is one level of a sort name: a node, or the leaf's own.
type segment struct {
	name      string
	parent    int32
	depth     int32
	pos, lead int32
}

func (l *line) segment(e entry) segment {
	if l.flat != nil {
		return segment{name: l.flat[e.leaf].Name, parent: top, depth: 1, pos: e.pos}
	}
	f := &l.leaves[e.leaf]
	if e.pos == 0 {
		return l.above(f.parent)
	}
	s := segment{name: f.field.Name, parent: f.parent, depth: 1, pos: e.pos}
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
func (l *line) compare(o Order, x, y entry) int {
	var c int
	if l.flat != nil {
		c = compareSegments(o, l.flat[x.leaf].Name, x.pos, l.flat[y.leaf].Name, y.pos)
	} else {
		a, b := l.part(x, y)
		if a.lead|b.lead == 0 {
			c = compareSegments(o, a.name, a.pos, b.name, b.pos)
		}
	}
	if c == 0 && o != Alphabetical {
		c = l.compareWhole(x, y)
	}
	if c == 0 {
		c = cmp.Compare(x.leaf, y.leaf)
	}
	return c
}

// part returns the segments in which the sort names of two leaves part. What lies above
// the last common branch is equal.
func (l *line) part(x, y entry) (a, b segment) {
	a, b = l.segment(x), l.segment(y)
	for a.depth > b.depth {
		a = l.above(a.parent)
	}
	for b.depth > a.depth {
		b = l.above(b.parent)
	}
	for a.parent != b.parent {
		a, b = l.above(a.parent), l.above(b.parent)
	}
	return a, b
}

// compareSegments compares two names below one branch with their positions. 0 means that they
// do not decide.
func compareSegments(o Order, s string, sPos int32, t string, tPos int32) int {
	if o == Alphabetical {
		return strings.Compare(s, t) // SIG-2: bytewise, whatever the locale and the case
	}
	n := min(len(s), len(t))
	if c := strings.Compare(s[:n], t[:n]); c != 0 {
		return c // SIG-2
	}
	// One name continues the other, or they are equal: a counter comes into play, and most
	// often its first digit decides.
	if s = s[n:]; s == "" {
		s = counter(sPos)
	}
	if t = t[n:]; t == "" {
		t = counter(tPos)
	}
	if s[0] != t[0] {
		return cmp.Compare(s[0], t[0])
	}
	n = min(len(s), len(t))
	return strings.Compare(s[:n], t[:n])
}

// compareWhole compares the sort names of two leaves to their ends.
func (l *line) compareWhole(x, y entry) int {
	s, _ := l.part(x, y)
	common := s.parent
	var bufA, bufB [16]string // enough for seven levels, without leads
	a := l.pieces(bufA[:0], common, x)
	b := l.pieces(bufB[:0], common, y)
	return compareBackwards(a, b)
}

// compareBackwards compares two texts that are given in pieces, last piece first.
func compareBackwards(a, b []string) int {
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
func (l *line) pieces(dst []string, common int32, e entry) []string {
	s := l.segment(e)
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
func (l *line) sortName(o Order, e entry) string {
	if o != Alphabetical {
		pieces := l.pieces(nil, top, e)
		slices.Reverse(pieces)
		return strings.Join(pieces, "")
	}
	if l.flat != nil {
		return l.field(e).Name
	}
	id := l.leaves[e.leaf].parent
	name := l.field(e).Name
	if e.pos == 0 { // an item: its own node has its name, which is none
		name, id = l.nodes[id].name, l.nodes[id].parent
	}
	for ; id != top; id = l.nodes[id].parent {
		name = l.nodes[id].name + "/" + name
	}
	return name
}
