package engine_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A peer that lives by other readings alone is found by trying them where a control is refused, several
// of them together, and what follows is sent by what was found.
func TestReadingsThatChangeWhatIsSentAreFound(t *testing.T) {
	gateway, merchant := catalogue.RoleGateway, catalogue.RoleMerchant
	for _, tt := range []struct {
		role     catalogue.Role
		readings map[string]string
		run      []string
	}{
		{gateway, map[string]string{"address": "bare"}, []string{create, status, cardPay}},
		{gateway, map[string]string{"transports": "urlencoded"}, []string{create, status, cardPay}},
		{gateway, map[string]string{"invoice-body": "json"}, []string{billInit, billPay}},
		{gateway, map[string]string{"jws-target": "uri"}, []string{billInit, billPay}},
		{gateway, map[string]string{"jws-identity": "text"}, []string{billInit, billPay}},
		{gateway, map[string]string{"partner-get-auth": "jws"}, []string{partnerGet}},
		{gateway, map[string]string{"partner-get-id": "object"}, []string{partnerGet}},
		{merchant, map[string]string{"callback-body": "urlencoded"}, []string{checkCB, resultCB}},

		{gateway, map[string]string{"address": "bare", "transports": "urlencoded"}, []string{create, status}},
		{gateway, map[string]string{"jws-target": "uri", "jws-identity": "text"}, []string{billPay}},
		{gateway, map[string]string{"invoice-body": "json", "jws-target": "uri", "jws-identity": "text"}, []string{billInit, billPay}},
		{gateway, map[string]string{"partner-get-auth": "jws", "partner-get-id": "object"}, []string{partnerGet}},
		{gateway, map[string]string{"address": "bare", "transports": "urlencoded", "partner-get-auth": "jws", "partner-get-id": "object", "invoice-body": "json", "jws-target": "uri", "jws-identity": "text"}, nil},
		{gateway, map[string]string{"address": "bare", "order": "alphabetical", "empty-values": "dropped"}, []string{create}},
		{merchant, map[string]string{"callback-body": "urlencoded", "order": "documented", "empty-values": "dropped"}, nil},
	} {
		var names []string
		for _, topic := range slices.Sorted(maps.Keys(tt.readings)) {
			names = append(names, topic+"="+tt.readings[topic])
		}
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			b := bench{role: tt.role, seed: 1, options: selects(tt.run...), mock: func(o *mock.Options) { o.Readings = tt.readings }}
			r, all := b.run(t)
			only(t, r, report.Fail)
			only(t, r, report.Inconclusive)
			only(t, r, report.Error)
			for _, res := range r.Results {
				if res.Probe == "valid" && res.Check == "req.accepted" && res.Status != report.Pass && res.Status != report.Warn {
					t.Errorf("%s: %s %s", res.ID, res.Status, res.Reason)
				}
			}
			shown := map[string]string{}
			for _, b := range r.Behaviour {
				if tt.readings[b.Topic] == b.Reading {
					shown[b.Topic] = b.Reading
				}
			}
			if !maps.Equal(shown, tt.readings) {
				t.Errorf("behaviour names %v, want %v", shown, tt.readings)
			}
			if r.Exit() != 0 {
				t.Errorf("exit code %d, want 0", r.Exit())
			}
			// Once an operation's control was accepted, its requests are sent by those readings.
			found := map[string]map[string]string{}
			for _, s := range all {
				by := map[string]string{}
				for _, choice := range wire.SendTopics(&wire.Draft{Operation: s.exchange.Operation}) {
					if _, ok := tt.readings[choice.Topic]; ok {
						by[choice.Topic] = cmp.Or(s.exchange.Readings[choice.Topic], choice.Readings[0])
					}
				}
				first, ok := found[s.operation]
				accepts := s.probe == "valid" && s.exchange.Response != nil && !refusedIn(s.exchange)
				switch {
				case !ok && accepts:
					found[s.operation] = by
				case ok && !maps.Equal(first, by):
					t.Errorf("%s is sent by %v, after %v was found", s.id, by, first)
				}
			}
			if len(found) == 0 {
				t.Error("no control was accepted")
			}
		})
	}
}

func refusedIn(x *wire.Exchange) bool {
	if x.Response.Status >= 400 {
		return true
	}
	for _, name := range []string{"pg_status", "status"} {
		if v, n := x.Response.Fields.Get(name); n > 0 {
			return v != "ok"
		}
	}
	_, n := x.Response.Fields.Get("error")
	return n > 0
}

// What is found for one operation is what the next one is sent by at once: nothing is tried twice.
func TestAReadingIsSearchedForOnce(t *testing.T) {
	b := bench{seed: 1, options: selects(create, status), mock: func(o *mock.Options) { o.Readings = map[string]string{"address": "bare"} }}
	_, all := b.run(t)
	missed := count(all, func(s sent) bool { return s.exchange.Response.Status == 404 })
	if missed == 0 || missed > 4 {
		t.Errorf("%d requests went to an address that is not there, want the few of one search for each path", missed)
	}
}

