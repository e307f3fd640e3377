package vectors

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Copy writes README.md and all files of [FS] into dir, which it makes if need be. It
// overwrites nothing: if one of the files is there already, it writes none and returns an
// error that wraps [fs.ErrExist].
func Copy(dir string) error {
	files := map[string][]byte{readmeFile: readme}
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(FS, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	for name := range files {
		switch _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); {
		case err == nil:
			return fmt.Errorf("vectors: %s: %w", filepath.Join(dir, name), fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("vectors: %w", err)
		}
	}
	for name, b := range files {
		if err := create(filepath.Join(dir, filepath.FromSlash(name)), b); err != nil {
			return fmt.Errorf("vectors: %w", err)
		}
	}
	return nil
}

func create(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
