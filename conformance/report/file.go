package report

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Writer renders a report. It adds no judgement of its own.
type Writer func(w io.Writer, r *Report) error

// Writers has the writers by the name of their format: json, junit, and text with its usual
// options. For others take [Text].
var Writers = map[string]Writer{
	"json":  JSON,
	"junit": JUnit,
	"text":  Text(TextOptions{}),
}

// CheckWritable says whether [WriteFile] will be able to write to path, so that a run can refuse
// before it sends anything. It makes an empty file beside path and removes it; path itself is left
// as it is.
func CheckWritable(path string) error {
	d, err := destinationOf(path)
	if err != nil {
		return err
	}
	if d.special {
		return nil // opening a pipe would wait for its reader
	}
	f, err := d.temp()
	if err != nil {
		return err
	}
	return failed(path, errors.Join(f.Close(), os.Remove(f.Name())))
}

// WriteFile writes r to path in one piece: whoever looks there finds the file that was there
// before or the whole new one, never half of it, whatever happens meanwhile. It writes beside path
// and renames. An existing file keeps its permissions, a symbolic link stays and its target is
// replaced. A device or a pipe, which cannot be replaced, is written to as it is.
//
// "-" is refused: standard output belongs to the command.
func WriteFile(path string, write Writer, r *Report) error {
	d, err := destinationOf(path)
	if err != nil {
		return err
	}
	if d.special {
		f, err := os.OpenFile(d.path, os.O_WRONLY, 0)
		if err != nil {
			return failed(path, err)
		}
		return failed(path, errors.Join(writeTo(f, write, r), f.Close()))
	}
	f, err := d.temp()
	if err != nil {
		return err
	}
	err = writeTo(f, write, r)
	if err == nil {
		err = f.Sync()
	}
	if err == nil && d.mode != nil {
		err = f.Chmod(*d.mode)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), d.path)
	}
	if err != nil {
		return errors.Join(failed(path, err), os.Remove(f.Name()))
	}
	return nil
}

// failed says which report could not be written, by the name that the user gave it and in full:
// the temporary file is none of theirs.
func failed(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("report: %q cannot be written: %w", cut(path, 1024), err)
}

func writeTo(f *os.File, write Writer, r *Report) error {
	b := bufio.NewWriterSize(f, 64<<10)
	if err := write(b, r); err != nil {
		return err
	}
	return b.Flush()
}

// A destination is where a report goes.
type destination struct {
	path    string       // with symbolic links resolved
	mode    *fs.FileMode // of the file that is there, nil if there is none
	special bool         // a device, a pipe, a socket
}

func destinationOf(path string) (*destination, error) {
	switch path {
	case "":
		return nil, errors.New("report: a file to write to has no name")
	case "-":
		return nil, errors.New(`report: "-" is standard output, not a file`)
	}
	d := &destination{path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return nil, failed(path, errors.New("it is a symbolic link to what does not exist"))
		}
		return d, nil
	case err != nil:
		return nil, failed(path, err)
	case info.IsDir():
		return nil, failed(path, errors.New("it is a folder"))
	case !info.Mode().IsRegular():
		d.special = true // not resolved: /dev/fd/63 leads to a name that cannot be opened
		return d, nil
	}
	mode := info.Mode().Perm()
	d.mode = &mode
	if d.path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, failed(path, err)
	}
	return d, nil
}

// temp makes a new file beside the destination, so that a rename stays within one file system.
func (d *destination) temp() (*os.File, error) {
	folder := filepath.Dir(d.path)
	// not os.CreateTemp: its files are for their owner alone, a report is for whoever the umask lets
	f, err := os.OpenFile(filepath.Join(folder, ".fpconform-"+rand.Text()[:12]), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, failed(d.path, err)
	}
	return f, nil
}