// By whatever reading a batch was sent first: one that the peer does not take proves nothing, so the
// negatives are sent again by the one it takes.
func TestABatchIsSentAgainByTheReadingThatTheControlNeeded(t *testing.T) {
	b := bench{seed: 1, options: selects(billPay), mock: func(o *mock.Options) { o.Readings = map[string]string{"jws-target": "uri"} }}
	b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		if d.Operation.ID == billInit && d.Readings["jws-target"] == "" {
			x := send(d)
			if x.Response != nil && refusedIn(x) { // init takes either
				c := *d
				c.Readings = map[string]string{"jws-target": "uri"}
				x = send(&c)
				x.Readings = map[string]string{}
			}
			return x
		}
		return nil
	}
	r, all := b.run(t)
	only(t, r, report.Fail)
	only(t, r, report.Inconclusive)
	for _, probe := range negatives(t, r, billPay) {
		ends(t, r, report.Pass, refused(billPay, probe)...)
		if n := count(all, func(s sent) bool {
			return s.operation == billPay && s.probe == probe && s.exchange.Readings["jws-target"] == "uri"
		}); n == 0 && probe != "second-pay" {
			t.Errorf("%s was not sent by the reading that is taken", probe)
		}
	}
	ends(t, r, report.Warn, accepted(billPay, "valid")...)
}

// A negative that was accepted by the first reading stays a finding when the rest is sent again by
// another one.
func TestAFindingByTheFirstReadingStays(t *testing.T) {
	b := bench{seed: 1, options: selects(billPay), mock: func(o *mock.Options) { o.Readings = map[string]string{"jws-target": "uri"} }}
	b.bend = func(d *wire.Draft, send func(*wire.Draft) *wire.Exchange) *wire.Exchange {
		by := func(reading string) *wire.Exchange {
			c := *right(d)
			c.Readings = map[string]string{"jws-target": reading}
			x := send(&c)
			x.Readings = d.Readings
			return x
		}
		switch {
		case d.Operation.ID == billInit && d.Readings["jws-target"] == "":
			return by("uri")
		case judged(d, billPay, "jws-none") && d.Readings["jws-target"] == "":
			return by("uri") // carried out
		}
		return nil
	}
	r, _ := b.run(t)
	ends(t, r, report.Fail, refused(billPay, "jws-none")...)
}

// Readings that the user gives are what everything is sent by, without a search and a warning.
func TestReadingsOfTheConfigurationAreSentBy(t *testing.T) {
	b := bench{seed: 1, mock: func(o *mock.Options) { o.Readings = map[string]string{"address": "bare", "jws-target": "uri"} }}
	b.options = func(o *engine.Options) {
		o.Target.Readings = map[string]string{"address": "bare", "jws-target": "uri"}
		o.Run = []string{create + "/valid", billInit + "/valid"}
	}
	r, all := b.run(t)
	if len(all) != 2 {
		t.Errorf("%d requests, want 2", len(all))
	}
	for _, res := range r.Results {
		if res.Status != report.Pass && res.Status != report.Skip {
			t.Errorf("%s: %s %s %v", res.ID, res.Status, res.Reason, res.Findings)
		}
	}
}

func TestAReadingThatThereIsNotIsRefusedBeforeAnythingIsSent(t *testing.T) {
	for _, readings := range []map[string]string{{"address": "upside-down"}, {"adress": "bare"}} {
		b := bench{}
		o, h := b.prepared(t)
		o.Target.Readings = readings
		if _, err := engine.Run(t.Context(), o); err == nil {
			t.Errorf("%v was taken", readings)
		}
		if len(h.sent) > 0 {
			t.Errorf("%v: %d requests were sent", readings, len(h.sent))
		}
	}
}

// Trying readings needs what they need: without a JWS key the partner's read is tried unsigned alone,
// and nothing of it counts as a dead endpoint.
func TestAReadingThatCannotBeMadeIsNoOutage(t *testing.T) {
	b := bench{seed: 1, mock: func(o *mock.Options) { o.Readings = map[string]string{"partner-get-auth": "jws"} }}
	b.options = func(o *engine.Options) {
		c := o.Target.Credentials
		c.JWSID, c.JWSKey = "", (wire.Credentials{}).JWSKey
		o.Target.Credentials = c
	}
	o, h := b.prepared(t)
	inside := *o.Target
	h.peer = &wire.Client{Target: &inside}
	r, err := engine.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	b.holds(t, r)
	only(t, r, report.Error)
	only(t, r, report.Fail)
	if r.Ended != "" {
		t.Errorf("ended: %s %v", r.Ended, r.Notes)
	}
	for _, s := range h.sent {
		if s.exchange.Err != nil {
			t.Errorf("%s: %v", s.id, s.exchange.Err)
		}
	}
}

// A search for a reading that was cut short found nothing out.
func TestASearchThatWasCutShortIsNoVerdict(t *testing.T) {
	for name, cut := range map[string]func(context.CancelFunc, *wire.Draft) *wire.Exchange{
		"interrupted": func(cancel context.CancelFunc, d *wire.Draft) *wire.Exchange { cancel(); return lost(d) },
		"lost":        func(_ context.CancelFunc, d *wire.Draft) *wire.Exchange { return lost(d) },
	} {
		for _, search := range []struct{ operation, probe, other string }{
			{status, "valid", "valid"},
			{create, "odd:prefix-names", "odd:prefix-names"},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b := bench{seed: 1, options: selects(create+"/valid", search.operation+"/"+search.probe)}
			b.bend = func(d *wire.Draft, _ func(*wire.Draft) *wire.Exchange) *wire.Exchange {
				switch {
				case d.Operation.ID != search.operation || d.Intent.Probe != search.probe:
					return nil
				case strings.Contains(d.ID, "other-reading"):
					return cut(cancel, d)
				}
				return refuse(d, "9403")
			}
			o, _ := b.prepared(t)
			r, err := engine.Run(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			b.holds(t, r)
			only(t, r, report.Fail)
			if r.Exit() != 3 {
				t.Errorf("%s, %s: exit code %d, want 3", name, search.probe, r.Exit())
			}
		}
	}
}
