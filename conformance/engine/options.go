package engine

import (
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// Options say what to judge and how. The zero value of each field is its default.
type Options struct {
	Role      catalogue.Role
	Target    *wire.Target
	Peer      wire.Peer            // nil means a wire.Client for Target
	Catalogue *catalogue.Catalogue // nil, here and below, means the built-in one
	Probes    []check.Probe
	Checks    []check.Check
	Run, Skip []string          // path patterns with * and **; one that matches nothing is an error
	Known     map[string]string // case id -> reason
	Workers   int               // operations side by side; 0 means one after another
	Timeout   time.Duration     // of one exchange; 0 means wire.DefaultTimeout
	MaxTime   time.Duration     // of the whole run; 0 means without end
	Seed      uint64            // of what is generated; the same seed sends the same
	Stamp     string            // makes order ids differ between runs with one seed, for a target that remembers
	Mask      *wire.Mask        // hides the secrets of the user
	Tool      report.Tool
	Now       func() time.Time // nil means time.Now
}

func (o Options) withDefaults() (Options, error) {
	if o.Catalogue == nil {
		c, err := catalogue.Load()
		if err != nil {
			return o, err
		}
		o.Catalogue = c
	}
	if o.Probes == nil {
		o.Probes = check.Probes
	}
	if o.Checks == nil {
		o.Checks = check.Checks
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Workers < 1 {
		o.Workers = 1
	}
	if o.Peer == nil {
		o.Peer = &wire.Client{Target: o.Target, Timeout: o.Timeout, Now: o.Now}
	}
	return o, nil
}

// A Case is one check of what one probe brought about. Its id is a path and for life:
// merchant.card.pay/sig-tampered/req.refused.
type Case struct {
	ID      string
	Check   string
	Clauses []catalogue.ClauseID
}
