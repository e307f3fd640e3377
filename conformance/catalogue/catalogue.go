package catalogue

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/fpconform/fpconform/internal/yamlfile"
)

//go:embed data
var embedded embed.FS

// FS holds the data files that are part of the program, as [LoadFS] takes them.
var FS = mustSub(embedded, "data")

func mustSub(fsys fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err) // dir is a constant path that the embedding demands
	}
	return sub
}

// A Catalogue is what the documentation says. It is immutable after Load and may be used
// from several goroutines.
type Catalogue struct {
	Operations []*Operation // by ID
	Enums      []*Enum      // by ID
	Clauses    []*Clause    // by family, then number
	Errors     []*ErrorCode // as written
	Hosts      []*Host      // as written

	digest     string
	operations map[string]*Operation
	clauses    map[ClauseID]*Clause
	errors     map[string]*ErrorCode

	enumAt, errorAt, hostAt []position // where each stands, for Lint
}

// A position is a place in a data file.
type position struct {
	file *yamlfile.File
	path []any
}

func (p position) errorf(deeper []any, format string, args ...any) error {
	if p.file == nil {
		return fmt.Errorf("catalogue: "+format, args...)
	}
	return p.file.Errorf(append(slices.Clone(p.path), deeper...), format, args...)
}

var loadEmbedded = sync.OnceValues(func() (*Catalogue, error) { return LoadFS(FS) })

// Load returns the catalogue that is part of the program. It is read once and shared.
func Load() (*Catalogue, error) { return loadEmbedded() }

