package catalogue

import (
	"strconv"
	"strings"
)

// A Clause is one normative sentence of the protocol.
type Clause struct {
	ID    ClauseID `yaml:"id"`
	Level Level    `yaml:"level"`
	Basis Basis    `yaml:"basis"`
	Text  string   `yaml:"text"`
	// Topic and Readings are those of a disputed clause: two readings or more, of which the
	// first is ours. Breaking ours is then a warning.
	Topic    string    `yaml:"topic"`
	Readings []Reading `yaml:"readings"`
	// Observable is false for what cannot be seen from outside. It is true unless the data
	// says otherwise.
	Observable bool `yaml:"observable"`
	// CoveredBy is the clause that a breach of this one is reported under; Covers are those
	// that are reported under this one, by number.
	CoveredBy ClauseID   `yaml:"covered_by"`
	Covers    []ClauseID `yaml:"-"`
	Since     string     `yaml:"since"` // the version of fpconform that brought it
	Sources   []string   `yaml:"sources"`
	Doubts    string     `yaml:"doubts"`

	at position
}

// A Reading is one way to understand a disputed clause.
type Reading struct {
	Name    string   `yaml:"name"` // unsigned
	Text    string   `yaml:"text"`
	Sources []string `yaml:"sources"`
}

// UnmarshalYAML decodes a clause, which is observable unless it says that it is not.
func (c *Clause) UnmarshalYAML(decode func(any) error) error {
	type bare Clause
	b := bare{Observable: true}
	if err := decode(&b); err != nil {
		return err
	}
	*c = Clause(b)
	return nil
}

// Disputed reports whether the sources contradict each other about this clause.
func (c *Clause) Disputed() bool { return len(c.Readings) > 0 }

// Reading returns the reading called name.
func (c *Clause) Reading(name string) (*Reading, bool) {
	for i := range c.Readings {
		if c.Readings[i].Name == name {
			return &c.Readings[i], true
		}
	}
	return nil, false
}

// Family returns the letters of the ID: SIG.
func (id ClauseID) Family() string {
	family, _, _ := strings.Cut(string(id), "-")
	return family
}

// number returns the digits of the ID as a number, for sorting: SIG-2 before SIG-10.
func (id ClauseID) number() int {
	_, digits, _ := strings.Cut(string(id), "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

func compareClauses(a, b ClauseID) int {
	if c := strings.Compare(a.Family(), b.Family()); c != 0 {
		return c
	}
	return a.number() - b.number()
}
