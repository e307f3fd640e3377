package sigform

import (
	"strconv"
	"strings"

	"github.com/fpconform/fpconform/sig"
)

// ParsePHP reads a form as PHP fills $_POST from it, which is what a gateway in PHP signs.
//
//   - Spaces before a name are dropped; spaces and dots in it, up to the first bracket, are
//     underscores; a bracket that is never closed is an underscore too, and so are the spaces,
//     dots and brackets after it. A name ends at a NUL. What stands behind the last bracket
//     is ignored, and a name of which nothing is left is too.
//   - Of equal names the last wins, at the place of the first; so do a field against a branch
//     and a branch against a field. [ ] with one white space in it is [].
//   - A percent sign that begins no escape stands for itself.
//   - In multipart, files are not among the fields, and a part's content type and transfer
//     encoding are not looked at.
//
// Beyond MaxPHPFields or MaxDepth, PHP goes on without some of the fields; ParsePHP returns a
// [*SyntaxError]. It wants the same well-formed multipart as [Parse], where PHP is laxer.
func ParsePHP(contentType string, body []byte) (sig.Message, error) {
	boundary, err := boundaryOf(contentType)
	if err != nil {
		return nil, err
	}
	if boundary == "" {
		return ParsePHPQuery(string(body))
	}
	var p phpVars
	err = eachPart(body, boundary, func(q part) error {
		name, isField, err := q.phpName()
		if err != nil || !isField {
			return err
		}
		return p.add(name, string(q.value))
	})
	if err != nil {
		return nil, err
	}
	return p.top.message(), nil
}

// ParsePHPQuery reads the part of a URL after "?" as PHP fills $_GET from it; see [ParsePHP].
func ParsePHPQuery(query string) (sig.Message, error) {
	var p phpVars
	if err := eachPair(query, true, p.add); err != nil {
		return nil, err
	}
	return p.top.message(), nil
}

// AsPHP returns m as a PHP gateway sees it when m travels as a form: the names changed and
// merged as [ParsePHP] says, and no branch that is empty. It shares nothing with m.
//
// For a message that came as bytes use ParsePHP. Most often the two agree, but
// a[b]=1&a[c]=2&a=3 and a[b]=1&a=3&a[c]=2 are one message in the exact view, a branch and a
// leaf, and PHP keeps the leaf of the first and the branch {c: 2} of the second.
func AsPHP(m sig.Message) sig.Message {
	var p phpVars
	for i := range m {
		p.addField(nil, m[i].Name, &m[i])
	}
	return p.top.message()
}

// addField adds the leaves of f under the name that they would travel with.
func (p *phpVars) addField(prefix []byte, step string, f *sig.Field) {
	name := append(prefix, step...)
	if f.Children == nil {
		// Too deep: PHP drops the whole variable, and so did register.
		_ = p.register(string(name), f.Value)
		return
	}
	for i := range f.Children {
		c := &f.Children[i]
		p.addField(name, "["+c.Name+"]", c)
	}
}

// phpVars is $_POST while it is filled.
type phpVars struct {
	top   phpArray
	count int
}

func (p *phpVars) add(name, value string) error {
	if p.count++; p.count > MaxPHPFields {
		return ErrFields
	}
	return p.register(name, value)
}

// register is PHP's php_register_variable_ex: it puts one field where its name says.
func (p *phpVars) register(name, value string) error {
	name, _, _ = strings.Cut(name, "\x00") // names are C strings there
	name = strings.TrimLeft(name, " ")
	step, rest := name, ""
	if i := strings.IndexByte(name, '['); i >= 0 {
		step, rest = name[:i], name[i:]
	}
	if step == "" {
		return nil
	}
	step = underscores(step)
	top := step
	a, number := &p.top, false // number: the step is []
	for depth := 1; rest != "" && rest[0] == '['; depth++ {
		if depth > MaxDepth {
			p.top.remove(top)
			return ErrDepth
		}
		rest = rest[1:]
		from := 0
		if rest != "" && strings.IndexByte(" \t\n\v\f\r", rest[0]) >= 0 {
			from = 1
		}
		end := strings.IndexByte(rest[from:], ']')
		if end < 0 {
			// Not closed: at the top it belongs to the name, deeper it is dropped.
			if depth == 1 {
				step = underscores(step + "_" + rest)
			}
			break
		}
		if a = a.array(step, number); a == nil {
			return nil
		}
		step, rest, number = rest[:from+end], rest[from+end+1:], end == 0
	}
	a.set(step, number, value)
	return nil
}

// underscores replaces what PHP does not want in the name of a variable.
func underscores(s string) string {
	if !strings.ContainsAny(s, " .[") {
		return s
	}
	b := []byte(s) // not strings.Map, which would change invalid UTF-8
	for i, c := range b {
		if c == ' ' || c == '.' || c == '[' {
			b[i] = '_'
		}
	}
	return string(b)
}

// A phpArray is a PHP array: ordered, each key once. Integer keys and the text that prints
// like them are one key there too, so text will do.
type phpArray struct {
	entries []phpEntry
	byName  map[string]int // into entries, once there are many
	index   counter
}

type phpEntry struct {
	name, value string
	array       *phpArray // instead of the value
}

func (a *phpArray) message() sig.Message {
	m := make(sig.Message, len(a.entries))
	for i, e := range a.entries {
		m[i] = sig.Field{Name: e.name, Value: e.value}
		if e.array != nil {
			m[i].Children = e.array.message()
		}
	}
	return m
}

// entry finds or makes the entry of a name, or of the next number. It is nil where there is
// no next number: PHP drops the field.
func (a *phpArray) entry(name string, number bool) *phpEntry {
	if number {
		n, ok := a.index.next()
		if !ok {
			return nil
		}
		name = strconv.FormatInt(n, 10)
	} else {
		if i := a.find(name); i >= 0 {
			return &a.entries[i]
		}
		a.index.see(name)
	}
	a.entries = append(a.entries, phpEntry{name: name})
	switch {
	case a.byName != nil:
		a.byName[name] = len(a.entries) - 1
	case len(a.entries) > manyBranches:
		a.reindex()
	}
	return &a.entries[len(a.entries)-1]
}

func (a *phpArray) find(name string) int {
	if a.byName != nil {
		if i, ok := a.byName[name]; ok {
			return i
		}
		return -1
	}
	for i := range a.entries {
		if a.entries[i].name == name {
			return i
		}
	}
	return -1
}

func (a *phpArray) reindex() {
	a.byName = make(map[string]int, 2*len(a.entries))
	for i := range a.entries {
		a.byName[a.entries[i].name] = i
	}
}

func (a *phpArray) set(name string, number bool, value string) {
	if e := a.entry(name, number); e != nil {
		e.value, e.array = value, nil
	}
}

func (a *phpArray) array(name string, number bool) *phpArray {
	e := a.entry(name, number)
	if e == nil {
		return nil
	}
	if e.array == nil {
		e.value, e.array = "", new(phpArray)
	}
	return e.array
}

func (a *phpArray) remove(name string) {
	i := a.find(name)
	if i < 0 {
		return
	}
	a.entries = append(a.entries[:i], a.entries[i+1:]...)
	if a.byName != nil {
		a.reindex()
	}
}
