package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// A formatter keeps data files in canonical form. It is what "catalogue fmt" and "vectors fmt"
// have in common.
type formatter struct {
	ext      string // of the files: .yaml, .json
	embedded fs.FS  // the data in the program; nil if there is no access to it
	format   func([]byte) ([]byte, error)
	skip     func(slashed string) bool // files of a folder that are of another kind
}

func (f *formatter) command(s *streams, what string) *cobra.Command {
	var check bool
	without := ""
	if f.embedded != nil {
		without = " Without arguments --check\nlooks at the data in the program."
	}
	c := &cobra.Command{
		Use:   "fmt [--check] [FILE|DIR]...",
		Short: "Write " + what + " in canonical form",
		Long: `Write files in canonical form and print the names of those that changed. Of a
folder, all ` + f.ext + ` files in it are meant.

With --check nothing is written: the names of files that would change are
printed, and the exit code is 1 if there are any.` + without,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				if check && f.embedded != nil {
					return f.checkEmbedded(s)
				}
				return errors.New("no files: give FILE or DIR")
			}
			return f.run(s, args, check)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing, exit with 1 if a file is not in canonical form")
	return c
}

func (f *formatter) checkEmbedded(s *streams) error {
	var different int
	names, err := f.walk(f.embedded)
	if err != nil {
		return err
	}
	for _, name := range names {
		src, err := fs.ReadFile(f.embedded, name)
		if err != nil {
			return err
		}
		got, err := f.format(src)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !bytes.Equal(got, src) {
			fmt.Fprintln(s.out, name)
			different++
		}
	}
	return findings(different)
}

// run formats what args name. It writes nothing if one of the files cannot be read.
func (f *formatter) run(s *streams, args []string, check bool) error {
	var names []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			names = append(names, arg)
			continue
		}
		in, err := f.walk(os.DirFS(arg))
		if err != nil {
			return fmt.Errorf("%s: %w", quote(arg), err)
		}
		for _, name := range in {
			names = append(names, filepath.Join(arg, filepath.FromSlash(name)))
		}
	}
	type change struct {
		name string
		to   []byte
	}
	var changes []change
	for _, name := range names {
		src, err := readDataFile(name)
		if err != nil {
			return err
		}
		got, err := f.format(src)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !bytes.Equal(got, src) {
			changes = append(changes, change{name, got})
		}
	}
	for _, ch := range changes {
		if !check {
			if err := replaceFile(ch.name, ch.to); err != nil {
				return err
			}
		}
		fmt.Fprintln(s.out, ch.name)
	}
	if !check {
		return nil
	}
	return findings(len(changes))
}

// walk returns the data files of fsys. That there are none is an error.
func (f *formatter) walk(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, f.ext) && (f.skip == nil || !f.skip(name)) {
			names = append(names, name)
		}
		return err
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("no %s file in it", f.ext)
	}
	return names, err
}

// maxDataFile is many times the largest data file.
const maxDataFile = 8 << 20

func readDataFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxDataFile+1))
	if err == nil && len(b) > maxDataFile {
		err = fmt.Errorf("%s: more than 8 MiB", quote(name))
	}
	return b, err
}

// replaceFile writes a file in one piece: a reader sees the old content or the new.
func replaceFile(name string, content []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // a link stays one
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".fpconform-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// findings ends the program with exit code 1 if n is not 0.
func findings(n int) error {
	if n > 0 {
		return &exitError{code: exitFindings}
	}
	return nil
}

// printLint prints what a linter found, each on a line, and ends with exit code 1 if that is
// anything.
func printLint(s *streams, found []error) error {
	for _, err := range found {
		fmt.Fprintln(s.out, oneLine(err.Error()))
	}
	return findings(len(found))
}

// dirArg returns the folder that the only argument names, or nil if there is none.
func dirArg(c *cobra.Command, args []string) (fs.FS, error) {
	switch len(args) {
	case 0:
		return nil, nil
	case 1:
		info, err := os.Stat(args[0])
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", quote(args[0]))
		}
		return os.DirFS(args[0]), nil
	}
	return nil, fmt.Errorf("%q wants one folder, got %d arguments", c.CommandPath(), len(args))
}

// table prints rows in columns, two blanks between them. The last column is not padded.
func table(w io.Writer, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// unknownIDs returns an error if one of args is none of ids.
func unknownIDs(what string, args, ids []string) error {
	for _, arg := range args {
		if !slices.Contains(ids, arg) {
			return fmt.Errorf("no %s is called %s%s", what, quote(arg), meant(arg, ids))
		}
	}
	return nil
}

// completeIDs makes the shell offer these ids as arguments.
func completeIDs(c *cobra.Command, ids func() []string) {
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return slices.DeleteFunc(ids(), func(id string) bool { return slices.Contains(args, id) }), cobra.ShellCompDirectiveNoFileComp
	}
}

// paragraph prints text broken at helpWidth, every line indented, the first one behind head.
func paragraph(w io.Writer, head, text string) {
	const indent = 13
	line, first := "", true
	flush := func() {
		label := ""
		if first {
			label = head
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-*s%s", indent-2, label, line), " "))
		line, first = "", false
	}
	for _, word := range strings.Fields(oneLine(text)) {
		if line != "" && indent+len([]rune(line))+1+len([]rune(word)) > helpWidth {
			flush()
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	flush()
}
