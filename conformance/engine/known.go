package engine

import (
	"slices"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
)

// SplitKnown leaves each known case with the options of the role whose operation it names, and with the
// first what names none, so that a stale entry is reported once however many roles are judged. The
// maps of o are not changed. The error is about the built-in catalogue.
func SplitKnown(o []Options) error {
	catalogues := make([]*catalogue.Catalogue, len(o))
	for i := range o {
		if catalogues[i] = o[i].Catalogue; catalogues[i] == nil {
			c, err := catalogue.Load()
			if err != nil {
				return err
			}
			catalogues[i] = c
		}
	}
	for i := range o {
		kept := map[string]string{}
		for id, reason := range o[i].Known {
			operation, _, _ := strings.Cut(id, "/")
			op, ok := catalogues[i].Operation(operation)
			judged := ok && slices.ContainsFunc(o, func(other Options) bool { return other.Role == op.Role() })
			if judged && op.Role() == o[i].Role || !judged && i == 0 {
				kept[id] = reason
			}
		}
		o[i].Known = kept
	}
	return nil
}
