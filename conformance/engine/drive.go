package engine

import (
	"context"
	"slices"
	"sync"

	"github.com/fpconform/fpconform/conformance/report"
)

// Start lets workers send ahead of the specs. Without it what an operation needs is sent when the
// first of its specs runs. The returned function waits for the workers.
func (p *Plan) Start(ctx context.Context) (wait func()) {
	p.run.ahead.Store(true)
	ctx, cancel := p.bound(ctx)
	queue := make(chan *opRun)
	var wg sync.WaitGroup
	for range p.run.o.Workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for or := range queue {
				for _, sp := range or.specs {
					if sp.skip == "" {
						sp.result(ctx)
						break
					}
				}
			}
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(queue)
		for _, or := range p.run.ops {
			queue <- or
		}
	}()
	return func() {
		wg.Wait()
		cancel()
	}
}

// bound gives the whole run the time that its options give it.
func (p *Plan) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.run.o.MaxTime <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, p.run.o.MaxTime, errMaxTime)
}

// Ended tells what cut the run short, or "".
func (p *Plan) Ended() string {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	return p.run.ended
}

// Run is the plain driver: it prepares a plan, runs every spec and reports. The error is about the
// options, ErrNothing among them; then nothing was sent.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	plan, err := Prepare(o)
	if err != nil {
		return nil, err
	}
	if len(plan.Specs)+len(plan.LeftOut) == 0 {
		return nil, ErrNothing
	}
	wait := plan.Start(ctx)
	var results []report.Result
	bounded, cancel := plan.bound(ctx)
	defer cancel()
	for _, s := range plan.Specs {
		results = append(results, s.Run(bounded)...)
	}
	wait()
	return plan.Report(results), nil
}

// Begin marks the plan as run. It returns false if it was marked before: the requests of a plan are
// sent once.
func (p *Plan) Begin() bool { return p.run.begun.CompareAndSwap(false, true) }

// Bound returns the plan with specs that end with ctx, and with the time of the run, whatever context
// the test driver gives them.
func (p *Plan) Bound(ctx context.Context) *Plan {
	ctx, cancel := p.bound(ctx)
	out := *p
	out.Specs = slices.Clone(p.Specs)
	for i := range out.Specs {
		run := out.Specs[i].Run
		out.Specs[i].Run = func(inner context.Context) []report.Result {
			both, stop := context.WithCancelCause(ctx)
			defer stop(nil)
			defer context.AfterFunc(inner, func() { stop(context.Cause(inner)) })()
			return run(both)
		}
	}
	p.run.cancel = cancel
	return &out
}
