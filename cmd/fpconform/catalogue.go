package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

func newCatalogue(s *streams) *cobra.Command {
	c := newGroup(&cobra.Command{
		Use:   "catalogue",
		Short: "Show what the documentation says of each operation",
		Long: `Show the catalogue: the operations of the gateway with their fields, limits and
answers, as the public documentation has them. Other sources that say something
else are named beside it.`,
	})
	format := formatter{ext: ".yaml", embedded: catalogue.FS, format: catalogue.Format}
	c.AddCommand(newCatalogueList(s), newCatalogueShow(s), newCatalogueLint(s), format.command(s, "data files of the catalogue"))
	return c
}

func newCatalogueList(s *streams) *cobra.Command {
	var output outputFlag
	var count bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the operations",
		Long: `List the operations: id, method, path, effect (the worst that it does), and how
much is known of it. What is name-only is listed and never sent. --count prints
how many there are of each family.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, args []string) error {
			cat, err := catalogue.Load()
			if err != nil {
				return err
			}
			if count {
				return printCounts(s, cat, output)
			}
			if output.json() {
				list := []json.RawMessage{}
				for _, o := range cat.Operations {
					b, err := asJSON(struct {
						ID     string              `yaml:"id"`
						Title  string              `yaml:"title"`
						API    catalogue.API       `yaml:"api"`
						From   catalogue.Direction `yaml:"direction"`
						Effect catalogue.Effect    `yaml:"effect"`
						Method string              `yaml:"method"`
						Path   string              `yaml:"path"`
						Auth   catalogue.Auth      `yaml:"auth"`
						Status catalogue.Status    `yaml:"status"`
					}{o.ID, o.Title, o.API, o.Direction, o.Effect, o.Method, o.Path, o.Auth, o.Status})
					if err != nil {
						return err
					}
					list = append(list, b)
				}
				return writeJSON(s.out, list)
			}
			var rows [][]string
			for _, o := range cat.Operations {
				rows = append(rows, []string{o.ID, dash(o.Method), dash(o.Path), string(o.Effect), string(o.Status)})
			}
			table(s.out, rows)
			return nil
		},
	}
	c.Flags().BoolVar(&count, "count", false, "print how many operations each family has")
	output.add(c)
	return c
}

// dash stands for what is not known.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// A familyCount is one line of "catalogue list --count".
type familyCount struct {
	Family     string `json:"family"`
	Documented int    `json:"documented"`
	Partial    int    `json:"partial"`
	NameOnly   int    `json:"name_only"`
	Total      int    `json:"total"`
}

func printCounts(s *streams, cat *catalogue.Catalogue, output outputFlag) error {
	var counts []familyCount
	all := familyCount{Family: "all"}
	for _, n := range cat.Count() {
		counts = append(counts, familyCount{n.Family, n.Documented, n.Partial, n.NameOnly, n.Total()})
		all.Documented += n.Documented
		all.Partial += n.Partial
		all.NameOnly += n.NameOnly
		all.Total += n.Total()
	}
	if output.json() {
		return writeJSON(s.out, counts)
	}
	rows := [][]string{{"family", "documented", "partial", "by name only", "total"}}
	for _, n := range append(counts, all) {
		rows = append(rows, []string{n.Family, strconv.Itoa(n.Documented), strconv.Itoa(n.Partial), strconv.Itoa(n.NameOnly), strconv.Itoa(n.Total)})
	}
	table(s.out, rows)
	return nil
}

func operationIDs(cat *catalogue.Catalogue) []string {
	ids := make([]string, len(cat.Operations))
	for i, o := range cat.Operations {
		ids[i] = o.ID
	}
	return ids
}

func newCatalogueShow(s *streams) *cobra.Command {
	var output outputFlag
	c := &cobra.Command{
		Use:   "show ID...",
		Short: "Show operations in full",
		Long: `Show operations in full: how they are called and authorised, the fields of
request and answer with type and limits, sources and doubts.`,
		Example: "  fpconform catalogue show merchant.card.pay",
		RunE: func(c *cobra.Command, args []string) error {
			cat, err := catalogue.Load()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return fmt.Errorf("%q wants the id of an operation; \"fpconform catalogue list\" has them", c.CommandPath())
			}
			if err := unknownIDs("operation", args, operationIDs(cat)); err != nil {
				return err
			}
			list := []json.RawMessage{}
			for i, id := range args {
				o, _ := cat.Operation(id)
				if output.json() {
					b, err := asJSON(o)
					if err != nil {
						return err
					}
					list = append(list, b)
					continue
				}
				if i > 0 {
					fmt.Fprintln(s.out)
				}
				printOperation(s.out, o)
			}
			if output.json() {
				return writeJSON(s.out, list)
			}
			return nil
		},
	}
	output.add(c)
	completeIDs(c, func() []string {
		cat, err := catalogue.Load()
		if err != nil {
			return nil
		}
		return operationIDs(cat)
	})
	return c
}

func printOperation(w io.Writer, o *catalogue.Operation) {
	fmt.Fprintf(w, "%s  %s\n", o.ID, oneLine(o.Title))
	say := func(head, text string) {
		if text != "" {
			paragraph(w, head, text)
		}
	}
	say("call", strings.TrimSpace(o.Method+" "+o.Path))
	for _, m := range o.Match {
		say("told by", m.In+" "+m.Name+" "+m.Value)
	}
	say("direction", string(o.Direction))
	say("effect", string(o.Effect))
	say("signed by", string(o.Auth))
	say("script", o.Script)
	say("key", o.Key)
	say("fresh", o.Unique)
	say("known", string(o.Status))
	printBody(w, "request", &o.Request)
	answer := "answer"
	if o.SignedResponse != catalogue.Unknown {
		answer += map[catalogue.Said]string{catalogue.Yes: " (signed)", catalogue.No: " (not signed)"}[o.SignedResponse]
	}
	printBody(w, answer, &o.Response)
	if len(o.Errors) > 0 {
		say("codes", strings.Join(o.Errors, ", "))
	}
	for _, n := range o.Notes {
		say("note", n)
	}
	say("note", o.Note)
	say("doubts", o.Doubts)
	say("sources", strings.Join(o.Sources, ", "))
}

func printBody(w io.Writer, what string, b *catalogue.Body) {
	title := what
	if b.ContentType != "" {
		title += ": " + b.ContentType
	}
	if b.Root != "" {
		title += ", root " + b.Root
	}
	if b.SameAs != "" {
		title += ", as " + b.SameAs
	}
	fmt.Fprintf(w, "\n%s\n", oneLine(title))
	var rows [][]string
	for _, h := range b.Headers {
		rows = append(rows, append([]string{"  header " + h.Name}, fieldCells(h)...))
	}
	rows = appendFields(rows, "  ", b.Fields)
	for _, v := range b.Variants {
		line := "  in the variant " + v.Name
		if v.HTTPStatus != 0 {
			line += fmt.Sprintf(", HTTP %d", v.HTTPStatus)
		}
		rows = append(rows, []string{line})
		rows = appendFields(rows, "    ", v.Fields)
	}
	printFieldRows(w, rows)
	switch {
	case b.FieldsUnknown:
		fmt.Fprintln(w, "  the fields are not known")
	case len(rows) == 0:
		fmt.Fprintln(w, "  no fields")
	}
	if b.Note != "" {
		paragraph(w, "note", b.Note)
	}
}

// printFieldRows prints a table in which a row of one cell has no say in the widths.
func printFieldRows(w io.Writer, rows [][]string) {
	for len(rows) > 0 {
		n := 0
		for n < len(rows) && len(rows[n]) > 1 {
			n++
		}
		table(w, rows[:n])
		rows = rows[n:]
		if len(rows) > 0 {
			fmt.Fprintln(w, rows[0][0])
			rows = rows[1:]
		}
	}
}

func appendFields(rows [][]string, indent string, fields []*catalogue.Field) [][]string {
	for _, f := range fields {
		rows = append(rows, append([]string{indent + f.Name}, fieldCells(f)...))
		rows = appendFields(rows, indent+"  ", f.Children())
	}
	return rows
}

// fieldCells returns the type, whether the field is required, and its limits.
func fieldCells(f *catalogue.Field) []string {
	kind := string(f.Type)
	if f.Meant != "" {
		kind += " (meant " + string(f.Meant) + ")"
	}
	required := map[catalogue.Said]string{catalogue.Yes: "required", catalogue.No: "optional", catalogue.Unknown: "not said"}[f.Required]
	var limits []string
	add := func(format string, args ...any) { limits = append(limits, fmt.Sprintf(format, args...)) }
	if f.In != "" && f.In != catalogue.InBody {
		add("in the %s", f.In)
	}
	switch {
	case f.MinLength > 0 && f.MaxLength > 0:
		add("%d to %d characters", f.MinLength, f.MaxLength)
	case f.MaxLength > 0:
		add("at most %d characters", f.MaxLength)
	case f.MinLength > 0:
		add("at least %d characters", f.MinLength)
	}
	if f.Min != "" {
		add("from %s", f.Min)
	}
	if f.Max != "" {
		add("to %s", f.Max)
	}
	if f.OtherMax != "" {
		add("elsewhere to %s", f.OtherMax)
	}
	if f.Value != "" {
		add("always %s", f.Value)
	}
	if f.Default != "" {
		add("default %s", f.Default)
	}
	if len(f.Enum) > 0 {
		add("one of %s", strings.Join(f.Enum, " "))
	}
	if len(f.AlsoListed) > 0 {
		add("elsewhere also %s", strings.Join(f.AlsoListed, " "))
	}
	if f.Format != "" {
		add("%s", f.Format)
	}
	if f.Pattern != "" {
		add("matches %s", f.Pattern)
	}
	if f.From != "" {
		add("from %s", f.From)
	}
	if f.Given {
		add("only the target knows it")
	}
	if f.Nullable {
		add("may be null")
	}
	if f.RequiredWhen != "" {
		add("required when %s", f.RequiredWhen)
	}
	return []string{kind, required, oneLine(strings.Join(limits, "; "))}
}

func newCatalogueLint(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [DIR]",
		Short: "Look for mistakes in the data",
		Long: `Look for mistakes in the data of the catalogue: what is inconsistent, unused,
missing or taken. Each is a line on standard output, and the exit code is 1 if
there are any. DIR is a folder laid out like conformance/catalogue/data; without
it the data in the program is meant.`,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := dirArg(c, args)
			if err != nil {
				return err
			}
			var cat *catalogue.Catalogue
			if dir == nil {
				cat, err = catalogue.Load()
			} else {
				cat, err = catalogue.LoadFS(dir)
			}
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				return printLint(s, joined.Unwrap()) // mistakes in the form of files
			}
			if err != nil {
				return err
			}
			return printLint(s, cat.Lint())
		},
	}
}
