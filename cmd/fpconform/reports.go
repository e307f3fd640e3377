package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fpconform/fpconform/conformance/report"
)

// A destination is one --report FORMAT=FILE.
type destination struct{ format, path string }

// stdoutPath stands for standard output.
const stdoutPath = "-"

// formats are the formats that a report can have.
func formats() []string { return slices.Sorted(maps.Keys(report.Writers)) }

// parseDestinations reads the values of --report. It refuses what would lose a report: an unknown
// format, one file for two reports, standard output for two.
func parseDestinations(values []string) ([]destination, error) {
	var all []destination
	for _, v := range values {
		format, path, ok := strings.Cut(v, "=")
		if !ok || format == "" || path == "" {
			return nil, fmt.Errorf("--report %s: not of the form FORMAT=FILE, such as junit=report.xml", quote(v))
		}
		if report.Writers[format] == nil {
			return nil, fmt.Errorf("--report %s: no format is called %s%s; there are %s",
				quote(v), quote(format), meant(format, formats()), strings.Join(formats(), ", "))
		}
		d := destination{format, path}
		for _, other := range all {
			if other.same(d) {
				return nil, fmt.Errorf("--report %s: another report goes to %s", quote(v), quote(path))
			}
		}
		all = append(all, d)
	}
	return all, nil
}

// same tells whether two reports would end in one file, by whatever names.
func (d destination) same(other destination) bool {
	if d.path == stdoutPath || other.path == stdoutPath {
		return d.path == other.path
	}
	if filepath.Clean(d.path) == filepath.Clean(other.path) {
		return true
	}
	a, err := os.Stat(d.path)
	if err != nil || !a.Mode().IsRegular() { // two reports to /dev/null are no loss
		return false
	}
	b, err := os.Stat(other.path)
	return err == nil && os.SameFile(a, b)
}

// checkDestinations refuses a file that will not be writable, before anything is sent.
func checkDestinations(all []destination) error {
	for _, d := range all {
		if d.path == stdoutPath {
			continue
		}
		if err := report.CheckWritable(d.path); err != nil {
			return err
		}
	}
	return nil
}

// talksTo is where the text for people goes: standard output, unless that holds a report.
func talksTo(s *streams, all []destination) io.Writer {
	if slices.ContainsFunc(all, func(d destination) bool { return d.path == stdoutPath }) {
		return s.err
	}
	return s.out
}

// writeReports writes every report, also after one could not be written, and then the text.
func writeReports(s *streams, all []destination, r *report.Report, verbose bool) error {
	var errs []error
	for _, d := range all {
		write := report.Writers[d.format]
		if d.path != stdoutPath {
			errs = append(errs, report.WriteFile(d.path, write, r))
		} else if err := write(s.out, r); err != nil {
			errs = append(errs, fmt.Errorf("report: standard output: %w", err))
		}
	}
	w := talksTo(s, all)
	text := report.Text(report.TextOptions{Color: colourful(s, w), Verbose: verbose})
	return errors.Join(append(errs, text(w, r))...)
}

// colourful tells whether w may be written in colour: a person looks, whose terminal knows how, and
// who did not ask for none (no-color.org).
func colourful(s *streams, w io.Writer) bool {
	return s.terminal != nil && s.terminal(w) && s.getenv("NO_COLOR") == "" && s.getenv("TERM") != "dumb"
}
