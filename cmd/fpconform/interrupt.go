package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is why a context ended that [watch] made.
var errInterrupted = errors.New("interrupted")

// A watch ends a context at the first SIGINT or SIGTERM, and the program at the second.
type watch struct {
	signals chan os.Signal
	done    chan struct{}
}

// watchSignals returns a context that ends at the first signal, and says so with what it says. The
// caller stops the watch.
func watchSignals(parent context.Context, w io.Writer, says string) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(parent)
	s := &watch{make(chan os.Signal, 2), make(chan struct{})}
	s.renew()
	go func() {
		defer cancel(nil)
		select {
		case <-s.done:
			return
		case <-s.signals:
		}
		complain(w, "", errors.New(says))
		cancel(errInterrupted)
		select {
		case <-s.done:
		case <-s.signals:
			os.Exit(exitNoVerdict)
		}
	}()
	return ctx, s
}

// renew asks for the signals again: ginkgo takes them while it runs, and after it everybody's wishes
// are forgotten.
func (s *watch) renew() { signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM) }

func (s *watch) stop() {
	signal.Stop(s.signals)
	close(s.done)
}
