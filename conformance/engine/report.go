package engine

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// kitClause is what a stale entry of the configuration's known cases breaks: the kit's own clause.
const kitClause = "KIT-1"

// Report makes the report of a run from the results of its specs. A planned case without a result
// is an error in it, or skipped where nothing of its operation was sent, since a driver's own filter
// left it out.
func (p *Plan) Report(results []report.Result) *report.Report {
	r := p.run
	if r.cancel != nil {
		r.cancel()
	}
	out := &report.Report{
		Tool:      r.o.Tool,
		Catalogue: r.o.Catalogue.Digest(),
		Target:    map[string]string{string(r.o.Role): r.target()},
		Seed:      r.o.Seed,
		Started:   r.started,
		Took:      r.o.Now().Sub(r.started),
		Ended:     r.ended,
		Partial:   r.partial || r.unselected > 0,
		LeftOut:   maps.Clone(r.leftOut),
	}
	have := map[string]bool{}
	for _, res := range results {
		have[res.ID] = true
		out.Results = append(out.Results, res)
	}
	for _, res := range p.LeftOut {
		have[res.ID] = true
		out.Results = append(out.Results, res)
	}
	for _, or := range r.ops {
		if r.ended != "" && !or.began && r.leftOut[or.op.ID] == "" {
			out.Partial = true
			out.LeftOut[or.op.ID] = r.o.Mask.Text(r.endedWhy)
		}
		for _, sp := range or.specs {
			if r.ended != "" && sp.seen != nil {
				// It was sent before the end, and the driver asked for nothing after it.
				for _, res := range sp.judge() {
					if !have[res.ID] {
						have[res.ID] = true
						out.Results = append(out.Results, res)
					}
				}
			}
			for _, c := range sp.checks {
				if have[sp.id+"/"+c.ID] {
					continue
				}
				res := sp.base(c)
				res.Status, res.Reason = report.Error, "the case was planned and left no result, a bug of fpconform"
				switch {
				case r.ended != "":
					res.Status, res.Reason = report.Skip, r.endedWhy
				case !sp.asked.Load() && !r.ahead.Load():
					res.Status, res.Reason = report.Skip, "left out by a filter of the test driver"
					out.Partial = true
				}
				out.Results = append(out.Results, res)
			}
		}
	}
	r.unprovenKeys(out)
	r.know(out)
	out.Behaviour = r.behaviour()
	out.Exchanges = r.recorded()
	if r.ended != "" {
		out.Notes = append(out.Notes, r.o.Mask.Text(r.endedWhy))
	}
	out.Seal()
	return out
}

// target is the address under test, without what a URL may hide.
func (r *run) target() string {
	show := func(u *url.URL) string {
		bare := *u
		bare.User, bare.RawQuery, bare.Fragment = nil, "", ""
		return bare.String()
	}
	if r.o.Role == catalogue.RoleGateway {
		if r.o.Target.Base != nil {
			return show(r.o.Target.Base)
		}
		return "in process"
	}
	var urls []string
	for _, u := range r.o.Target.Callbacks {
		urls = append(urls, show(u))
	}
	slices.Sort(urls)
	return strings.Join(slices.Compact(urls), " ")
}

// unprovenKeys takes back the findings about refused controls where every control of a key was
// refused: then the key may be wrong, and nothing can be told. It says so once.
func (r *run) unprovenKeys(out *report.Report) {
	told := map[string]bool{}
	for _, or := range r.ops {
		key := wire.KeyName(or.op)
		controls := map[string]bool{}
		for _, sp := range or.specs {
			if sp.fate.control {
				controls[sp.intent.Probe] = true
			}
		}
		why := "the right request was refused, and nothing shows whether the caller is known"
		if key != "" {
			why = "every right request made with the " + key + " was refused (" + r.answer[key] + "): the key or the identity may be wrong, so nothing can be told"
		}
		if key == "" && len(controls) == 0 || key != "" && (r.accepted[key] || !r.refused[key]) {
			continue
		}
		for i := range out.Results {
			res := &out.Results[i]
			if res.Operation != or.op.ID {
				continue
			}
			switch {
			case controls[res.Probe] && res.Check == "req.accepted" && res.Status != report.Skip:
				res.Status, res.Reason, res.Findings = report.Inconclusive, why, nil
			case res.Exchange == "" && (res.Status == report.Inconclusive || res.Status == report.Skip && strings.HasPrefix(res.Reason, notSentSince)):
				res.Reason = why // one line for all that was not sent for that
			}
		}
		if !told[why] {
			told[why] = true
			out.Notes = append(out.Notes, why)
		}
	}
}

