//go:build race

package fptest

// raceEnabled says that everything takes ten times as long.
const raceEnabled = true
