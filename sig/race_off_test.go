//go:build !race

package sig_test

const raceEnabled = false
