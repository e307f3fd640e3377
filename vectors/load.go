package vectors

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

//go:embed data
var embedded embed.FS

//go:embed README.md
var readme []byte

// FS has the files as they are: VERSION, scripts.json, withdrawn.json, the folders sig and jws
// with one file for each rule, and schemas with a JSON Schema for each format.
var FS = sub()

func sub() fs.FS {
	fsys, err := fs.Sub(embedded, "data")
	if err != nil {
		panic(err) // the embed pattern above names the folder
	}
	return fsys
}

// Version returns the number that names the state of all files. It grows with every change.
func Version() string {
	b, err := fs.ReadFile(FS, versionFile)
	if err != nil {
		panic(err) // a test reads it
	}
	return strings.TrimSpace(string(b))
}

const (
	versionFile   = "VERSION"
	readmeFile    = "README.md"
	scriptsFile   = "scripts.json"
	withdrawnName = "withdrawn.json"
	schemaDir     = "schemas"
)

// LoadSig returns the tests of pg_sig, sorted by file. It returns an error if there is no
// file, a file without tests, a note without tests or a flag without a note, or a member that
// the format does not have.
func LoadSig() ([]File[Sig], error) { return load[Sig](FS, "sig/*.json") }

// LoadJWS returns the tests of X-JWS-Signature, with the same errors as [LoadSig].
func LoadJWS() ([]File[JWS], error) { return load[JWS](FS, "jws/*.json") }

// LoadScripts returns the tests of the script name, with the same errors as [LoadSig].
func LoadScripts() ([]File[Script], error) { return load[Script](FS, scriptsFile) }

// LoadWithdrawn returns the tests that were wrong once. There may be none.
func LoadWithdrawn() ([]Withdrawn, error) { return loadWithdrawn(FS) }

func load[T test](fsys fs.FS, pattern string) ([]File[T], error) {
	names, err := fs.Glob(fsys, pattern) // sorted
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("vectors: no file %s", pattern)
	}
	files := make([]File[T], 0, len(names))
	for _, name := range names {
		f, err := loadFile[T](fsys, name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func loadFile[T test](fsys fs.FS, name string) (File[T], error) {
	var f File[T]
	src, err := read(fsys, name)
	if err == nil {
		err = decode(src, &f)
	}
	if err == nil {
		f.Path = name
		err = f.check()
	}
	if err != nil {
		return File[T]{}, fmt.Errorf("vectors: %s: %w", name, err)
	}
	return f, nil
}

// check looks for what makes a file mean something else than it says.
func (f *File[T]) check() error {
	var zero T
	if want := schemaOf(zero); f.Schema != want {
		return fmt.Errorf("schema is %s, want %q", cut(f.Schema), want)
	}
	if len(f.Tests) == 0 {
		return errors.New("no tests")
	}
	used := map[string]bool{}
	for _, t := range f.Tests {
		c := any(t).(test).head()
		for _, flag := range c.Flags {
			if _, ok := f.Notes[flag]; !ok {
				return fmt.Errorf("%s: flag %s has no note", c.ID, cut(flag))
			}
			used[flag] = true
		}
	}
	for flag := range f.Notes {
		if !used[flag] {
			return fmt.Errorf("note %s: no test has this flag", cut(flag))
		}
	}
	return nil
}

func schemaOf(t any) string {
	switch t.(type) {
	case Sig:
		return sigSchema
	case JWS:
		return jwsSchema
	case Script:
		return scriptsSchema
	}
	return ""
}

func loadWithdrawn(fsys fs.FS) ([]Withdrawn, error) {
	var f withdrawnFile
	src, err := read(fsys, withdrawnName)
	if err == nil {
		err = decode(src, &f)
	}
	if err == nil && f.Schema != withdrawnSchema {
		err = fmt.Errorf("schema is %s, want %q", cut(f.Schema), withdrawnSchema)
	}
	if err != nil {
		return nil, fmt.Errorf("vectors: %s: %w", withdrawnName, err)
	}
	return f.Withdrawn, nil
}

// maxFile is many times the largest file, and what is read of a hostile one.
const maxFile = 8 << 20

func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(src) > maxFile {
		err = errTooLarge
	}
	return src, err
}

var errTooLarge = fmt.Errorf("larger than %d bytes", maxFile)

// base returns the name of a file without its folder and extension: the first part of the
// ids in it.
func base(name string) string { return strings.TrimSuffix(path.Base(name), ".json") }
