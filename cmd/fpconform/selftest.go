package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/selftest"
)

func newSelftest(s *streams) *cobra.Command {
	var output outputFlag
	var o selftest.Options
	var scenarios []string
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Prove the verdicts: every named fault against every check",
		Long: `Run the suite against the embedded gateway and merchant, once for each named
fault and without a fault for each seed, and print which checks caught what.
A fault is proven if the check of the clause that it breaks reports it and
nothing else is reported. Nothing leaves this machine.

Exit code 0 if every fault is caught, every check has a fault that triggers it
and nothing is reported without one; 1 if not; 3 if interrupted.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if o.Seeds < 1 {
				return fmt.Errorf("--seeds %d: want 1 or more", o.Seeds)
			}
			for _, id := range scenarios {
				one, ok := mock.ScenarioNamed(id)
				if !ok {
					var ids []string
					for i := range mock.Scenarios {
						ids = append(ids, mock.Scenarios[i].ID)
					}
					return fmt.Errorf("--scenario %s: there is no such scenario; there are %s", quote(id), strings.Join(ids, ", "))
				}
				o.Scenarios = append(o.Scenarios, *one)
			}
			ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
			defer stop()
			m, err := selftest.Run(ctx, o)
			if err != nil {
				if ctx.Err() == context.Canceled {
					return &exitError{exitNoVerdict, fmt.Errorf("interrupted")}
				}
				return err
			}
			if output.json() {
				err = writeJSON(s.out, m)
			} else {
				err = m.Text(s.out)
			}
			if err != nil {
				return err
			}
			if !m.Proven() {
				return &exitError{code: exitFindings}
			}
			return nil
		},
	}
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "`NUMBER` that is the seed of the first run")
	c.Flags().IntVar(&o.Seeds, "seeds", 1, "`NUMBER` of runs without a fault, each with a seed of its own")
	c.Flags().StringArrayVar(&scenarios, "scenario", nil, "only this fault, by its `ID` (repeatable)")
	output.add(c)
	return c
}
