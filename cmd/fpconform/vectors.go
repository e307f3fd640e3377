package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/vectors"
)

func newVectors(s *streams) *cobra.Command {
	c := newGroup(&cobra.Command{
		Use:   "vectors",
		Short: "List, show and copy the golden vectors",
		Long: `List, show and copy the golden vectors: messages, tokens and addresses with every
stage of their signature, as JSON that any language can read. Their secrets are
public test secrets.`,
	})
	format := formatter{
		ext:      ".json",
		embedded: vectors.FS,
		format:   vectors.Format,
		skip: func(name string) bool {
			return strings.HasPrefix(name, "schemas/") || strings.Contains(name, "/schemas/")
		},
	}
	c.AddCommand(newVectorsList(s), newVectorsShow(s), newVectorsLint(s), format.command(s, "files of vectors"), newVectorsCopy(s))
	return c
}

// A vector is a test of any of the three kinds.
type vector struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"` // sig, jws or script
	Result  string   `json:"result,omitempty"`
	Error   string   `json:"error,omitempty"`
	Clauses []string `json:"clauses"`
	Comment string   `json:"comment"`

	file  string
	test  any
	notes map[string]vectors.Note
}

// allVectors returns every test, in the order of files.
func allVectors() ([]vector, error) {
	var all []vector
	sigs, err := vectors.LoadSig()
	if err != nil {
		return nil, err
	}
	for _, f := range sigs {
		for _, t := range f.Tests {
			all = append(all, newVector("sig", f.Path, t.Case, t, f.Notes, string(t.Result), t.Error))
		}
	}
	tokens, err := vectors.LoadJWS()
	if err != nil {
		return nil, err
	}
	for _, f := range tokens {
		for _, t := range f.Tests {
			all = append(all, newVector("jws", f.Path, t.Case, t, f.Notes, string(t.Result), t.Error))
		}
	}
	scripts, err := vectors.LoadScripts()
	if err != nil {
		return nil, err
	}
	for _, f := range scripts {
		for _, t := range f.Tests {
			all = append(all, newVector("script", f.Path, t.Case, t, f.Notes, "", ""))
		}
	}
	return all, nil
}

func newVector(kind, file string, c vectors.Case, test any, notes map[string]vectors.Note, result, wrong string) vector {
	v := vector{ID: c.ID, Kind: kind, Result: result, Error: wrong, Comment: c.Comment, file: file, test: test, notes: map[string]vectors.Note{}}
	for _, flag := range c.Flags {
		v.notes[flag] = notes[flag]
		if clause := notes[flag].Clause; !slices.Contains(v.Clauses, clause) {
			v.Clauses = append(v.Clauses, clause)
		}
	}
	return v
}

func vectorIDs(all []vector) []string {
	ids := make([]string, len(all))
	for i, v := range all {
		ids[i] = v.ID
	}
	return ids
}

func newVectorsList(s *streams) *cobra.Command {
	var output outputFlag
	c := &cobra.Command{
		Use:   "list [sig|jws|script]",
		Short: "List the vectors",
		Long: `List the vectors: id, result and the clauses that they are about. One kind of
them is pg_sig (sig), X-JWS-Signature (jws) or script names (script).`,
		ValidArgs:             []string{"sig", "jws", "script"},
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			kinds := []string{"sig", "jws", "script"}
			if len(args) > 1 {
				return fmt.Errorf("%q wants one kind, got %d arguments", c.CommandPath(), len(args))
			}
			if err := unknownIDs("kind of vectors", args, kinds); err != nil {
				return err
			}
			all, err := allVectors()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				all = slices.DeleteFunc(all, func(v vector) bool { return v.Kind != args[0] })
			}
			if output.json() {
				return writeJSON(s.out, all)
			}
			var rows [][]string
			for _, v := range all {
				result := v.Result
				if v.Error != "" {
					result += " (" + v.Error + ")"
				}
				rows = append(rows, []string{v.ID, dash(result), strings.Join(v.Clauses, ", ")})
			}
			table(s.out, rows)
			return nil
		},
	}
	output.add(c)
	return c
}

