package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

func newClauses(s *streams) *cobra.Command {
	var output outputFlag
	c := &cobra.Command{
		Use:   "clauses [ID]...",
		Short: "Show the sentences that a run judges by",
		Long: `Show clauses: each is one sentence of the protocol with an id for life. A clause
has a level (must, should, may), a basis (stated, example, observed, derived) and
its sources. Where sources contradict each other it has several readings, and
breaking the first of them is a warning.

Without an id all clauses are listed. The id of a family (SIG) means all of it.`,
		Example: "  fpconform clauses SIG-4 JWS",
		RunE: func(c *cobra.Command, args []string) error {
			cat, err := catalogue.Load()
			if err != nil {
				return err
			}
			list, err := chooseClauses(cat, args)
			if err != nil {
				return err
			}
			if output.json() {
				all := []json.RawMessage{}
				for _, cl := range list {
					b, err := clauseJSON(cl)
					if err != nil {
						return err
					}
					all = append(all, b)
				}
				return writeJSON(s.out, all)
			}
			for i, cl := range list {
				if i > 0 {
					fmt.Fprintln(s.out)
				}
				printClause(s.out, cl)
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
		return clauseIDs(cat)
	})
	return c
}

// clauseIDs returns the ids of all clauses and of their families.
func clauseIDs(cat *catalogue.Catalogue) []string {
	var ids []string
	for _, cl := range cat.Clauses {
		if family := cl.ID.Family(); len(ids) == 0 || !strings.HasPrefix(ids[len(ids)-1], family+"-") {
			ids = append(ids, family)
		}
		ids = append(ids, string(cl.ID))
	}
	return ids
}

// chooseClauses returns the clauses that args name, in their order; all if there are none.
func chooseClauses(cat *catalogue.Catalogue, args []string) ([]*catalogue.Clause, error) {
	if len(args) == 0 {
		return cat.Clauses, nil
	}
	if err := unknownIDs("clause", args, clauseIDs(cat)); err != nil {
		return nil, err
	}
	var list []*catalogue.Clause
	for _, arg := range args {
		for _, cl := range cat.Clauses {
			if string(cl.ID) == arg || cl.ID.Family() == arg {
				list = append(list, cl)
			}
		}
	}
	return list, nil
}

// clauseJSON returns a clause with the names of its data file. Whether it is observable is
// always said, and so is which clauses are reported under it.
func clauseJSON(cl *catalogue.Clause) (json.RawMessage, error) {
	return asJSON(struct {
		ID         catalogue.ClauseID   `yaml:"id"`
		Level      catalogue.Level      `yaml:"level"`
		Basis      catalogue.Basis      `yaml:"basis"`
		Text       string               `yaml:"text"`
		Topic      string               `yaml:"topic"`
		Readings   []catalogue.Reading  `yaml:"readings"`
		Observable *bool                `yaml:"observable"`
		CoveredBy  catalogue.ClauseID   `yaml:"covered_by"`
		Covers     []catalogue.ClauseID `yaml:"covers"`
		Since      string               `yaml:"since"`
		Sources    []string             `yaml:"sources"`
		Doubts     string               `yaml:"doubts"`
	}{cl.ID, cl.Level, cl.Basis, cl.Text, cl.Topic, cl.Readings, &cl.Observable, cl.CoveredBy, cl.Covers, cl.Since, cl.Sources, cl.Doubts})
}

func printClause(w io.Writer, cl *catalogue.Clause) {
	marks := []string{string(cl.Level), string(cl.Basis)}
	if cl.Disputed() {
		marks = append(marks, "disputed")
	}
	if !cl.Observable {
		marks = append(marks, "not observable")
	}
	fmt.Fprintf(w, "%s  %s\n", cl.ID, strings.Join(marks, ", "))
	paragraph(w, "", cl.Text)
	for i, r := range cl.Readings {
		head := ""
		if i == 0 {
			head = "readings"
		}
		paragraph(w, head, cl.Topic+"="+r.Name+": "+r.Text+" ("+strings.Join(r.Sources, ", ")+")")
	}
	if cl.CoveredBy != "" {
		paragraph(w, "covered by", string(cl.CoveredBy))
	}
	if len(cl.Covers) > 0 {
		ids := make([]string, len(cl.Covers))
		for i, id := range cl.Covers {
			ids[i] = string(id)
		}
		paragraph(w, "covers", strings.Join(ids, ", "))
	}
	if cl.Doubts != "" {
		paragraph(w, "doubts", cl.Doubts)
	}
	paragraph(w, "sources", strings.Join(cl.Sources, ", "))
}
