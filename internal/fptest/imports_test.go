package fptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/fpconform/fpconform"

// The third-party modules.
const (
	etree  = "github.com/beevik/etree"
	goJose = "github.com/go-jose/go-jose/v4"
	yamlV3 = "go.yaml.in/yaml/v3"
	ginkgo = "github.com/onsi/ginkgo/v2"
	gomega = "github.com/onsi/gomega"
	cobra  = "github.com/spf13/cobra"
	pflag  = "github.com/spf13/pflag"
)

// homes names the one folder below which each third-party module is imported. A new module gets a
// line here, and the commit says what it replaces.
var homes = map[string]string{
	etree:  "sig/sigxml",
	goJose: "jws",
	yamlV3: "internal/yamlfile",
	ginkgo: "conformance",
	gomega: "conformance",
	cobra:  "cmd/fpconform",
	pflag:  "cmd/fpconform", // cobra's own flags
}

// testModules are those that tests may import anywhere but under sig and jws, and nothing else may.
var testModules = map[string]string{
	"github.com/creack/pty":                    "a terminal, for what the command shows on one",
	"github.com/google/go-cmp":                 "what differs between two trees",
	"github.com/rogpeppe/go-internal":          "testscript",
	"github.com/santhosh-tekuri/jsonschema/v6": "an independent validator of vectors and reports",
}

// A rule is a row of the table of who may import whom.
type rule struct {
	ours   []string // packages of this module
	theirs []string // third-party modules
	// reach are the third-party modules that the tests may reach at any depth. go mod tidy counts
	// the tests of what a consumer imports. Nil means that nobody imports the package for its own sake.
	reach []string
}

var (
	none = []string{}
	sigs = []string{"sig", "sig/sigform", "sig/sigjson", "sig/sigxml"}
	// What checks and mock are made of. Neither has the other, nor the engine.
	matter = append([]string{"jws", "conformance/catalogue", "conformance/schema", "conformance/wire", "conformance/report"}, sigs...)
)

// table says who may import whom. A package that it lacks fails, and so does a row without a package.
var table = map[string]rule{
	"sig":                {reach: none},
	"sig/sigform":        {ours: []string{"sig"}, reach: none},
	"sig/sigjson":        {ours: []string{"sig"}, reach: none},
	"sig/sigxml":         {ours: []string{"sig"}, theirs: []string{etree}, reach: []string{etree}},
	"jws":                {theirs: []string{goJose}, reach: []string{goJose}},
	"vectors":            {},
	"internal/yamlfile":  {theirs: []string{yamlV3}},
	"internal/fptest":    {ours: []string{"sig", "vectors"}},
	"conformance/report": {},

	"conformance/catalogue": {ours: []string{"internal/yamlfile"}},
	"conformance/schema":    {ours: []string{"sig", "conformance/catalogue"}},
	"conformance/wire":      {ours: append([]string{"jws", "conformance/catalogue"}, sigs...)},
	"conformance/check":     {ours: matter},
	"conformance/mock":      {ours: matter},
	"conformance/engine": {ours: []string{"conformance/catalogue", "conformance/check", "conformance/wire",
		"conformance/report"}},
	"internal/config": {ours: []string{"sig", "jws", "internal/yamlfile", "conformance/catalogue", "conformance/wire",
		"conformance/engine"}},
	"conformance/selftest": {ours: []string{"sig", "jws", "conformance/catalogue", "conformance/check",
		"conformance/engine", "conformance/mock", "conformance/report", "conformance/wire"}},
	"conformance": {ours: []string{"conformance/engine", "conformance/report"}, theirs: []string{ginkgo, gomega}},
	"cmd/fpconform": {ours: append([]string{"vectors", "internal/config", "internal/yamlfile", "conformance",
		"conformance/check", "conformance/engine", "conformance/mock", "conformance/selftest"}, matter...),
		theirs: []string{cobra, pflag}},
}

// platforms are those whose files are looked at: a file that is built for one of them alone may
// import as little as the others.
var platforms = []string{"linux", "darwin", "windows"}

