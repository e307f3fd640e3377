package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxSecret is how many bytes a key file may have.
const MaxSecret = 64 << 10

// shortestHidden is the length from which a report can hide a secret wherever it shows up.
const shortestHidden = 4

// ReadSecret reads a key file whole. One line break at its end is not part of the key: editors put
// it there, and no gateway hands out a key with one. The note says so, and warns of what may be a
// mistake and is used as it is.
//
// An empty file, one that is larger than MaxSecret and one that cannot be read are errors. Neither
// error nor note holds anything of the content.
func ReadSecret(path string) (secret string, notes []string, err error) {
	if path == "" {
		return "", nil, errors.New("config: a key file has no name")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, fmt.Errorf("config: key file %s: %w", quotePath(path), cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSecret+1))
	if err != nil {
		return "", nil, fmt.Errorf("config: key file %s: %w", quotePath(path), cause(err))
	}
	if len(data) > MaxSecret {
		return "", nil, fmt.Errorf("config: key file %s is larger than %d bytes", quotePath(path), MaxSecret)
	}
	secret = string(data)
	if cut, ok := strings.CutSuffix(secret, "\n"); ok {
		secret = strings.TrimSuffix(cut, "\r")
		notes = append(notes, fmt.Sprintf("key file %s ends in a line break, which is not part of the key", quotePath(path)))
	}
	if secret == "" {
		return "", nil, fmt.Errorf("config: key file %s is empty", quotePath(path))
	}
	return secret, append(notes, suspicious("key file "+quotePath(path), secret)...), nil
}

// cause is what the system says, without the path that stands in the error already.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// suspicious warns of what a key has by mistake more often than by intent. The key is used as it is.
func suspicious(where, secret string) []string {
	var notes []string
	if strings.TrimSpace(secret) != secret {
		notes = append(notes, where+" has white space at an end of the key, which is used as it is")
	}
	if n := len(secret); n > 1 && secret[0] == secret[n-1] && (secret[0] == '"' || secret[0] == '\'') {
		notes = append(notes, where+" has quotes around the key, which are used as part of it")
	}
	if strings.HasPrefix(secret, "\ufeff") {
		notes = append(notes, where+" begins with a byte order mark, which is used as part of the key")
	}
	if len(secret) < shortestHidden {
		notes = append(notes, fmt.Sprintf("%s has a key of less than %d bytes, which no report can hide", where, shortestHidden))
	}
	return notes
}

// A reference says in a file where a secret is: {env: NAME} or {file: PATH}.
type reference struct{ env, file string }

// UnmarshalYAML refuses a secret that stands in the file itself. What it says must not repeat it.
func (r *reference) UnmarshalYAML(decode func(any) error) error {
	var text string
	if decode(&text) == nil {
		return errors.New("a secret does not stand in the file: write {env: NAME} or {file: PATH}")
	}
	var from struct {
		Env  *string `yaml:"env"`
		File *string `yaml:"file"`
	}
	if err := decode(&from); err != nil {
		return err
	}
	switch {
	case (from.Env == nil) == (from.File == nil):
		return errors.New("a secret is either {env: NAME} or {file: PATH}")
	case from.Env != nil && *from.Env == "", from.File != nil && *from.File == "":
		return errors.New("a secret is either {env: NAME} or {file: PATH}, and neither name is empty")
	case from.Env != nil:
		r.env = *from.Env
	default:
		r.file = *from.File
	}
	return nil
}

// read follows a reference. A path is relative to dir, the folder of the configuration.
func (r *reference) read(dir string, lookup func(string) (string, bool)) (secret string, notes []string, err error) {
	if r.env != "" {
		secret, ok := lookup(r.env)
		switch {
		case !ok:
			return "", nil, fmt.Errorf("the variable %s is not set", name(r.env))
		case secret == "":
			return "", nil, fmt.Errorf("the variable %s is empty", name(r.env))
		}
		return secret, suspicious("the variable "+name(r.env), secret), nil
	}
	path := r.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return ReadSecret(path)
}

// name shows the name of a variable that a file gives, if it looks like one. What does
// not look like one may be the secret itself, put after env: by mistake, and is not shown.
func name(variable string) string {
	if len(variable) > 64 {
		return "(whose name is longer than 64 bytes)"
	}
	for i, c := range []byte(variable) {
		switch {
		case c == '_', 'A' <= c && c <= 'Z', i > 0 && '0' <= c && c <= '9':
		default:
			return "(whose name is not of capital letters, digits and underscores, so it is not shown)"
		}
	}
	return variable
}

// quote quotes a value for an error, cut at 64 bytes.
func quote(s string) string { return cut(s, 64) }

// quotePath quotes a path in full, since half of one helps nobody, but not without bound.
func quotePath(s string) string { return cut(s, 1024) }

func cut(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
