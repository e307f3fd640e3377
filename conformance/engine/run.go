package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/check"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// A run is what happens between Prepare and Report. What several operations share is guarded by mu.
type run struct {
	o       Options
	plan    *Plan
	ops     []*opRun
	leftOut map[string]string
	partial bool

	unselected int
	begun      atomic.Bool
	ahead      atomic.Bool        // workers send ahead: every spec is asked for
	cancel     context.CancelFunc // of the time that Bound gave the specs

	mu         sync.Mutex
	readings   map[string]string // by which requests are sent at present
	settled    map[string]bool   // operations whose control was accepted by them
	accepted   map[string]bool   // keys with which a control was accepted
	refused    map[string]bool   // keys with which a control was refused
	answer     map[string]string // key -> how the first of these was refused
	inARow     int               // errors without an answer between them
	down       bool              // the last operation was given up after errors in a row
	ids        map[string]bool   // of exchanges
	ended      string
	endedWhy   string
	exchanges  []*wire.Exchange
	started    time.Time
	orders     []wire.Order
	anyOrder   bool
	askedAny   bool
	orderCount int
}

func newRun(o Options) *run {
	r := &run{
		o:        o,
		leftOut:  map[string]string{},
		readings: map[string]string{},
		settled:  map[string]bool{},
		accepted: map[string]bool{},
		refused:  map[string]bool{},
		answer:   map[string]string{},
		orders:   o.Target.Orders,
		anyOrder: o.Target.AnyOrder,
		started:  o.Now(),
		ids:      map[string]bool{},
	}
	for topic, reading := range o.Target.Readings {
		r.readings[topic] = reading
	}
	return r
}

func seedText(seed uint64) string { return strconv.FormatUint(seed, 36) }

// A maker makes what must be fresh in each request of an operation, and of what is sent for it: from
// the seed and the operation alone, so that neither what else is selected nor how many operations run
// side by side changes what is sent. The requests of an operation go out one after another, so a maker
// is used by one goroutine at a time.
type maker struct {
	rng  *rand.Rand
	name string // of the operation, short and its own
	n    int
	now  func() time.Time
}

func newMaker(o Options, op *catalogue.Operation) *maker {
	h := fnv.New64a()
	h.Write([]byte(op.ID + o.Stamp)) // a hash takes everything
	return &maker{
		rng:  rand.New(rand.NewPCG(o.Seed, h.Sum64())),
		name: strconv.Itoa(slices.Index(o.Catalogue.Operations, op)),
		now:  o.Now,
	}
}

// order returns an id that no other request of this run has; the same seed and stamp give the same
// ids. It has letters of both cases, since an order id must come back as it was sent.
func (m *maker) order() string {
	m.n++
	return fmt.Sprintf("fpC-%s-%s-%d", strconv.FormatUint(m.rng.Uint64()>>16, 36), m.name, m.n)
}

// payment returns a number that looks like a payment id.
func (m *maker) payment() string {
	return strconv.Itoa(1_000_000_000 + int(m.rng.Uint32()%1_000_000_000))
}

// request returns a UUID of version 7, as the page asks for.
func (m *maker) request() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(m.now().UnixMilli())<<16|uint64(m.rng.Uint32()&0x0fff)|0x7000)
	binary.BigEndian.PutUint64(b[8:], m.rng.Uint64()&^(3<<62)|2<<62)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// tooMany is how many errors in a row end an operation.
const tooMany = 3

// notSent is why a request was not sent any more. It is no verdict about the peer.
type notSent struct{ reason string }

func (e *notSent) Error() string { return e.reason }

// send sends a draft, unless the operation or the run has come to its end before.
func (r *run) send(ctx context.Context, or *opRun, d *wire.Draft) (*wire.Exchange, error) {
	if ctx.Err() != nil {
		r.stop(ctx)
	}
	r.mu.Lock()
	if r.ended != "" || or.dead != "" {
		defer r.mu.Unlock()
		if r.ended != "" {
			return nil, &notSent{r.endedWhy}
		}
		return nil, &notSent{or.dead}
	}
	first := !or.began
	or.began = true
	d.ID = r.distinct(d.ID)
	r.mu.Unlock()
	x := r.do(ctx, d)
	if x.Err != nil && ctx.Err() != nil {
		r.stop(ctx)
		return nil, &notSent{r.why()}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, x)
	if x.Err == nil {
		r.inARow, r.down = 0, false
		return x, nil
	}
	if errors.As(x.Err, new(*crashed)) {
		return x, nil // that is no outage
	}
	r.inARow++
	switch {
	case first && r.down:
		r.ended = report.EndedUnreachable
		r.endedWhy = fmt.Sprintf("the run ended: %s does not answer: %s", r.where(or.op), r.o.Mask.For(x).Text(x.Err.Error()))
	case r.inARow >= tooMany:
		or.dead = "after three errors in a row: " + r.o.Mask.For(x).Text(x.Err.Error())
		r.down = true
	}
	return x, nil
}

