package vectors

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Lint looks through all files of fsys, laid out like [FS], and returns everything that is
// wrong, sorted by file: an id that is taken or does not begin with its file's name, a flag
// without a note and a note without a test, a note without clause, confidence or sources,
// stages that do not follow from each other, an error that the message does not have, two
// tests that ask the same, a file that is no vector file. No file and no test are errors too.
// It returns nil if all is well.
func Lint(fsys fs.FS) []error {
	l := linter{fsys: fsys, ids: map[string]string{}, same: map[string]string{}, clauses: map[string]string{}}
	l.layout()
	lintFiles(&l, "sig/*.json", lintSig)
	lintFiles(&l, "jws/*.json", lintJWS)
	lintFiles(&l, scriptsFile, lintScript)
	l.withdrawn()
	return l.errs
}

type linter struct {
	fsys    fs.FS
	errs    []error
	ids     map[string]string // id -> file
	same    map[string]string // what a test asks -> its id
	clauses map[string]string // flag -> clause
}

func (l *linter) errorf(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("vectors: "+format, args...))
}

// layout looks for files that nobody would read.
func (l *linter) layout() {
	err := fs.WalkDir(l.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		dir := path.Dir(name)
		switch {
		case name == versionFile, name == scriptsFile, name == withdrawnName:
		case name == readmeFile: // in what Copy wrote
		case (dir == "sig" || dir == "jws" || dir == schemaDir) && path.Ext(name) == ".json":
		default:
			l.errorf("%s: not a file of vectors", name)
		}
		return nil
	})
	if err != nil {
		l.errorf("%w", err)
	}
	b, err := read(l.fsys, versionFile)
	if err != nil {
		l.errorf("%w", err)
	} else if !versionText.Match(b) {
		l.errorf("%s: %s is not a number and a line break", versionFile, cut(string(b)))
	}
}

var (
	versionText = regexp.MustCompile(`^[1-9][0-9]*\n$`)
	idText      = regexp.MustCompile(`^[a-z0-9_-]+/[a-z0-9_-]+$`)
	flagText    = regexp.MustCompile(`^[a-z0-9_-]+$`)
	clauseText  = regexp.MustCompile(`^(SIG|JWS)-[1-9][0-9]*$`)
	digestText  = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// lintFiles looks at each file by itself, so that one that cannot be read hides no other.
func lintFiles[T test](l *linter, pattern string, look func(T) []string) {
	names, err := fs.Glob(l.fsys, pattern)
	if err != nil {
		l.errorf("%w", err)
	}
	if len(names) == 0 {
		l.errorf("no file %s", pattern)
	}
	for _, name := range names {
		f, err := loadFile[T](l.fsys, name)
		if err != nil {
			l.errs = append(l.errs, err)
			continue
		}
		l.notes(name, f.Notes)
		for _, t := range f.Tests {
			l.head(name, t.head(), t)
			for _, wrong := range look(t) {
				l.errorf("%s: %s: %s", name, t.head().ID, wrong)
			}
		}
	}
}

func (l *linter) notes(file string, notes map[string]Note) {
	flags := make([]string, 0, len(notes))
	for flag := range notes {
		flags = append(flags, flag)
	}
	slices.Sort(flags)
	for _, flag := range flags {
		n := notes[flag]
		bad := func(format string, args ...any) {
			l.errorf("%s: note %s: %s", file, flag, fmt.Sprintf(format, args...))
		}
		if !flagText.MatchString(flag) {
			bad("the flag is not in small letters, digits and hyphens")
		}
		if strings.TrimSpace(n.Description) == "" {
			bad("no description")
		}
		if !clauseText.MatchString(n.Clause) {
			bad("clause %s is not like SIG-4 or JWS-2", cut(n.Clause))
		}
		switch n.Confidence {
		case Documented, Observed, Derived:
		default:
			bad("confidence %s is not documented, observed or derived", cut(string(n.Confidence)))
		}
		if len(n.Sources) == 0 || slices.ContainsFunc(n.Sources, blank) {
			bad("no sources, or an empty one")
		}
		if before, ok := l.clauses[flag]; ok && before != n.Clause {
			bad("clause %s, elsewhere %s", n.Clause, before)
		}
		l.clauses[flag] = n.Clause
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (l *linter) head(file string, c Case, t any) {
	bad := func(format string, args ...any) {
		l.errorf("%s: %s: %s", file, c.ID, fmt.Sprintf(format, args...))
	}
	topic, _, _ := strings.Cut(c.ID, "/")
	switch {
	case !idText.MatchString(c.ID):
		bad("the id is not like rule/what-is-particular")
	case topic != base(file):
		bad("the id does not begin with the file's name, %s", base(file))
	case !slices.Contains(c.Flags, topic):
		bad("the id's first part is not among the flags")
	}
	if before, ok := l.ids[c.ID]; ok {
		bad("the id is taken by %s", before)
	}
	l.ids[c.ID] = file
	if blank(c.Comment) {
		bad("no comment")
	}
	for i, flag := range c.Flags {
		if slices.Contains(c.Flags[:i], flag) {
			bad("flag %s stands twice", flag)
		}
	}
	asks, err := encode(without(t))
	if err != nil {
		bad("%v", err)
	}
	if before, ok := l.same[string(asks)]; ok {
		bad("asks the same as %s", before)
	}
	l.same[string(asks)] = c.ID
}

// without returns t less what only names and explains it.
func without(t any) any {
	switch t := t.(type) {
	case Sig:
		t.Case = Case{}
		return t
	case JWS:
		t.Case = Case{}
		return t
	case Script:
		t.Case = Case{}
		return t
	}
	return t
}

func (l *linter) withdrawn() {
	list, err := loadWithdrawn(l.fsys)
	if err != nil {
		l.errs = append(l.errs, err)
	}
	seen := map[string]bool{}
	for _, w := range list {
		bad := func(format string, args ...any) {
			l.errorf("%s: %s: %s", withdrawnName, w.ID, fmt.Sprintf(format, args...))
		}
		if !idText.MatchString(w.ID) {
			bad("the id is not like rule/what-is-particular")
		}
		if seen[w.ID] {
			bad("stands twice")
		}
		seen[w.ID] = true
		if file, ok := l.ids[w.ID]; ok {
			bad("is still in %s", file)
		}
		if blank(w.Reason) {
			bad("no reason")
		}
		if _, ok := l.ids[w.ReplacedBy]; !ok && w.ReplacedBy != "" {
			bad("no test is called %s", cut(w.ReplacedBy))
		}
	}
}

// lintScript wants the script to be the end of the address without its query.
func lintScript(t Script) []string {
	path, _, _ := strings.Cut(t.URL, "#")
	path, _, _ = strings.Cut(path, "?")
	if strings.Contains(t.Script, "/") || !strings.HasSuffix(path, t.Script) {
		return []string{"the script is not the end of the address"}
	}
	return nil
}
