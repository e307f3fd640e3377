package fptest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A module that imports one package of this one must not pay for the others. What it pays for stands
// in its go.sum after go mod tidy.
//
// The consumer takes this checkout by replace and everything else from the module cache, without a
// network: what it may need is what this very test is built from. Only where the build itself did not
// use the cache, as with -mod=vendor, is there nothing to take it from. Then the test is skipped, and
// fails with CI=true; consumers that need no module at all are tested all the same.
func TestAConsumerGetsNoModuleButThoseOfWhatItImports(t *testing.T) {
	ours, err := os.ReadFile(filepath.Join(root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		imports []string
		modules []string
	}{
		{"sig alone leaves an empty go.sum", []string{"sig"}, nil},
		{"forms and JSON leave an empty go.sum", []string{"sig", "sig/sigform", "sig/sigjson"}, nil},
		{"sigxml brings etree and nothing else", []string{"sig", "sig/sigxml"}, []string{etree}},
		{"jws brings go-jose and nothing else", []string{"jws"}, []string{goJose}},
		{"both schemes bring their two modules", []string{"sig", "sig/sigxml", "jws"}, []string{etree, goJose}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := consumer(t, c.imports)
			if out, err := goCommand(dir, offline, "mod", "tidy"); err != nil {
				if len(c.modules) > 0 && strings.Contains(err.Error(), "GOPROXY=off") {
					text := "the module cache lacks what this build was made of (run go mod download): " + err.Error()
					if os.Getenv("CI") == "true" {
						t.Fatal(text)
					}
					t.Skip(text)
				}
				t.Fatalf("go mod tidy: %v\n%s", err, out)
			}
			sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // go writes no file for nothing
				t.Fatal(err)
			}
			got := map[string]bool{}
			for line := range strings.Lines(string(sum)) {
				got[strings.Fields(line)[0]] = true
				if !strings.Contains(string(ours), line) {
					t.Errorf("go.sum of the consumer has a line that ours lacks: %s", line)
				}
			}
			if list := slices.Sorted(maps.Keys(got)); !slices.Equal(list, c.modules) {
				t.Errorf("go.sum has %v, want %v", list, c.modules)
			}
			// What it links is what it names and what that is made of.
			for _, name := range strings.Fields(string(goList(t, dir, offline, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "."))) {
				if inside, ok := strings.CutPrefix(name, modulePath+"/"); ok && !slices.Contains(c.imports, inside) {
					t.Errorf("it compiles %s, which it does not import", name)
				}
			}
		})
	}
}

// offline keeps the go command to the module cache, and from asking for checksums or a toolchain.
var offline = []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOWORK=off"}

// consumer makes a module that imports these packages and returns its folder.
func consumer(t *testing.T, imports []string) string {
	t.Helper()
	dir := t.TempDir()
	mod := fmt.Sprintf("module consumer.example\n\ngo 1.25.0\n\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n", modulePath, filepath.ToSlash(root(t)))
	source := "package consumer\n\n"
	for _, name := range imports {
		source += fmt.Sprintf("import _ %q\n", modulePath+"/"+name)
	}
	for name, text := range map[string]string{"go.mod": mod, "consumer.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
