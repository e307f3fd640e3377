//go:build race

package sig_test

// raceEnabled says that sync.Pool throws things away at random, as it does under the race
// detector, so that allocations cannot be counted.
const raceEnabled = true