// do asks the peer and takes nothing from it for granted: it may panic, return nothing, or an exchange
// that is neither an answer nor an error, or another one's.
func (r *run) do(ctx context.Context, d *wire.Draft) *wire.Exchange {
	var got *wire.Exchange
	err := guard("sending "+d.ID, func() { got = r.o.Peer.Do(ctx, d) })
	x := &wire.Exchange{Known: d.Known, Readings: d.Readings, Started: r.o.Now(), Err: err}
	switch {
	case err != nil:
	case got == nil:
		x.Err = errors.New("engine: the peer returned nothing")
	default:
		*x = *got
		if x.Err == nil && x.Response == nil {
			x.Err = errors.New("engine: the peer returned neither an answer nor an error")
		}
	}
	x.ID, x.Operation, x.Intent = d.ID, d.Operation, d.Intent
	return x
}

// where names the endpoint of an operation without its query.
func (r *run) where(op *catalogue.Operation) string {
	u := r.o.Target.Where(op)
	if u == nil {
		return "the handler"
	}
	return u.Scheme + "://" + u.Host
}

func (r *run) why() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.endedWhy
}

// stop notes that the context ended the run: by a signal, or because its time is over.
func (r *run) stop(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != "" {
		return
	}
	// A deadline of the caller's is a time that the run was given, too.
	if cause := context.Cause(ctx); cause == errMaxTime || errors.Is(cause, context.DeadlineExceeded) {
		r.ended, r.endedWhy = report.EndedMaxTime, "the run's time was over before this was sent"
		return
	}
	r.ended, r.endedWhy = report.EndedInterrupted, "the run was interrupted before this was sent"
}

var errMaxTime = errors.New("engine: the run's time is over")

// distinct makes the id of an exchange unique in the run. The caller holds mu.
func (r *run) distinct(id string) string {
	have := id
	for n := 2; r.ids[have]; n++ {
		have = fmt.Sprintf("%s/%d", id, n)
	}
	r.ids[have] = true
	return have
}

// An opRun is one operation in a run. Its requests are sent once, when the first of its specs is
// asked for, or ahead of that by Start.
type opRun struct {
	run    *run
	op     *catalogue.Operation
	specs  []*spec
	byName map[string]*spec
	fresh  *maker
	once   sync.Once
	began  bool   // a request was sent
	dead   string // why the rest is not sent

	control *check.Seen      // the accepted one
	needed  []report.Finding // the readings without which it was refused
}

func (r *run) newOp(op *catalogue.Operation) *opRun {
	return &opRun{run: r, op: op, byName: map[string]*spec{}, fresh: newMaker(r.o, op)}
}

// other is another operation that is asked for this one.
func (or *opRun) other(op *catalogue.Operation) *opRun {
	out := or.run.newOp(op)
	out.fresh = or.fresh
	return out
}

// scope is what probes and checks of this operation know now.
func (or *opRun) scope() *check.Scope {
	s := scopeOf(or.run.o, or.op)
	or.run.mu.Lock()
	defer or.run.mu.Unlock()
	s.Readings = map[string]string{}
	for topic, reading := range or.run.readings {
		s.Readings[topic] = reading
	}
	return s
}

// settle notes by which readings a control was accepted.
func (or *opRun) settle(x *wire.Exchange) {
	or.run.mu.Lock()
	defer or.run.mu.Unlock()
	for topic, reading := range x.Readings {
		or.run.readings[topic] = reading
	}
	or.run.settled[or.op.ID] = true
	if key := wire.KeyName(or.op); key != "" {
		or.run.accepted[key] = true
	}
}
