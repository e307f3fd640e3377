package report

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Merge makes one report of several: of the two roles of a run, or of shards. The parts are left
// alone; the result is sealed.
//
// It refuses parts that do not belong together: another schema, tool, catalogue or seed, a role
// with two addresses, a result or an exchange that two parts have. A part that is not sealed, or
// does not hold together ([Report.Validate]), is refused too, and so is no part at all.
//
// The merged run began with the earliest part and took until the last one was over; it is partial
// if a part is, and ended as the part that was cut short. An operation that one part left out and
// another one sent is not left out.
func Merge(parts ...*Report) (*Report, error) {
	if len(parts) == 0 {
		return nil, errors.New("report: merge: no parts")
	}
	for i, p := range parts {
		if err := p.Validate(); err != nil {
			return nil, fmt.Errorf("report: merge: part %d: %w", i+1, err)
		}
	}
	first := parts[0]
	m := &Report{
		Tool: first.Tool, Catalogue: first.Catalogue, Seed: first.Seed,
		Started: first.Started,
		Target:  map[string]string{}, LeftOut: map[string]string{},
	}
	over := first.Started.Add(first.Took)
	results, exchanges := map[string]int{}, map[string]int{} // id -> part
	shown := map[Behaviour]int{}
	for i, p := range parts {
		n := i + 1
		switch {
		case p.Tool != first.Tool:
			return nil, fmt.Errorf("report: merge: part %d: tool %s %s, part 1 has %s %s", n,
				quote(p.Tool.Name), quote(p.Tool.Version), quote(first.Tool.Name), quote(first.Tool.Version))
		case p.Catalogue != first.Catalogue:
			return nil, fmt.Errorf("report: merge: part %d: catalogue %s, part 1 has %s", n, quote(p.Catalogue), quote(first.Catalogue))
		case p.Seed != first.Seed:
			return nil, fmt.Errorf("report: merge: part %d: seed %d, part 1 has %d", n, p.Seed, first.Seed)
		}
		for role, address := range p.Target {
			if have, ok := m.Target[role]; ok && have != address {
				return nil, fmt.Errorf("report: merge: part %d: target of %s is %s, an earlier part has %s", n, quote(role), quote(address), quote(have))
			}
			m.Target[role] = address
		}
		for j := range p.Results {
			id := p.Results[j].ID
			if other := results[id]; other > 0 {
				return nil, fmt.Errorf("report: merge: part %d: result %s is in part %d too", n, quote(id), other)
			}
			results[id] = n
		}
		for j := range p.Exchanges {
			id := p.Exchanges[j].ID
			if other := exchanges[id]; other > 0 {
				return nil, fmt.Errorf("report: merge: part %d: exchange %s is in part %d too", n, quote(id), other)
			}
			exchanges[id] = n
		}
		m.Results = append(m.Results, p.Results...)
		m.Exchanges = append(m.Exchanges, p.Exchanges...)
		for _, b := range p.Behaviour {
			key := b
			key.Shown = 0
			shown[key] += b.Shown
		}
		for _, note := range p.Notes {
			if !slices.Contains(m.Notes, note) {
				m.Notes = append(m.Notes, note)
			}
		}
		for _, operation := range slices.Sorted(maps.Keys(p.LeftOut)) {
			why := p.LeftOut[operation]
			if have, ok := m.LeftOut[operation]; ok && have != why {
				why = have + "; " + why
			}
			m.LeftOut[operation] = why
		}
		m.Partial = m.Partial || p.Partial
		m.Ended = cmp.Or(m.Ended, p.Ended)
		if p.Started.Before(m.Started) {
			m.Started = p.Started
		}
		if end := p.Started.Add(p.Took); end.After(over) {
			over = end
		}
	}
	for i := range m.Exchanges {
		delete(m.LeftOut, m.Exchanges[i].Operation)
	}
	for b, n := range shown {
		b.Shown = n
		m.Behaviour = append(m.Behaviour, b)
	}
	m.Took = over.Sub(m.Started)
	m.Seal()
	return m, nil
}