// LoadFS reads a catalogue: operations/ with one operation a file in any depth, clauses/
// with lists of clauses, errors.yaml, enums.yaml and hosts.yaml, of which the last three may
// be absent. It fails where there is no operation or no clause, and for every mistake in the
// form of a file, with file and line. What the files mean together is for [Catalogue.Lint].
func LoadFS(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{}
	sum := sha256.New()
	var errs []error
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		if path.Ext(name) != ".yaml" {
			errs = append(errs, fmt.Errorf("catalogue: %s is not a .yaml file", quote(name)))
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s\n%d\n%s", name, len(src), src)
		f, err := yamlfile.Parse(name, src)
		if err == nil {
			err = c.add(name, f)
		}
		if err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(c.Operations) == 0 {
		return nil, errors.New("catalogue: no operation in operations/")
	}
	if len(c.Clauses) == 0 {
		return nil, errors.New("catalogue: no clause in clauses/")
	}
	c.digest = hex.EncodeToString(sum.Sum(nil))
	c.link()
	return c, nil
}

func (c *Catalogue) add(name string, f *yamlfile.File) error {
	switch {
	case strings.HasPrefix(name, "operations/"):
		o := &Operation{src: f}
		if err := f.Decode(o); err != nil {
			return err
		}
		if o.ID == "" {
			return f.Errorf(nil, "an operation without id")
		}
		place(o.Request.Fields, o.Response.Fields)
		for i := range o.Response.Variants {
			place(o.Response.Variants[i].Fields)
		}
		c.Operations = append(c.Operations, o)
	case strings.HasPrefix(name, "clauses/"):
		var list []*Clause
		if err := f.Decode(&list); err != nil {
			return err
		}
		for i, cl := range list {
			cl.at = position{f, []any{i}}
		}
		c.Clauses = append(c.Clauses, list...)
	case name == "errors.yaml":
		if err := f.Decode(&c.Errors); err != nil {
			return err
		}
		c.errorAt = positions(f, len(c.Errors))
	case name == "enums.yaml":
		if err := f.Decode(&c.Enums); err != nil {
			return err
		}
		c.enumAt = positions(f, len(c.Enums))
	case name == "hosts.yaml":
		if err := f.Decode(&c.Hosts); err != nil {
			return err
		}
		c.hostAt = positions(f, len(c.Hosts))
	default:
		return f.Errorf(nil, "no place for this file: there are operations/, clauses/, errors.yaml, enums.yaml, hosts.yaml")
	}
	return nil
}

func positions(f *yamlfile.File, n int) []position {
	all := make([]position, n)
	for i := range all {
		all[i] = position{f, []any{i}}
	}
	return all
}

// place writes out that a field stands in the body unless the data says otherwise, and
// compiles the patterns.
func place(lists ...[]*Field) {
	for _, fields := range lists {
		for _, f := range fields {
			if f.In == "" {
				f.In = InBody
			}
			if f.Pattern != "" {
				f.re, _ = regexp.Compile(f.Pattern) // what does not compile is for Lint
			}
			place(f.Fields)
			if f.Items != nil {
				place(f.Items.Fields)
			}
		}
	}
}

// link sorts the lists and builds the maps.
func (c *Catalogue) link() {
	c.operations = make(map[string]*Operation, len(c.Operations))
	for _, o := range c.Operations {
		if _, ok := c.operations[o.ID]; !ok {
			c.operations[o.ID] = o
		}
	}
	c.clauses = make(map[ClauseID]*Clause, len(c.Clauses))
	for _, cl := range c.Clauses {
		if _, ok := c.clauses[cl.ID]; !ok {
			c.clauses[cl.ID] = cl
		}
	}
	c.errors = make(map[string]*ErrorCode, len(c.Errors))
	for _, e := range c.Errors {
		if _, ok := c.errors[e.Code]; !ok {
			c.errors[e.Code] = e
		}
	}
	slices.SortStableFunc(c.Operations, func(a, b *Operation) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(c.Clauses, func(a, b *Clause) int { return compareClauses(a.ID, b.ID) })
	for _, cl := range c.Clauses {
		if general, ok := c.clauses[cl.CoveredBy]; ok {
			general.Covers = append(general.Covers, cl.ID)
		}
	}
}

// Operation returns the operation called id.
func (c *Catalogue) Operation(id string) (*Operation, bool) {
	o, ok := c.operations[id]
	return o, ok
}

// Clause returns the clause called id.
func (c *Catalogue) Clause(id ClauseID) (*Clause, bool) {
	cl, ok := c.clauses[id]
	return cl, ok
}

// ErrorCode returns what is known about a code, which is compared as text: 0100 is not 100.
func (c *Catalogue) ErrorCode(code string) (*ErrorCode, bool) {
	e, ok := c.errors[code]
	return e, ok
}

// Enum returns the shared enumeration called id.
func (c *Catalogue) Enum(id string) (*Enum, bool) {
	for _, e := range c.Enums {
		if e.ID == id {
			return e, true
		}
	}
	return nil, false
}

// Topics returns every topic with its clause. The map is the caller's own.
func (c *Catalogue) Topics() map[string]*Clause {
	topics := make(map[string]*Clause)
	for _, cl := range c.Clauses {
		if cl.Topic != "" {
			topics[cl.Topic] = cl
		}
	}
	return topics
}

// Production reports whether host, without a port, is one where real money moves.
func (c *Catalogue) Production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, h := range c.Hosts {
		if h.Production && h.Name == host {
			return true
		}
	}
	return false
}

// Digest returns the SHA-256 of all data files with their names, in lower-case hexadecimal
// digits. Equal digests mean equal catalogues.
func (c *Catalogue) Digest() string { return c.digest }

// A Count says how many operations of a family there are and how much is known of them.
type Count struct {
	Family                        string
	Documented, Partial, NameOnly int
}

// Total returns all operations of the family.
func (n Count) Total() int { return n.Documented + n.Partial + n.NameOnly }

// Count counts the operations by family, in alphabetical order.
func (c *Catalogue) Count() []Count {
	var counts []Count
	for _, o := range c.Operations { // sorted by ID, so families stand together
		if len(counts) == 0 || counts[len(counts)-1].Family != o.Family() {
			counts = append(counts, Count{Family: o.Family()})
		}
		last := &counts[len(counts)-1]
		switch o.Status {
		case Documented:
			last.Documented++
		case Partial:
			last.Partial++
		case NameOnly:
			last.NameOnly++
		}
	}
	return counts
}
