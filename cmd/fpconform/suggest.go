package main

import (
	"slices"
	"strings"
)

// meant returns `; did you mean "x" or "y"?` with the names that are most like name, or
// nothing if none is.
func meant(name string, names []string) string {
	near := nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = quote(near[i])
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// nearest returns up to three of names that are like name, the most alike first: those a few
// letters away, and those that contain it.
func nearest(name string, names []string) []string {
	const most = 64 // nobody mistypes a longer one, and the comparison takes time by the square
	name = strings.ToLower(name)
	if name == "" || len(name) > most {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, n := range names {
		lower := strings.ToLower(n)
		d := distance(name, lower)
		switch {
		case d <= 1+len(name)/6:
		case strings.HasPrefix(lower, name), len(name) >= 3 && strings.Contains(lower, name):
			d = len(name) // behind those that were mistyped
		default:
			continue
		}
		near = append(near, candidate{n, d})
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range near[:min(len(near), 3)] {
		out = append(out, c.name)
	}
	return out
}

// distance counts the letters to insert, delete, replace or swap with their neighbour that
// make b of a.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