// know marks the cases that the configuration knows, and reports its entries that are stale: one
// whose case passes or fails, or that names no case there is. One whose case was skipped or not
// selected is left alone.
func (r *run) know(out *report.Report) {
	if len(r.o.Known) == 0 {
		return
	}
	byID := map[string]*report.Result{}
	for i := range out.Results {
		byID[out.Results[i].ID] = &out.Results[i]
	}
	possible := map[string]bool{}
	for _, op := range r.o.Catalogue.Operations {
		for _, id := range allCases(r.o, op) {
			possible[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.o.Known)) {
		res := byID[id]
		switch {
		case res == nil && possible[id]:
		case res == nil:
			out.Results = append(out.Results, r.stale(id, "known: names a case that there is not", id, "the id of a case"))
		case res.Status == report.Inconclusive || res.Status == report.Error:
			res.Known = r.o.Known[id]
		case res.Status == report.Skip:
		default:
			out.Results = append(out.Results, r.stale(id, "known: names a case that does not end inconclusive or in error any more", string(res.Status), "an entry that is still needed"))
		}
	}
}

func (r *run) stale(id, message, got, want string) report.Result {
	return report.Result{
		ID: "kit/known/" + id, Operation: "kit", Probe: "known", Check: id, Clauses: []string{kitClause}, Status: report.Fail,
		Findings: []report.Finding{{Clause: kitClause, Text: r.textOf(kitClause), Path: "configuration/known", Message: message, Got: got, Want: want}},
	}
}

// behaviour sums up the readings that the exchanges showed.
func (r *run) behaviour() []report.Behaviour {
	count := map[[2]string]int{}
	for _, or := range r.ops {
		for _, sp := range or.specs {
			for topic, reading := range r.shown(sp) {
				count[[2]string{topic, reading}]++
			}
		}
	}
	var out []report.Behaviour
	for topic, clause := range r.o.Catalogue.Topics() {
		for i, reading := range clause.Readings {
			if n := count[[2]string{topic, reading.Name}]; n > 0 {
				out = append(out, report.Behaviour{Clause: string(clause.ID), Topic: topic, Reading: reading.Name, First: i == 0, Shown: n})
			}
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Topic < out[j].Topic || out[i].Topic == out[j].Topic && out[i].Reading < out[j].Reading
	})
	return out
}

// shown are the readings that the exchange of a spec showed, by every check that is for it.
func (r *run) shown(sp *spec) map[string]string {
	if sp.seen == nil || sp.seen.Err != nil || sp.seen.Response == nil {
		return nil
	}
	s := sp.op.scope()
	out := map[string]string{}
	for _, c := range sp.all {
		if c.Shows == nil {
			continue
		}
		func() {
			defer func() { _ = recover() }() // the case itself reports the crash
			maps.Copy(out, c.Shows(s, sp.seen))
		}()
	}
	// By which readings a refused variant was taken after all.
	for _, topic := range []string{wire.TopicOrder, wire.TopicEmpty} {
		if reading := sp.fate.shows[topic]; reading != "" {
			out[topic] = reading
		}
	}
	return out
}

// recorded are the exchanges as a report shows them, everything hidden that no report may show.
func (r *run) recorded() []report.Exchange {
	shows := map[string]map[string]string{}
	for _, or := range r.ops {
		for _, sp := range or.specs {
			if sp.seen != nil {
				shows[sp.seen.ID] = r.shown(sp)
			}
		}
	}
	sent := map[string]bool{}
	for _, x := range r.exchanges {
		sent[x.ID] = true
	}
	out := make([]report.Exchange, 0, len(r.exchanges))
	for _, x := range r.exchanges {
		mask := r.o.Mask.For(x)
		e := report.Exchange{
			ID: x.ID, Operation: x.Operation.ID, Probe: x.Intent.Probe, Readings: shows[x.ID],
			Started: x.Started, Took: x.Took,
		}
		if control := x.Operation.ID + "/" + check.Valid; x.Intent.Probe != check.Valid && !x.Intent.Setup && sent[control] {
			e.Control = control
		}
		if x.Request.URL != nil {
			e.Request = report.Message{
				Line:   mask.Text(x.Request.Method + " " + x.Request.URL.RequestURI() + " HTTP/1.1"),
				Header: masked(mask, x.Request.Header),
				Body:   mask.Text(string(x.Request.Body)),
			}
		}
		if x.Response != nil {
			e.Response = &report.Message{
				Line:   fmt.Sprintf("HTTP/1.1 %d", x.Response.Status),
				Header: masked(mask, x.Response.Header),
				Body:   mask.Text(string(x.Response.Body)),
			}
		}
		if x.Err != nil {
			e.Error = mask.Text(x.Err.Error())
		}
		out = append(out, e)
	}
	return out
}

func masked(m *wire.Mask, h map[string][]string) map[string][]string {
	out := make(map[string][]string, len(h))
	for name, values := range h {
		for _, v := range values {
			out[name] = append(out[name], m.Text(v))
		}
	}
	return out
}
