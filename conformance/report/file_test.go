package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWriteFile(t *testing.T) {
	t.Run("writes what the writer writes, with every writer", func(t *testing.T) {
		for format, w := range Writers {
			path := filepath.Join(t.TempDir(), "r")
			if err := WriteFile(path, w, everyStatus()); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if want := render(t, w, everyStatus()); string(got) != string(want) {
				t.Errorf("%s: got %s, want %s", format, got, want)
			}
		}
	})
	t.Run("leaves the old file and nothing else when the writer fails half way", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "report.json")
		put(t, path, "old")
		broken := errors.New("broken")
		err := WriteFile(path, func(w io.Writer, r *Report) error {
			if _, err := io.WriteString(w, strings.Repeat("half", 1<<20)); err != nil {
				return err
			}
			return broken
		}, base())
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want %v", err, broken)
		}
		wantFolder(t, dir, map[string]string{"report.json": "old"})
	})
	t.Run("shows the old file until the new one is whole", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "report.json")
		put(t, path, "old")
		err := WriteFile(path, func(w io.Writer, r *Report) error {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<20)); err != nil {
				return err
			}
			if got, err := os.ReadFile(path); string(got) != "old" {
				t.Errorf("got %.20q, %v in the middle", got, err)
			}
			return nil
		}, base())
		if err != nil {
			t.Fatal(err)
		}
		wantFolder(t, dir, map[string]string{"report.json": strings.Repeat("x", 1<<20)})
	})
	t.Run("keeps the permissions of the file that it replaces", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("windows has no such permissions")
		}
		path := filepath.Join(t.TempDir(), "r")
		put(t, path, "old")
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, JSON, base()); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("got %v, %v, want 0640", info.Mode(), err)
		}
	})
	t.Run("writes through a symbolic link and keeps it", func(t *testing.T) {
		dir, other := t.TempDir(), t.TempDir()
		put(t, filepath.Join(other, "real"), "old")
		link := filepath.Join(dir, "link")
		if err := os.Symlink(filepath.Join(other, "real"), link); err != nil {
			if runtime.GOOS != "windows" {
				t.Fatal(err)
			}
			t.Skip("Windows lets not everyone make symbolic links: ", err)
		}
		if err := WriteFile(link, static("new"), base()); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link is gone: %v, %v", info, err)
		}
		wantFolder(t, other, map[string]string{"real": "new"})
	})
}

func TestCheckWritable(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "kept")
	t.Run("takes a new file and an old one and changes nothing", func(t *testing.T) {
		for _, name := range []string{"file", "new.json", "новый отчёт.json"} {
			if err := CheckWritable(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		wantFolder(t, dir, map[string]string{"file": "kept"})
	})
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "dangling")); err != nil {
		t.Log(err)
	}
	for name, path := range map[string]string{
		"a path without a name":           "",
		"standard output":                 "-",
		"a folder":                        dir,
		"a folder that is not there":      filepath.Join(dir, "no", "report.json"),
		"a file in a file":                filepath.Join(dir, "file", "report.json"),
		"a link to what is not there":     filepath.Join(dir, "dangling"),
		"a name that no file system has":  filepath.Join(dir, strings.Repeat("n", 5000)),
		"a name with a byte that ends it": filepath.Join(dir, "a\x00b"),
	} {
		t.Run("refuses "+name+", and so does WriteFile", func(t *testing.T) {
			for _, err := range []error{CheckWritable(path), WriteFile(path, JSON, base())} {
				if err == nil || !strings.HasPrefix(err.Error(), "report: ") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	t.Run("refuses a folder that may not be written to", func(t *testing.T) {
		closed := "/proc/self" // even whoever may write everywhere makes no file there
		if runtime.GOOS != "linux" || os.Geteuid() > 0 {
			closed = filepath.Join(dir, "closed")
			if err := os.Mkdir(closed, 0o555); err != nil {
				t.Fatal(err)
			}
		}
		if err := CheckWritable(filepath.Join(closed, "r")); err == nil || !strings.HasPrefix(err.Error(), "report: ") {
			t.Errorf("got %v", err)
		}
	})
}

func static(s string) Writer {
	return func(w io.Writer, r *Report) error { _, err := io.WriteString(w, s); return err }
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func wantFolder(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Errorf("got the files %q, want %d", got, len(want))
	}
	for name, content := range want {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != content {
			t.Errorf("%s: got %.40q, %v, want %.40q", name, data, err, content)
		}
	}
}

func TestWritersWithoutReport(t *testing.T) {
	if len(Writers) == 0 {
		t.Fatal("there are no writers")
	}
	for format, w := range Writers {
		if err := w(io.Discard, nil); err == nil || !strings.HasPrefix(err.Error(), "report: ") {
			t.Errorf("%s: got %v", format, err)
		}
		if err := w(full{}, everyStatus()); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want %v", format, err, errFull)
		}
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func Example() {
	r := &Report{
		Tool: Tool{"fpconform", "0.1.0"},
		Seed: 42,
		Results: []Result{
			{ID: "merchant.purchase.create/valid/message.parses", Status: Pass},
			{ID: "merchant.purchase.status/valid/sig.response-verifies", Status: Fail, Findings: []Finding{{
				Clause: "SIG-4", Text: "fields with the same name are signed in the order in which they appear",
				Path: "response/pg_refund_payments/pg_refund_payment[2]",
				Got:  "pg_sig 93a1…e0c4, which is right for these fields in reverse order", Want: "a signature over wire order",
			}}},
		},
	}
	r.Seal()
	if err := Text(TextOptions{})(os.Stdout, r); err != nil {
		fmt.Println(err)
	}
	fmt.Println("exit", r.Exit())
	// Output:
	// fpconform 0.1.0, seed 42
	//
	// FAIL merchant.purchase.status/valid/sig.response-verifies
	//   SIG-4  fields with the same name are signed in the order in which they appear
	//   at     response/pg_refund_payments/pg_refund_payment[2]
	//   got    pg_sig 93a1…e0c4, which is right for these fields in reverse order
	//   want   a signature over wire order
	//
	// 2 cases: 1 pass, 1 fail
	// 0 requests in 0s
	// verdict: findings (exit 1), 1 case failed
	// exit 1
}
