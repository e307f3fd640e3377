package fptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

// parsed reads the files of a package that are not tests, with their comments.
func parsed(t *testing.T, folder string) (*token.FileSet, []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root(t), filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("%s has no files", folder)
	}
	return set, files
}

// A topic is a constant that names one, with the comment behind it.
type topic struct{ constant, value, comment string }

// topics returns the constants of a package whose name begins with "Topic" or "topic".
func topics(t *testing.T, folder string) []topic {
	t.Helper()
	var all []topic
	_, files := parsed(t, folder)
	for _, file := range files {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if !strings.HasPrefix(strings.ToLower(name.Name), "topic") || i >= len(v.Values) {
						continue
					}
					value, ok := text(v.Values[i])
					if !ok {
						t.Errorf("%s of %s is no text", name.Name, folder)
					}
					all = append(all, topic{name.Name, value, strings.TrimSpace(v.Comment.Text())})
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s names no topic", folder)
	}
	return all
}

// text returns the value of a string literal.
func text(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

func readingsOf(c *catalogue.Clause) []string {
	var names []string
	for _, r := range c.Readings {
		names = append(names, r.Name)
	}
	return names
}

func TestEveryTopicOfTheCodeIsOneOfTheCatalogueWithItsReadings(t *testing.T) {
	all := loadCatalogue(t).Topics()
	named := map[string]string{}
	for _, folder := range []string{"conformance/wire", "conformance/mock"} {
		for _, tp := range topics(t, folder) {
			if other, twice := named[tp.value]; twice {
				t.Errorf("%s of %s is the topic %s, as is %s", tp.constant, folder, tp.value, other)
			}
			named[tp.value] = tp.constant
			clause, ok := all[tp.value]
			if !ok {
				t.Errorf("%s of %s is %q, which is no topic", tp.constant, folder, tp.value)
				continue
			}
			// The constants of package wire say which readings there are: ours first.
			if want := strings.Join(readingsOf(clause), ", "); folder == "conformance/wire" && tp.comment != want {
				t.Errorf("the comment of %s names %q, and %s has %q", tp.constant, tp.comment, clause.ID, want)
			}
		}
	}
	for name, clause := range all {
		if named[name] == "" {
			t.Errorf("%s: neither wire nor mock has a constant for the topic %s, so nobody can live by its readings", clause.ID, name)
		}
	}
}

// A name of a reading that is misspelt in code is one that nobody lives by, in silence.
func TestEveryReadingThatTheCodeNamesIsOneOfItsTopic(t *testing.T) {
	all := loadCatalogue(t).Topics()
	constants := map[string]string{} // also with the package in front
	for _, folder := range []string{"conformance/wire", "conformance/mock"} {
		for _, tp := range topics(t, folder) {
			constants[tp.constant] = tp.value
		}
	}
	// topicOf resolves TopicOrder, wire.TopicOrder, "order" and readings[TopicOrder].
	var topicOf func(e ast.Expr) string
	topicOf = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.Ident:
			return constants[e.Name]
		case *ast.SelectorExpr:
			return constants[e.Sel.Name]
		case *ast.BasicLit:
			if s, ok := text(e); ok && all[s] != nil {
				return s
			}
		case *ast.IndexExpr:
			return topicOf(e.Index)
		}
		return ""
	}
	found := 0
	for _, folder := range []string{"conformance/wire", "conformance/check", "conformance/engine", "conformance/mock"} {
		set, files := parsed(t, folder)
		look := func(name string, e ast.Expr) {
			reading, ok := text(e)
			if all[name] == nil || !ok || reading == "" { // "" is the first reading, where none is chosen
				return
			}
			found++
			if _, ok := all[name].Reading(reading); !ok {
				t.Errorf("%s: %s has no reading called %q", set.Position(e.Pos()), name, reading)
			}
		}
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BinaryExpr: // readings[TopicOrder] == "documented"
					if x, ok := n.X.(*ast.IndexExpr); ok {
						look(topicOf(x), n.Y)
					}
				case *ast.SwitchStmt: // switch readings[TopicOrder] { case "documented":
					if x, ok := n.Tag.(*ast.IndexExpr); ok {
						for _, s := range n.Body.List {
							for _, e := range s.(*ast.CaseClause).List {
								look(topicOf(x), e)
							}
						}
					}
				case *ast.KeyValueExpr: // map[string]string{TopicOrder: "documented"}
					look(topicOf(n.Key), n.Value)
				case *ast.AssignStmt: // shows[TopicOrder] = "documented"
					for i := range min(len(n.Lhs), len(n.Rhs)) {
						if x, ok := n.Lhs[i].(*ast.IndexExpr); ok {
							look(topicOf(x), n.Rhs[i])
						}
					}
				case *ast.CallExpr: // add(TopicOrder, "reference", "documented", "alphabetical")
					if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "add" && len(n.Args) > 1 {
						for _, e := range n.Args[1:] {
							look(topicOf(n.Args[0]), e)
						}
					}
				}
				return true
			})
		}
	}
	if found < 75 {
		t.Errorf("%d names of readings were found, want 75 or more", found)
	}
}

// Code says at the line that makes a rule true which clause that is. A clause that is not there is a
// rule without a source.
func TestEveryClauseThatCodeAndItsCommentsNameStandsInTheCatalogue(t *testing.T) {
	c := loadCatalogue(t)
	families := map[string]bool{}
	for _, clause := range c.Clauses {
		families[clause.ID.Family()] = true
	}
	pattern := regexp.MustCompile(`\b([A-Z]{2,5})-([0-9]+)\b`)
	found := map[string]bool{}
	for _, p := range packages(t) {
		for _, name := range p.files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range pattern.FindAllStringSubmatch(string(src), -1) {
				if !families[m[1]] { // UTF-8, SHA-256
					continue
				}
				found[m[0]] = true
				if _, ok := c.Clause(catalogue.ClauseID(m[0])); !ok {
					t.Errorf("%s names %s, which is no clause", name, m[0])
				}
			}
		}
	}
	if len(found) < 100 {
		t.Errorf("%d clauses are named in code, want 100 or more", len(found))
	}
	// What sig and jws do stands there, not only in the checks.
	for _, folder := range []string{"sig", "jws"} {
		family := strings.ToUpper(folder)
		here := map[string]bool{}
		_, files := parsed(t, folder)
		for _, file := range files {
			for _, group := range file.Comments {
				for _, m := range pattern.FindAllStringSubmatch(group.Text(), -1) {
					if m[1] == family {
						here[m[0]] = true
					}
				}
			}
		}
		if len(here) < 5 {
			t.Errorf("package %s names %v, want five clauses or more", folder, slices.Sorted(maps.Keys(here)))
		}
	}
}
