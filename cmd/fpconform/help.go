package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpWidth is the widest line of any help, so that it fits a terminal of 80 columns.
const helpWidth = 79

// help prints what a command is for, its commands and its flags. cobra's own template breaks
// no lines.
func help(c *cobra.Command, _ []string) {
	w := c.OutOrStdout()
	c.InitDefaultHelpFlag()
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintln(w, wrap(strings.TrimSpace(text)))
	fmt.Fprintf(w, "\nUsage:\n  %s\n", useLine(c))
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", strings.Trim(c.Example, "\n"))
	}
	helpCommands(w, c)
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", c.LocalFlags().FlagUsagesWrapped(helpWidth))
	}
	if c.HasAvailableInheritedFlags() {
		fmt.Fprintf(w, "\nFlags of every command:\n%s", c.InheritedFlags().FlagUsagesWrapped(helpWidth))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n\"%s COMMAND --help\" says more about a command.\n", c.CommandPath())
	}
}

func helpCommands(w io.Writer, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	width := 0
	for _, sub := range c.Commands() {
		width = max(width, len(sub.Name()))
	}
	fmt.Fprintf(w, "\nCommands:\n")
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			fmt.Fprintf(w, "  %-*s  %s\n", width, sub.Name(), sub.Short)
		}
	}
}

func useLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " COMMAND"
	}
	return c.UseLine()
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [COMMAND]...",
		Short:                 "Say more about a command",
		Long:                  "Print the help of a command, as its flag --help does.",
		DisableFlagsInUseLine: true,
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if of, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := unknownCommand(c.Root(), args); err != nil {
				return err
			}
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return fmt.Errorf("%q has no command %s", of.CommandPath(), quote(rest[0]))
			}
			return of.Help()
		},
	}
}

// wrap breaks each paragraph of text anew at helpWidth. Lines that begin with a blank stay.
func wrap(text string) string {
	var out []string
	width := 0 // of the last line, 0 if nothing may be added to it
	for _, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == ' ' {
			out, width = append(out, line), 0
			continue
		}
		for _, word := range strings.Fields(line) {
			n := utf8.RuneCountInString(word)
			if width == 0 || width+1+n > helpWidth {
				out, width = append(out, word), n
				continue
			}
			out[len(out)-1] += " " + word
			width += 1 + n
		}
	}
	return strings.Join(out, "\n")
}
