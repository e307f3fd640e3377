//go:build race

package selftest_test

// underRace says that the race detector slows everything down several times.
const underRace = true
