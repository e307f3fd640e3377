package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// maxKeyFile is far more than any key has. A longer file is another file.
const maxKeyFile = 64 << 10

// A keySource says where one kind of key comes from: the file that the flag names, else the
// environment. There is no flag for the key itself, which would show in every list of
// processes and in the shell's history.
type keySource struct {
	flag string // secret-file
	env  string // FPCONFORM_SECRET
	file string // the flag's value
	set  bool   // whether the flag was given
}

func (k *keySource) add(c *cobra.Command, usage string) {
	c.Flags().StringVar(&k.file, k.flag, "", usage)
}

// errNoKey is what read wraps if no key was given at all.
var errNoKey = errors.New("no key")

// read returns the key, and says on standard error what about it is odd. The key never is
// part of an error, nor is its length.
func (k *keySource) read(s *streams) ([]byte, error) {
	text, there := s.environment()(k.env)
	where, key := k.env, []byte(text)
	if k.set {
		where = "--" + k.flag + " " + quote(k.file)
		var err error
		if key, err = readKeyFile(k.file); err != nil {
			return nil, fmt.Errorf("--%s: %w", k.flag, err)
		}
		if cut := withoutLineBreak(key); len(cut) < len(key) {
			complain(s.err, "note: ", fmt.Errorf("%s ends in a line break; the key is taken without it", where))
			key = cut
		}
	}
	switch {
	case len(key) > 0:
	case k.set:
		return nil, fmt.Errorf("%s: the file is empty, and an empty key is none", where)
	case there:
		return nil, fmt.Errorf("%s is set and empty, and an empty key is none", where)
	default:
		return nil, fmt.Errorf("%w: give --%s FILE, or set %s", errNoKey, k.flag, k.env)
	}
	for _, odd := range oddities(key) {
		complain(s.err, "warning: ", fmt.Errorf("the key from %s %s; it is used as it is", where, odd))
	}
	return key, nil
}

func readKeyFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxKeyFile {
		return nil, fmt.Errorf("%s has more than %d bytes, which is no key", quote(name), maxKeyFile)
	}
	return b, nil
}

// withoutLineBreak cuts one line break, LF or CR LF, off the end of b.
func withoutLineBreak(b []byte) []byte {
	if cut, ok := bytes.CutSuffix(b, []byte("\n")); ok {
		return bytes.TrimSuffix(cut, []byte("\r"))
	}
	return b
}

// oddities names what is lawful in a key, and more often a mistake in storing it.
func oddities(key []byte) []string {
	var odd []string
	text := string(key)
	if strings.TrimSpace(text) != text {
		odd = append(odd, "begins or ends with white space")
	} else if strings.ContainsAny(text, "\r\n") {
		odd = append(odd, "has more than one line")
	}
	if bare := strings.TrimFunc(text, unicode.IsSpace); strings.ContainsAny(ends(bare), "\"'`") {
		odd = append(odd, "begins or ends with a quote")
	}
	switch {
	case strings.HasPrefix(text, "\ufeff"):
		odd = append(odd, "begins with a byte order mark")
	case strings.ContainsRune(text, 0):
		odd = append(odd, "has NUL bytes, as a file in UTF-16 does")
	}
	return odd
}

// ends returns the first and the last byte of s.
func ends(s string) string {
	if s == "" {
		return ""
	}
	return s[:1] + s[len(s)-1:]
}