// A listed is a package with what its files import, on any of the platforms.
type listed struct {
	name        string // within the module: "sig/sigxml"; "." for the module's own folder
	dir         string
	code, tests []string // imports
	files       []string // not tests, as paths
}

// goList runs the go command in dir and returns what it prints.
func goList(t *testing.T, dir string, env []string, args ...string) []byte {
	t.Helper()
	out, err := goCommand(dir, env, args...)
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func goCommand(dir string, env []string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// decodeEach reads JSON values one after another.
func decodeEach[T any](t *testing.T, src []byte) []T {
	t.Helper()
	var all []T
	for d := json.NewDecoder(bytes.NewReader(src)); ; {
		var v T
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
}

// root is the folder of this module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// packages lists every package of this module. go list -find resolves nothing, so that no platform
// asks for modules that this one does without.
func packages(t *testing.T) []listed {
	t.Helper()
	type found struct{ ImportPath, Dir string }
	var all []listed
	for _, p := range decodeEach[found](t, goList(t, root(t), nil, "list", "-find", "-json=ImportPath,Dir", "./...")) {
		name, ok := strings.CutPrefix(p.ImportPath, modulePath)
		if !ok {
			t.Fatalf("%s is not in %s", p.ImportPath, modulePath)
		}
		l := listed{name: strings.TrimPrefix(name, "/"), dir: p.Dir}
		for _, platform := range platforms {
			c := build.Default
			c.GOOS, c.CgoEnabled = platform, true // so that import "C" is seen
			b, err := c.ImportDir(p.Dir, 0)
			var noGo *build.NoGoError
			if err != nil && !errors.As(err, &noGo) {
				t.Fatalf("%s on %s: %v", p.ImportPath, platform, err)
			}
			l.code = append(l.code, b.Imports...)
			l.tests = append(append(l.tests, b.TestImports...), b.XTestImports...)
			for _, file := range append(b.GoFiles, b.CgoFiles...) {
				l.files = append(l.files, filepath.Join(p.Dir, file))
			}
		}
		for _, list := range []*[]string{&l.code, &l.tests, &l.files} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
		all = append(all, l)
	}
	if len(all) < 19 {
		t.Fatalf("%d packages were found, want 19 or more", len(all))
	}
	return all
}

// An origin says where an imported package comes from: standard library, this module (ours is the
// package's name in it), or a third party (theirs is its module).
type origin struct{ ours, theirs string }

// origins tells imports apart by the modules that go.mod requires.
func origins(t *testing.T) func(importPath string) (origin, error) {
	t.Helper()
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(goList(t, root(t), nil, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	if len(mod.Require) == 0 {
		t.Fatal("go.mod requires nothing")
	}
	below := func(importPath, module string) bool {
		return importPath == module || strings.HasPrefix(importPath, module+"/")
	}
	return func(importPath string) (origin, error) {
		first, _, _ := strings.Cut(importPath, "/")
		switch {
		case below(importPath, modulePath):
			return origin{ours: strings.TrimPrefix(strings.TrimPrefix(importPath, modulePath), "/")}, nil
		case !strings.Contains(first, ".") && first != "C":
			return origin{}, nil
		}
		longest := ""
		for _, m := range mod.Require {
			if below(importPath, m.Path) && len(m.Path) > len(longest) {
				longest = m.Path
			}
		}
		if longest == "" {
			return origin{}, fmt.Errorf("%q belongs to no module that go.mod requires", importPath)
		}
		return origin{theirs: longest}, nil
	}
}

func TestEveryPackageImportsOnlyWhatTheTableAllows(t *testing.T) {
	from := origins(t)
	seen := map[string]bool{}
	for _, p := range packages(t) {
		seen[p.name] = true
		row, ok := table[p.name]
		if !ok {
			t.Errorf("%s has no row in the table of who may import whom", p.name)
			continue
		}
		for _, name := range p.code {
			o, err := from(name)
			switch {
			case err != nil:
				t.Errorf("%s: %v", p.name, err)
			case o.ours != "" && !slices.Contains(row.ours, o.ours):
				t.Errorf("%s imports %s, which its row lacks", p.name, o.ours)
			case o.theirs != "" && !slices.Contains(row.theirs, o.theirs):
				t.Errorf("%s imports %s of %s, which its row lacks", p.name, name, o.theirs)
			}
		}
		for _, name := range p.tests {
			o, err := from(name)
			_, forTests := testModules[o.theirs]
			switch {
			case err != nil:
				t.Errorf("tests of %s: %v", p.name, err)
			case o.theirs != "" && !slices.Contains(row.theirs, o.theirs) && (!forTests || row.reach != nil):
				t.Errorf("tests of %s import %s of %s, which has another home", p.name, name, o.theirs)
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("the table has a row for %s, and there is no such package", name)
		}
	}
}

func TestTheTableHasNoCircleAndKeepsTheWitnessesApart(t *testing.T) {
	// A name may stand in a row only if its own row does not lead back.
	reach := map[string]map[string]bool{}
	var visit func(name string, on []string) map[string]bool
	visit = func(name string, on []string) map[string]bool {
		if slices.Contains(on, name) {
			t.Fatalf("the table goes in a circle: %s", strings.Join(append(on, name), ", "))
		}
		if have, ok := reach[name]; ok {
			return have
		}
		all := map[string]bool{}
		for _, next := range table[name].ours {
			if _, ok := table[next]; !ok {
				t.Errorf("the row of %s names %s, which has none", name, next)
			}
			all[next] = true
			maps.Copy(all, visit(next, append(slices.Clone(on), name)))
		}
		reach[name] = all
		return all
	}
	for name := range table {
		visit(name, nil)
		if reach[name]["internal/fptest"] {
			t.Errorf("%s reaches internal/fptest, which is for tests", name)
		}
	}
	for name, never := range map[string][]string{
		"conformance/check": {"conformance/mock", "conformance/engine", "conformance/selftest", "conformance"},
		"conformance/mock":  {"conformance/check", "conformance/engine", "conformance/selftest", "conformance"},
	} {
		for _, other := range never {
			if reach[name][other] {
				t.Errorf("%s reaches %s: who judges must not send, and mock and checks are independent witnesses", name, other)
			}
		}
	}
}

// The mock's tests too must be written without the checks: they are what the checks are tested by.
func TestTheMockAndItsTestsNeverImportWhatJudges(t *testing.T) {
	for _, p := range packages(t) {
		if p.name != "conformance/mock" && !strings.HasPrefix(p.name, "conformance/mock/") {
			continue
		}
		for _, name := range append(p.code, p.tests...) {
			for _, never := range []string{"check", "engine", "selftest"} {
				if name == modulePath+"/conformance/"+never {
					t.Errorf("%s imports %s", p.name, name)
				}
			}
		}
	}
}

func TestEveryThirdPartyModuleHasOneHome(t *testing.T) {
	from := origins(t)
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, name := range p.code {
			o, err := from(name)
			if err != nil || o.theirs == "" {
				continue
			}
			used[o.theirs] = true
			home, ok := homes[o.theirs]
			if !ok {
				t.Errorf("%s imports %s of %s, which has no home", p.name, name, o.theirs)
				continue
			}
			// The command and the suite share no folder with what lies below conformance.
			if p.name != home && (home != "jws" || path.Dir(p.name) != home) {
				t.Errorf("%s imports %s, whose home is %s", p.name, o.theirs, home)
			}
		}
	}
	for module, home := range homes {
		if !used[module] {
			t.Errorf("nothing imports %s in its home %s", module, home)
		}
		if _, ok := testModules[module]; ok {
			t.Errorf("%s has a home and is for tests alone", module)
		}
	}
}

func TestTheTestsOfSigAndJWSReachNoOtherModuleAtAnyDepth(t *testing.T) {
	type found struct {
		ImportPath string
		Deps       []string
	}
	from := origins(t)
	tried := 0
	for name, row := range table {
		if row.reach == nil {
			if strings.HasPrefix(name, "sig") || strings.HasPrefix(name, "jws") {
				t.Errorf("the row of %s does not say what its tests may reach", name)
			}
			continue
		}
		// The module of each package is named by go list, for what lies behind a third party too.
		for _, p := range decodeEach[found](t, goList(t, root(t), nil, "list", "-test", "-json=ImportPath,Deps", "./"+name)) {
			if !strings.HasSuffix(p.ImportPath, ".test") {
				continue
			}
			tried++
			if len(p.Deps) < 5 {
				t.Errorf("%s depends on %d packages, which cannot be all", p.ImportPath, len(p.Deps))
			}
			for _, dep := range p.Deps {
				dep, _, _ = strings.Cut(dep, " ") // behind it stands for which test it is compiled
				if strings.HasPrefix(dep, "vendor/") {
					continue // the standard library's own
				}
				o, err := from(dep)
				switch {
				case err != nil:
					t.Errorf("tests of %s: %v", name, err)
				case o.theirs != "" && !slices.Contains(row.reach, o.theirs):
					t.Errorf("tests of %s reach %s of %s, which everyone who imports %s would have in go.sum", name, dep, o.theirs, name)
				case o.ours == "internal/fptest":
					t.Errorf("tests of %s reach internal/fptest", name)
				}
			}
		}
	}
	if tried < 5 {
		t.Errorf("%d packages have tests to look at, want 5 or more", tried)
	}
}

// sends are the names by which a package of these could send something. A check gets finished
// exchanges, and a mock answers; neither has anyone to call.
var sends = map[string][]string{
	"net/http": {"Client", "Transport", "RoundTripper", "DefaultClient", "DefaultTransport", "NewFileTransport",
		"NewRequest", "NewRequestWithContext", "Get", "Head", "Post", "PostForm", "Pusher", "PushOptions"},
	modulePath + "/conformance/wire": {"Client", "Peer"},
}

// senders are packages that checks and mock do not import at all.
var senders = []string{"net", "net/http/httputil", "net/http/httptest", "net/http/cgi", "net/rpc", "net/smtp", "crypto/tls",
	"os/exec", "plugin", "syscall", "unsafe"}

func TestJudgementNeverSends(t *testing.T) {
	looked := 0
	for _, p := range packages(t) {
		if p.name != "conformance/check" && p.name != "conformance/mock" {
			continue
		}
		for _, name := range senders {
			if slices.Contains(p.code, name) {
				t.Errorf("%s imports %s", p.name, name)
			}
		}
		set := token.NewFileSet()
		for _, name := range p.files {
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			looked++
			for _, found := range sending(file) {
				t.Errorf("%s: %s can send", set.Position(found.Pos()), found.Sel.Name)
			}
			for _, i := range file.Imports {
				if i.Name != nil && i.Name.Name == "." {
					t.Errorf("%s: a dot import hides what is used", set.Position(i.Pos()))
				}
			}
		}
	}
	if looked < 20 {
		t.Errorf("%d files were looked at, want 20 or more", looked)
	}
}

// sending returns what a file uses to send something.
func sending(file *ast.File) []*ast.SelectorExpr {
	called := map[string][]string{}
	for _, i := range file.Imports {
		importPath, err := strconv.Unquote(i.Path.Value)
		if err != nil || sends[importPath] == nil {
			continue
		}
		name := path.Base(importPath)
		if i.Name != nil {
			name = i.Name.Name
		}
		called[name] = sends[importPath]
	}
	var found []*ast.SelectorExpr
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(called[x.Name], s.Sel.Name) {
				found = append(found, s)
			}
		}
		return true
	})
	return found
}

func TestWhatSendsIsSeen(t *testing.T) {
	for _, c := range []struct {
		name, source string
		want         int
	}{
		{"a client", `import "net/http"; var c http.Client`, 1},
		{"a client under another name", `import web "net/http"; var r, err = web.Get("")`, 1},
		{"the client of package wire", `import "` + modulePath + `/conformance/wire"; var c = wire.Client{}`, 1},
		{"a status", `import "net/http"; var s = http.StatusOK`, 0},
		{"a Get of something else", `import "net/http"; var h http.Header; var s = h.Get("")`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p; "+c.source, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(sending(file)); got != c.want {
				t.Errorf("%d found, want %d", got, c.want)
			}
		})
	}
}