func newVectorsShow(s *streams) *cobra.Command {
	var output outputFlag
	c := &cobra.Command{
		Use:   "show ID...",
		Short: "Show vectors in full",
		Long: `Show vectors in full, with the notes that say what each is about and where that
is known from. With --output json they are as in the files.`,
		Example: "  fpconform vectors show list-items/one-position",
		RunE: func(c *cobra.Command, args []string) error {
			all, err := allVectors()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return fmt.Errorf("%q wants the id of a vector; \"fpconform vectors list\" has them", c.CommandPath())
			}
			if err := unknownIDs("vector", args, vectorIDs(all)); err != nil {
				return err
			}
			var list []any
			for i, id := range args {
				v := all[slices.IndexFunc(all, func(v vector) bool { return v.ID == id })]
				if output.json() {
					list = append(list, map[string]any{"file": v.file, "notes": v.notes, "test": v.test})
					continue
				}
				if i > 0 {
					fmt.Fprintln(s.out)
				}
				if err := printVector(s.out, &v); err != nil {
					return err
				}
			}
			if output.json() {
				return writeJSON(s.out, list)
			}
			return nil
		},
	}
	output.add(c)
	completeIDs(c, func() []string {
		all, err := allVectors()
		if err != nil {
			return nil
		}
		return vectorIDs(all)
	})
	return c
}

// printVector shows a test member by member, in the order of the file.
func printVector(w io.Writer, v *vector) error {
	fmt.Fprintf(w, "%s  %s\n", v.ID, v.file)
	paragraph(w, "", v.Comment)
	for _, flag := range sortedKeys(v.notes) {
		n := v.notes[flag]
		paragraph(w, n.Clause, n.Description+" ("+string(n.Confidence)+": "+strings.Join(n.Sources, ", ")+")")
	}
	return eachMember(v.test, func(name string, value json.RawMessage) error {
		switch name {
		case "id", "comment", "flags":
			return nil
		case "message":
			fmt.Fprintln(w, "  message")
			var list []vectors.Node
			if err := json.Unmarshal(value, &list); err != nil {
				return err
			}
			for _, line := range nodeLines("", list) {
				fmt.Fprintln(w, "    "+line)
			}
			return nil
		}
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(name, "_", " "))
		var text string
		var list []string
		switch {
		case json.Unmarshal(value, &text) == nil:
			list = []string{text}
		case json.Unmarshal(value, &list) == nil:
		default:
			fmt.Fprintf(w, "    %s\n", value)
			return nil
		}
		for _, text := range list {
			fmt.Fprintf(w, "    %s\n", visible(text))
		}
		return nil
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// eachMember calls f with every member that v has as JSON, in its order.
func eachMember(v any, f func(name string, value json.RawMessage) error) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}

func nodeLines(prefix string, list []vectors.Node) []string {
	var out []string
	for _, n := range list {
		name := prefix + visible(n.Name)
		if n.Children == nil {
			out = append(out, name+" = "+visible(n.Value))
			continue
		}
		if len(n.Children) == 0 {
			out = append(out, name+" has no fields")
		}
		out = append(out, nodeLines(name+"/", n.Children)...)
	}
	return out
}

func newVectorsLint(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [DIR]",
		Short: "Look for mistakes in the vectors",
		Long: `Look for mistakes in vectors: ids that are taken, flags without a note, stages
that do not follow from each other. Each is a line on standard output, and the
exit code is 1 if there are any. DIR is a folder laid out like vectors/data or
as "vectors copy" wrote it; without it the data in the program is meant.`,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := dirArg(c, args)
			if err != nil {
				return err
			}
			if dir == nil {
				dir = fs.FS(vectors.FS)
			}
			return printLint(s, vectors.Lint(dir))
		},
	}
}

func newVectorsCopy(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "copy DIR",
		Short: "Write the vectors into a folder",
		Long: `Write the files of the vectors, their schemas and a README into a folder, which
is made if need be. Nothing is overwritten: if one of the files is there already,
none is written.`,
		Args: oneArg("folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "" {
				return fmt.Errorf("the folder's name is empty")
			}
			if err := vectors.Copy(args[0]); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "version %s written to %s\n", vectors.Version(), visible(args[0]))
			return nil
		},
	}
}
