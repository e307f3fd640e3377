package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// streams is what a command has of the world. Commands write nowhere else, so that tests run
// them in process.
type streams struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	lookup   func(string) (string, bool) // tells an empty variable from none; nil asks getenv
	terminal func(io.Writer) bool        // whether a person is looking, who may be shown colours
}

// Exit codes.
const (
	exitOK        = 0 // it conforms, the signature is right, all is well
	exitFindings  = 1 // it does not
	exitUsage     = 2 // wrong usage, or input that cannot be read; nothing was sent
	exitNoVerdict = 3 // neither yes nor no
)

// An exitError ends the program with a code. Where err is nil, everything was said already.
// Any other error that a command returns ends it with exitUsage.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "exit " + strconv.Itoa(e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// newRoot returns the command with all commands below it.
func newRoot(s *streams) *cobra.Command {
	root := newGroup(&cobra.Command{
		Use:   "fpconform",
		Short: "Test signatures and protocol of the Freedom Pay gateway",
		Long: `fpconform tests implementations of the Freedom Pay (formerly PayBox.money)
payment gateway's protocol, and signs, verifies and explains its messages.

It is unofficial: not made, checked or endorsed by the owner of the gateway.`,
	})
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true // newCompletion says it shorter
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetHelpFunc(help)
	root.SetUsageFunc(func(c *cobra.Command) error { help(c, nil); return nil })
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp())
	for _, construct := range []func(*streams) *cobra.Command{
		newSign,
		newVerify,
		newExplain,
		newRun,
		newMock,
		newSelftest,
		newVectors,
		newCatalogue,
		newClauses,
		newVersion,
		newCompletion,
	} {
		root.AddCommand(construct(s))
	}
	return root
}

// newGroup makes c a command that only holds others and prints its help.
func newGroup(c *cobra.Command) *cobra.Command {
	c.Args = cobra.ArbitraryArgs // judged by unknownCommand, before the flags
	c.RunE = func(c *cobra.Command, args []string) error { return c.Help() }
	return c
}

// execute runs the program with these arguments and returns its exit code. An error goes to
// standard error as one line that begins with "fpconform: ".
func execute(args []string, s *streams) int {
	out := &output{w: s.out}
	own := *s
	own.out = out
	own.terminal = func(w io.Writer) bool {
		if w == io.Writer(out) {
			w = s.out
		}
		return s.terminal != nil && s.terminal(w)
	}
	root := newRoot(&own)
	root.InitDefaultHelpCmd()
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	err := unknownCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(context.Background())
	}
	code := exitOK
	if err != nil {
		code = exitUsage
		var exit *exitError
		if errors.As(err, &exit) {
			code = exit.code
		}
		if exit == nil || exit.err != nil {
			complain(s.err, "", err)
		}
	}
	if out.err != nil { // what was found out has not reached anyone
		complain(s.err, "", fmt.Errorf("standard output: %w", out.err))
		if code == exitOK {
			code = exitNoVerdict
		}
	}
	return code
}

// complain writes err as one line. kind is "", "note: " or "warning: ".
func complain(w io.Writer, kind string, err error) {
	text := strings.TrimPrefix(strings.TrimSpace(err.Error()), "fpconform: ")
	fmt.Fprintf(w, "fpconform: %s%s\n", kind, oneLine(text))
}

// oneLine returns s without line breaks and without anything that a terminal might obey.
func oneLine(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\n", "; ") // errors.Join
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
}

// An output keeps the first error of its writer, and writes nothing after it.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}

// unknownCommand returns an error if args name a command that does not exist. cobra would
// notice only after the flags, of which it then knows none.
func unknownCommand(root *cobra.Command, args []string) error {
	c, rest, err := root.Find(args)
	if err != nil || !c.HasSubCommands() {
		return err
	}
	for _, name := range rest {
		if name == "--" || strings.HasPrefix(name, cobra.ShellCompRequestCmd) {
			return nil
		}
		if !strings.HasPrefix(name, "-") {
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			return fmt.Errorf("unknown command %s for %q%s", quote(name), c.CommandPath(), meant(name, names))
		}
	}
	return nil
}

// flagError says which flag is wrong. It repeats no value of a flag that does not exist:
// that may be a secret.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("unknown flag %s for %q", quote("-"+name), c.CommandPath())
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return fmt.Errorf("unknown flag %s for %q%s", quote("--"+name), c.CommandPath(), meant("--"+name, names))
	}
	var value *pflag.InvalidValueError
	if errors.As(err, &value) {
		return fmt.Errorf("--%s %s: %w", value.GetFlag().Name, quote(value.GetValue()), value.Unwrap())
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		return fmt.Errorf("--%s wants a value", missing.GetFlag().Name)
	}
	return err
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q takes no arguments, got %s", c.CommandPath(), quote(args[0]))
	}
	return nil
}

// oneArg wants one argument, which it calls what.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%q wants one %s, got %d arguments", c.CommandPath(), what, len(args))
		}
		return nil
	}
}

// quote returns s quoted and cut at 64 bytes.
func quote(s string) string {
	if len(s) <= 64 {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:64], "")) + "…"
}
