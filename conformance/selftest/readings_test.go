package selftest_test

import (
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/selftest"
)

// Every reading of every disputed clause is lawful: a run warns at most, and says by which reading
// the peer lives. A reading that changes nothing on the wire could not be named, and fails here.
func TestUnderEveryReadingTheRunWarnsAtMostAndNamesTheReading(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for topic, clause := range c.Topics() {
		for _, reading := range clause.Readings {
			tried++
			t.Run(topic+"="+reading.Name, func(t *testing.T) {
				o := selftest.MockOptions(3)
				o.Readings = map[string]string{topic: reading.Name}
				pair, err := selftest.NewPair(c, o)
				if err != nil {
					t.Fatal(err)
				}
				var parts []*report.Report
				for _, options := range pair.Options(c, 3) {
					r, err := engine.Run(t.Context(), options)
					if err != nil {
						t.Fatal(err)
					}
					parts = append(parts, r)
				}
				r, err := report.Merge(parts...)
				if err != nil {
					t.Fatal(err)
				}
				for _, res := range r.Results {
					switch res.Status {
					case report.Pass, report.Skip, report.Warn:
					default:
						t.Errorf("%s %s: %s %v", res.Status, res.ID, res.Reason, res.Findings)
					}
				}
				if r.Exit() != 0 {
					t.Errorf("exit code %d, want 0", r.Exit())
				}
				shown := map[string]int{}
				for _, b := range r.Behaviour {
					if b.Topic == topic {
						shown[b.Reading] = b.Shown
					}
				}
				if shown[reading.Name] == 0 {
					t.Errorf("behaviour names %v, want %s", shown, reading.Name)
				}
			})
		}
	}
	if tried < 20 {
		t.Errorf("%d readings tried, want 20 or more", tried)
	}
}
