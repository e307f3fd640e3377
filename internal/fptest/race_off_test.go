//go:build !race

package fptest

const raceEnabled = false
