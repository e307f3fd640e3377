package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/mock"
	"github.com/fpconform/fpconform/internal/config"
)

type mockCommand struct {
	s *streams

	listen, merchant string
	file             string
	scenario         string
	readings         []string
	seed             seedFlag
	list             bool
}

func newMock(s *streams) *cobra.Command {
	m := &mockCommand{s: s}
	c := &cobra.Command{
		Use:   "mock [FLAG]...",
		Short: "Serve a reference gateway and a reference merchant",
		Long: `Serve a reference gateway and a reference merchant until interrupted.

They live by the protocol and are strict with their callers: each request gets a
line with what was wrong about it. A scenario gives one of them exactly one
fault; a reading makes both live by another reading of a disputed clause.
State is in memory, and no money moves.

Credentials come from the environment or --config as for "run" (FPCONFORM_SECRET
and so on); what is not configured is taken from test credentials, which are
printed. Configured secrets are not. The gateway knows the card tokens of
"values", the merchant the "orders" of the configuration, or takes every order.

Both listen on loopback. They must not stand in a public network.`,
		Example: `  fpconform mock
  fpconform mock --listen 127.0.0.1:8090 --scenario answer-unsigned
  fpconform mock --reading refusals=signed --seed 7
  fpconform mock --list`,
		DisableFlagsInUseLine: true,
		Args:                  noArgs,
		RunE:                  func(c *cobra.Command, _ []string) error { return m.serve(c) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&m.listen, "listen", "127.0.0.1:8090", "`ADDR` of the gateway; port 0 takes a free one")
	f.StringVar(&m.merchant, "merchant-listen", "127.0.0.1:8091", "`ADDR` of the merchant; port 0 takes a free one")
	f.StringVar(&m.file, "config", "", "configuration, a YAML `FILE`")
	f.StringVar(&m.scenario, "scenario", "", "the one fault, by its `ID`")
	f.StringArrayVar(&m.readings, "reading", nil, "`TOPIC=NAME`: live by this reading of a disputed clause (repeatable)")
	f.Var(&m.seed, "seed", "`NUMBER` from which the lawful variety follows (default random)")
	f.BoolVar(&m.list, "list", false, "print the scenarios and the readings, and serve nothing")
	var ids []string
	for _, s := range mock.Scenarios {
		ids = append(ids, s.ID+"\t"+s.Title)
	}
	complete(c, "scenario", ids...)
	return c
}

func (m *mockCommand) serve(c *cobra.Command) error {
	if err := nothingEmpty(c.Flags()); err != nil {
		return err
	}
	cat, err := catalogue.Load()
	if err != nil {
		return err
	}
	if m.list {
		printChoices(m.s.out, cat)
		return nil
	}
	o := mock.Options{Seed: m.seed.or(randomSeed)}
	if o.Readings, err = parseReadings(m.readings); err != nil {
		return err
	}
	if m.scenario != "" {
		if o.Scenario, err = mock.FindScenario(m.scenario); err != nil {
			return nearestScenario(m.scenario, err)
		}
	}
	conf, err := config.Load(config.Source{File: m.file, LookupEnv: m.s.environment()})
	if err != nil {
		return err
	}
	for _, note := range conf.Notes {
		complain(m.s.err, "note: ", errors.New(note))
	}
	o.Credentials = conf.Credentials
	for _, name := range []string{"pg_card_token", "card_token"} {
		if token := conf.Values[name]; token != "" {
			o.Tokens = append(o.Tokens, token)
		}
	}
	for _, name := range []string{"id", "payment_id"} {
		if id := conf.Values[name]; id != "" {
			o.IDs = append(o.IDs, id)
		}
	}
	if !conf.AnyOrder {
		o.Orders = conf.Orders
	}
	_, secret := conf.Credentials.SigKeys[""]
	lines := mockCredentials(&o, map[string]bool{"secret": secret, "jws_key": conf.HasJWSKey()})

	out := &lineWriter{w: m.s.out}
	logTo := func(who string) func(string) {
		return func(line string) { out.line(who + " " + conf.Mask().Text(oneLine(line))) }
	}
	gatewayOptions, merchantOptions := o, o
	gatewayOptions.Log, merchantOptions.Log = logTo("gateway "), logTo("merchant")
	gateway, err := mock.NewGateway(cat, gatewayOptions)
	if err != nil {
		return err
	}
	merchant, err := mock.NewMerchant(cat, merchantOptions)
	if err != nil {
		return err
	}

	gl, err := m.open("--listen", m.listen)
	if err != nil {
		return err
	}
	ml, err := m.open("--merchant-listen", m.merchant)
	if err != nil {
		gl.Close()
		return err
	}
	ctx, w := watchSignals(c.Context(), m.s.err, "interrupted; another signal ends at once")
	defer w.stop()
	servers := []*http.Server{serve(gl, gateway), serve(ml, merchant)}

	lines = append([][2]string{
		{"gateway", "http://" + gl.Addr().String()},
		{"merchant", "http://" + ml.Addr().String() + "/check and /result"},
		{"seed", fmt.Sprint(o.Seed)},
	}, lines...)
	if o.Scenario != nil {
		lines = append(lines, [2]string{"scenario", o.Scenario.ID + ": " + o.Scenario.Title})
	}
	for _, v := range m.readings {
		lines = append(lines, [2]string{"reading", v})
	}
	for _, l := range lines {
		out.line(fmt.Sprintf("%-11s  %s", l[0], oneLine(l[1])))
	}
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(end) != nil {
			s.Close() // a caller who keeps its connection open does not keep us
		}
	}
	return nil
}

// open listens, and warns of an address that others can reach.
func (m *mockCommand) open(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("%s %s: %w", flag, quote(address), err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		complain(m.s.err, "warning: ", fmt.Errorf("%s %s can be reached from outside this machine", flag, quote(address)))
	}
	return l, nil
}

// nearestScenario says what was probably meant before it says what there is.
func nearestScenario(id string, err error) error {
	var ids []string
	for _, s := range mock.Scenarios {
		ids = append(ids, s.ID)
	}
	if m := meant(id, ids); m != "" {
		return fmt.Errorf("mock: no scenario is called %s%s; fpconform mock --list names all", quote(id), m)
	}
	return err
}

// printChoices lists the scenarios and the readings that there are.
func printChoices(w io.Writer, c *catalogue.Catalogue) {
	fmt.Fprintln(w, "scenarios: what breaks, for --scenario")
	for _, role := range []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant} {
		for _, s := range mock.Scenarios {
			if s.Role == role {
				fmt.Fprintf(w, "  %s (%s, %s)\n    %s\n", s.ID, s.Role, s.Breaks, s.Title)
			}
		}
	}
	fmt.Fprintln(w, "\nreadings of disputed clauses, for --reading; the first is the default")
	topics := c.Topics()
	names := make([]string, 0, len(topics))
	for topic := range topics {
		names = append(names, topic)
	}
	slices.Sort(names)
	for _, topic := range names {
		var readings []string
		for _, r := range topics[topic].Readings {
			readings = append(readings, topic+"="+r.Name)
		}
		fmt.Fprintf(w, "  %s (%s)\n", strings.Join(readings, " "), topics[topic].ID)
	}
}

// A lineWriter writes whole lines from several goroutines.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) line(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, s)
}
