package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fpconform": main})
}

// program runs the command in process, with these environment variables and an empty
// standard input.
func program(env map[string]string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(args, &streams{
		in:     strings.NewReader(""),
		out:    &out,
		err:    &err,
		getenv: func(name string) string { return env[name] },
	})
	return code, out.String(), err.String()
}

// everyCommand calls f with all commands.
func everyCommand(t *testing.T, f func(*cobra.Command)) {
	t.Helper()
	n := 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		n++
		f(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	root := newRoot(&streams{})
	root.InitDefaultHelpCmd()
	walk(root)
	if n < 4 {
		t.Fatalf("only %d commands", n)
	}
}

func TestHelpFitsATerminalAndNamesEveryFlag(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		code, stdout, stderr := program(nil, args...)
		if code != exitOK || stderr != "" {
			t.Errorf("%v: exit %d, stderr %q", args, code, stderr)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if n := len([]rune(line)); n > helpWidth {
				t.Errorf("%v: %d columns: %s", args, n, line)
			}
			if strings.ContainsRune(line, '\t') {
				t.Errorf("%v: a tab: %q", args, line)
			}
			if line != strings.TrimRight(line, " ") {
				t.Errorf("%v: blanks at the end: %q", args, line)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(stdout, "--"+f.Name+" ") {
				t.Errorf("%v: does not name --%s", args, f.Name)
			}
			if strings.TrimSpace(f.Usage) == "" {
				t.Errorf("%v: says nothing about --%s", args, f.Name)
			}
		})
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%v: short text %q", args, c.Short)
		}
		_, same, _ := program(nil, append([]string{"help"}, args[:len(args)-1]...)...)
		if same != stdout {
			t.Errorf("%v: \"help\" prints something else", args)
		}
	})
}

func TestSecretsAreNeverValuesOfFlags(t *testing.T) {
	everyCommand(t, func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			for _, word := range []string{"secret", "key", "password"} {
				if strings.Contains(f.Name, word) && !strings.HasSuffix(f.Name, "-file") {
					t.Errorf("%s --%s takes a secret", c.CommandPath(), f.Name)
				}
			}
		})
	})
}

func TestNearestFindsWhatWasMistyped(t *testing.T) {
	names := []string{"sign", "verify", "vectors", "catalogue", "SIG-4", "SIG-14", "merchant.card.pay"}
	for name, want := range map[string]string{
		"sing": "sign", "verfiy": "verify", "vector": "vectors", "sig-4": "SIG-4,SIG-14",
		"card.pay": "merchant.card.pay", "zzz": "", "": "", strings.Repeat("x", 1<<20): "",
	} {
		if got := strings.Join(nearest(name, names), ","); got != want {
			t.Errorf("%s: got %s, want %s", quote(name), got, want)
		}
	}
}
