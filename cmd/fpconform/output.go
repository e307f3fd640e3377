package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// An outputFlag is the flag --output text|json of commands whose answer a program may read.
type outputFlag string

func (o *outputFlag) add(c *cobra.Command) {
	*o = "text"
	c.Flags().Var(o, "output", "`FORMAT` of the answer: text or json")
	complete(c, "output", "text", "json")
}

func (o outputFlag) json() bool { return o == "json" }

func (o *outputFlag) String() string { return string(*o) }
func (o *outputFlag) Type() string   { return "FORMAT" }
func (o *outputFlag) Set(s string) error {
	if s != "text" && s != "json" {
		return fmt.Errorf("neither text nor json")
	}
	*o = outputFlag(s)
	return nil
}

// complete makes the shell offer these values of a flag.
func complete(c *cobra.Command, flag string, values ...string) {
	err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was added one line before
	}
}

// writeJSON writes v indented, with <, > and & as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// visible returns s as it is if all of it can be seen, and quoted if a terminal would do
// something with it, if white space at an end would be missed, or if it is empty.
func visible(s string) string {
	if s != "" && s == strings.TrimSpace(s) && utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 && s[0] != '"' {
		return s
	}
	return fmt.Sprintf("%q", s)
}

// hidden reports whether r is not to be seen, or changes how others are.
func hidden(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) }
