package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/vectors"
)

// A build says what this program was made of.
type build struct {
	Version   string `json:"version"`
	Revision  string `json:"revision,omitempty"` // of the version control, with "+changes" where it had any
	Go        string `json:"go"`
	Platform  string `json:"platform"`
	Catalogue string `json:"catalogue"` // SHA-256 of its files
	Vectors   string `json:"vectors"`   // the number in their VERSION
}

func newVersion(s *streams) *cobra.Command {
	var output outputFlag
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and its data",
		Long: `Print the version of the program, of the Go that built it, the digest of the
catalogue (equal digests mean equal catalogues) and the version of the vectors.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, args []string) error {
			b, err := thisBuild()
			if err != nil {
				return err
			}
			if output.json() {
				return writeJSON(s.out, b)
			}
			fmt.Fprintf(s.out, "fpconform %s (unofficial)\n", b.Version)
			if b.Revision != "" {
				fmt.Fprintf(s.out, "revision  %s\n", b.Revision)
			}
			fmt.Fprintf(s.out, "go        %s %s\n", b.Go, b.Platform)
			fmt.Fprintf(s.out, "catalogue %s\n", b.Catalogue)
			fmt.Fprintf(s.out, "vectors   %s\n", b.Vectors)
			return nil
		},
	}
	output.add(c)
	return c
}

func thisBuild() (build, error) {
	cat, err := catalogue.Load()
	if err != nil {
		return build{}, err
	}
	b := build{
		Version:   "(devel)",
		Go:        runtime.Version(),
		Platform:  runtime.GOOS + "/" + runtime.GOARCH,
		Catalogue: cat.Digest(),
		Vectors:   vectors.Version(),
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b, nil
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	changed := ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			b.Revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changed = "+changes"
		}
	}
	if b.Revision != "" {
		b.Revision += changed
	}
	return b, nil
}
