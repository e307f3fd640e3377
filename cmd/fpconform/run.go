package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fpconform/fpconform/conformance"
	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/engine"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/internal/config"
)

// A runCommand is what the flags of "run" say.
type runCommand struct {
	s *streams

	file       string
	flags      config.Flags
	role       string
	run, skip  []string
	plan       bool
	production bool
	maxTime    time.Duration
	workers    int
	seed       seedFlag
	reports    []string
	readings   []string
	verbose    bool
}

func newRun(s *streams) *cobra.Command {
	r := &runCommand{s: s}
	c := &cobra.Command{
		Use:   "run [FLAG]...",
		Short: "Judge a gateway, a merchant, or both",
		Long: `Judge a gateway and a merchant endpoint by the protocol.

Without a target it starts a gateway and a merchant of its own on loopback, with
credentials of their own, and judges both. With one target the other role is
neither judged nor started. The run is the ginkgo suite of this module, in one
process: "go test ./conformance" runs the same.

What is judged comes from flags, else from the environment (FPCONFORM_TARGET,
FPCONFORM_CHECK_URL, FPCONFORM_RESULT_URL, FPCONFORM_REQUEST_METHOD), else from
--config. Credentials come from the environment (FPCONFORM_MERCHANT_ID,
FPCONFORM_SECRET, FPCONFORM_PAYOUT_SECRET, FPCONFORM_JWS_ID, FPCONFORM_JWS_KEY),
else from --config, and never from flags. What needs one that is not given is
skipped. A variable that is set and empty is an error.

Cases are called operation/probe/check. A pattern selects them: * stands for any
text within a segment, ** for any number of segments, and a shorter pattern for
all below it. A selected negative brings its control.

What may be sent depends on where the target is. On loopback it is everything;
elsewhere what reads and what creates an unpaid order or invoice; on the known
production hosts nothing without --production, and with it what reads.

Exit codes: 0 it conforms. 1 there are findings. 2 usage or configuration is
wrong, and nothing was sent. 3 no verdict: interrupted, nothing judged, or a
case is inconclusive or in error that "known" in the configuration does not
name.`,
		Example: `  fpconform run
  fpconform run --target https://test-api.example --run 'merchant.purchase.*'
  fpconform run --check-url http://127.0.0.1:8080/check --order any \
      --report junit=report.xml --report json=report.json`,
		DisableFlagsInUseLine: true,
		Args:                  noArgs,
		RunE:                  func(c *cobra.Command, _ []string) error { return r.judge(c) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&r.flags.Target, "target", "", "the gateway's `URL`")
	f.StringVar(&r.flags.CheckURL, "check-url", "", "the merchant's `URL` for the check request")
	f.StringVar(&r.flags.ResultURL, "result-url", "", "the merchant's `URL` for the result notify")
	f.StringVar(&r.flags.RequestMethod, "request-method", "", "how the merchant is called: `METHOD` is POST (default), GET or XML")
	f.StringVar(&r.file, "config", "", "configuration, a YAML `FILE`")
	f.StringVar(&r.role, "role", "", "judge this `ROLE` alone: gateway or merchant")
	f.StringArrayVar(&r.run, "run", nil, "judge the cases of this `PATTERN` (repeatable)")
	f.StringArrayVar(&r.skip, "skip", nil, "leave out the cases of this `PATTERN` (repeatable)")
	f.BoolVar(&r.plan, "plan", false, "print what would be sent, and send nothing")
	f.StringSliceVar(&r.flags.Allow, "allow", nil, "`EFFECTS` that may be brought about: reads, creates, holds, charges, refunds, pays-out")
	f.BoolVar(&r.production, "production", false, "ask a known production host")
	f.StringArrayVar(&r.flags.Values, "value", nil, "`NAME=VALUE` of a request field that this target wants (repeatable)")
	f.StringArrayVar(&r.flags.Orders, "order", nil, "`ID:AMOUNT:CURRENCY` that the merchant knows (repeatable), or any")
	f.StringArrayVar(&r.flags.Known, "known", nil, "`CASE=REASON`: may end inconclusive or in error (repeatable)")
	f.StringArrayVar(&r.readings, "reading", nil, "`TOPIC=NAME`: send by this reading of a disputed clause first (repeatable)")
	f.StringVar(&r.flags.Pace, "pace", "", "`TIME` between requests that create or move money, off loopback (default 2s)")
	f.StringVar(&r.flags.Timeout, "timeout", "", "`TIME` for a whole exchange (default 15s)")
	f.DurationVar(&r.maxTime, "max-time", 0, "`TIME` for the whole run (default none)")
	f.IntVar(&r.workers, "workers", 1, "how `MANY` operations are judged side by side")
	f.Var(&r.seed, "seed", "`NUMBER` from which all that is generated follows (default random)")
	f.StringArrayVar(&r.reports, "report", nil, "write a report, `FORMAT=FILE`: json, junit or text; - is standard output (repeatable)")
	f.BoolVar(&r.verbose, "verbose", false, "name every case")
	complete(c, "role", string(catalogue.RoleGateway), string(catalogue.RoleMerchant))
	complete(c, "request-method", "POST", "GET", "XML")
	return c
}

// environment is what of the environment counts. Without a file and an address anywhere the peers are
// the program's own, with credentials of their own, so that the user's are not even looked at; an
// address that is set and empty still is a mistake.
func (r *runCommand) environment() func(string) (string, bool) {
	lookup := r.s.environment()
	addresses := []string{config.EnvTarget, config.EnvCheckURL, config.EnvResultURL}
	if r.file != "" || r.flags.Target != "" || r.flags.CheckURL != "" || r.flags.ResultURL != "" ||
		slices.ContainsFunc(addresses, func(name string) bool { _, set := lookup(name); return set }) {
		return lookup
	}
	return func(string) (string, bool) { return "", false }
}

// judge runs the command. Whatever is wrong with what the user said is found before anything is
// sent, and exits with 2.
func (r *runCommand) judge(c *cobra.Command) error {
	if err := nothingEmpty(c.Flags()); err != nil {
		return err
	}
	switch {
	case r.workers < 1 || r.workers > maxWorkers:
		return fmt.Errorf("--workers %d: not from 1 to %d", r.workers, maxWorkers)
	case c.Flags().Changed("max-time") && r.maxTime <= 0:
		return fmt.Errorf("--max-time %v: a run needs some time", r.maxTime)
	case r.plan && len(r.reports) > 0:
		return errors.New("--plan sends nothing, so there is nothing for --report")
	}
	destinations, err := parseDestinations(r.reports)
	if err != nil {
		return err
	}
	readings, err := sendReadings(r.readings)
	if err != nil {
		return err
	}
	conf, err := config.Load(config.Source{File: r.file, LookupEnv: r.environment(), Flags: r.flags})
	if err != nil {
		return err
	}
	own, roles, err := r.roles(conf)
	if err != nil {
		return err
	}
	if err := checkDestinations(destinations); err != nil {
		return err
	}
	b, err := thisBuild()
	if err != nil {
		return err
	}
	seed := r.seed.or(randomSeed)

	var all []engine.Options
	if own {
		cat, err := catalogue.Load()
		if err != nil {
			return err
		}
		peers := &embedded{}
		defer peers.close()
		if all, err = peers.start(cat, roles, seed); err != nil {
			return err
		}
		for i := range all {
			// What the user says about how to ask holds for these peers too; who they are does not.
			all[i].Target.Allow, all[i].Known, all[i].Timeout = conf.Allow, maps.Clone(conf.Known), conf.Timeout
			all[i].Target.RequestMethod = r.flags.RequestMethod
		}
	} else {
		for _, note := range conf.Notes {
			complain(r.s.err, "note: ", errors.New(note))
		}
		for _, role := range roles {
			o := conf.Options(role)
			// A target remembers the orders of the last run with this seed.
			o.Stamp = strconv.FormatInt(time.Now().UnixMilli(), 36)
			all = append(all, o)
		}
	}
	if err := engine.SplitKnown(all); err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		o.Run, o.Skip = r.run, r.skip
		o.Workers, o.Seed = r.workers, seed
		o.Tool = report.Tool{Name: "fpconform", Version: b.Version}
		o.Target.Production, o.Target.Readings = r.production, maps.Clone(readings)
	}
	plans, err := prepare(all)
	if err != nil {
		return err
	}
	where := make([]string, len(all))
	for i := range all {
		where[i] = string(all[i].Role) + " " + endpoint(all[i].Target, own)
	}
	if r.plan {
		printPlans(r.s.out, plans, where, seed, r.verbose)
		return nil
	}
	r.announce(plans, where, seed)

	ctx, w := watchSignals(c.Context(), r.s.err, "interrupted; the reports are written, and another signal ends at once")
	defer w.stop()
	if r.maxTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.maxTime)
		defer cancel()
	}
	result, err := drive(ctx, w, plans)
	if err != nil {
		return &exitError{exitNoVerdict, err}
	}
	if err := writeReports(r.s, destinations, result, r.verbose); err != nil {
		code := result.Exit()
		if code == exitOK {
			code = exitNoVerdict // it did not reach everyone who asked for it
		}
		return &exitError{code, err}
	}
	return &exitError{code: result.Exit()}
}

// maxWorkers is more than there are operations to share.
const maxWorkers = 64

// drive runs the plans as the ginkgo suite, one after another, and makes one report of them.
func drive(ctx context.Context, w *watch, plans []*engine.Plan) (*report.Report, error) {
	var parts []*report.Report
	for _, p := range plans {
		part, err := conformance.RunPlans(ctx, p)
		w.renew()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return report.Merge(parts...)
}

// roles decides who is judged, and whether it is the program's own peers.
func (r *runCommand) roles(conf *config.Config) (own bool, roles []catalogue.Role, err error) {
	both := []catalogue.Role{catalogue.RoleGateway, catalogue.RoleMerchant}
	roles = both
	switch r.role {
	case "":
	case string(catalogue.RoleGateway), string(catalogue.RoleMerchant):
		roles = []catalogue.Role{catalogue.Role(r.role)}
	default:
		return false, nil, fmt.Errorf("--role %s: neither gateway nor merchant%s", quote(r.role), meant(r.role, []string{"gateway", "merchant"}))
	}
	configured := slices.DeleteFunc(slices.Clone(both), func(role catalogue.Role) bool { return !conf.Has(role) })
	switch {
	case len(configured) == 0 && r.file != "":
		// A configuration is about somebody; judging our own peers instead would look like success.
		return false, nil, fmt.Errorf("%s names neither gateway/url nor merchant/check_url or result_url, and there is no flag or variable for them", quote(r.file))
	case len(configured) == 0:
		if len(r.flags.Values)+len(r.flags.Orders) > 0 {
			return false, nil, errors.New("--value and --order are about a target, and none is given: the embedded peers bring their own")
		}
		return true, roles, nil
	case r.role == "":
		return false, configured, nil
	case !slices.Contains(configured, roles[0]):
		missing := "--target or FPCONFORM_TARGET"
		if roles[0] == catalogue.RoleMerchant {
			missing = "--check-url, --result-url, FPCONFORM_CHECK_URL or FPCONFORM_RESULT_URL"
		}
		return false, nil, fmt.Errorf("--role %s, but only a %s is configured: there is no %s", r.role, configured[0], missing)
	}
	return false, roles, nil
}

// prepare plans every role before anything is sent for one. A pattern must select something in one
// of the judged roles, and something must be selected in all.
func prepare(all []engine.Options) ([]*engine.Plan, error) {
	var plans []*engine.Plan
	selected := 0
	for _, o := range all {
		p, err := engine.Prepare(o)
		if err != nil {
			return nil, explained(err, o.Catalogue)
		}
		plans = append(plans, p)
		selected += len(p.Specs) + len(p.LeftOut)
	}
	if err := elsewhere(all); err != nil {
		return nil, explained(err, all[0].Catalogue)
	}
	if selected == 0 {
		return nil, engine.ErrNothing
	}
	return plans, nil
}

// elsewhere finds the patterns that select only what no judged role has: Prepare leaves those alone,
// since it knows of no other plan.
func elsewhere(all []engine.Options) error {
	if len(all[0].Run)+len(all[0].Skip) == 0 {
		return nil
	}
	var ids []string
	for _, o := range all {
		o.Run, o.Skip = nil, nil
		p, err := engine.Prepare(o)
		if err != nil {
			return err
		}
		for _, s := range p.Specs {
			for _, c := range s.Cases {
				ids = append(ids, c.ID)
			}
		}
		for _, r := range p.LeftOut {
			ids = append(ids, r.ID)
		}
		for _, op := range o.Catalogue.Operations {
			if op.Role() == o.Role {
				ids = append(ids, op.ID) // a case that only another target has is no stranger
			}
		}
	}
	var unmatched []string
	for _, list := range []struct {
		flag     string
		patterns []string
	}{{"--run", all[0].Run}, {"--skip", all[0].Skip}} {
		for _, text := range list.patterns {
			p, err := engine.ParsePattern(text)
			if err != nil {
				return err
			}
			operation, _, deeper := strings.Cut(text, "/")
			above, _ := engine.ParsePattern(operation)
			if !slices.ContainsFunc(ids, func(id string) bool {
				return p.Match(id) || deeper && operation != "**" && !strings.Contains(id, "/") && above.Match(id)
			}) {
				unmatched = append(unmatched, list.flag+" "+text)
			}
		}
	}
	if len(unmatched) > 0 {
		return &engine.UnmatchedError{Patterns: unmatched}
	}
	return nil
}

// explained adds to a pattern without a match what was probably meant.
func explained(err error, c *catalogue.Catalogue) error {
	var unmatched *engine.UnmatchedError
	if !errors.As(err, &unmatched) {
		return err
	}
	var ids []string
	for _, op := range c.Operations {
		ids = append(ids, op.ID)
	}
	for _, p := range unmatched.Patterns {
		_, text, _ := strings.Cut(p, " ")
		operation, _, _ := strings.Cut(text, "/")
		if m := meant(operation, ids); m != "" && !slices.Contains(ids, operation) {
			return fmt.Errorf("%w%s", err, m)
		}
	}
	return fmt.Errorf("%w; fpconform run --plan --verbose names every case of a target", err)
}

// announce says on standard error what begins, so that a run that is killed can be repeated.
func (r *runCommand) announce(plans []*engine.Plan, where []string, seed uint64) {
	total, takes := 0, time.Duration(0)
	for _, p := range plans {
		total += p.Total()
		takes += p.Takes
	}
	text := fmt.Sprintf("fpconform: seed %d, %s, %s", seed, strings.Join(where, ", "), count(total, "request"))
	if takes > 0 {
		text += ", at least " + takes.Round(time.Second).String()
	}
	fmt.Fprintln(r.s.err, oneLine(text))
}

// endpoint is the address of a target without what it may hide.
func endpoint(t *wire.Target, own bool) string {
	var urls []string
	for _, u := range t.Callbacks {
		urls = append(urls, u.Scheme+"://"+u.Host+u.EscapedPath())
	}
	if t.Base != nil {
		urls = append(urls, t.Base.Scheme+"://"+t.Base.Host+t.Base.EscapedPath())
	}
	slices.Sort(urls)
	text := strings.Join(slices.Compact(urls), " ")
	if own {
		text += " (embedded)"
	}
	return text
}

// sendReadings reads the values of --reading: of the topics that change what is sent.
func sendReadings(values []string) (map[string]string, error) {
	topics := []string{wire.TopicAddress, wire.TopicTransports, wire.TopicOrder, wire.TopicEmpty, wire.TopicInvoiceBody,
		wire.TopicJWSTarget, wire.TopicJWSIdentity, wire.TopicPartnerGetAuth, wire.TopicPartnerGetID, wire.TopicCallbackBody}
	readings, err := parseReadings(values)
	if err != nil {
		return nil, err
	}
	for _, topic := range slices.Sorted(maps.Keys(readings)) {
		if !slices.Contains(topics, topic) {
			return nil, fmt.Errorf("--reading %s: it changes nothing that is sent%s; what does is %s",
				quote(topic), meant(topic, topics), strings.Join(topics, ", "))
		}
	}
	return readings, nil
}

// parseReadings reads TOPIC=NAME, each topic once.
func parseReadings(values []string) (map[string]string, error) {
	readings := map[string]string{}
	for _, v := range values {
		topic, name, _ := strings.Cut(v, "=")
		if topic == "" || name == "" {
			return nil, fmt.Errorf("--reading %s: not of the form TOPIC=NAME", quote(v))
		}
		if _, twice := readings[topic]; twice {
			return nil, fmt.Errorf("--reading %s: %s is given twice", quote(v), topic)
		}
		readings[topic] = name
	}
	return readings, nil
}

// nothingEmpty refuses a flag that is given and empty, as --target "$URL" is where URL is not set:
// to take it for a flag that is not given would judge something else.
func nothingEmpty(flags *pflag.FlagSet) error {
	var err error
	flags.Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			all := list.GetSlice()
			empty = len(all) == 0 || slices.Contains(all, "")
		}
		if empty && err == nil {
			err = fmt.Errorf("--%s is given and empty", f.Name)
		}
	})
	return err
}

// environment looks variables up. Without its own way it cannot tell an empty variable from none.
func (s *streams) environment() func(string) (string, bool) {
	switch {
	case s.lookup != nil:
		return s.lookup
	case s.getenv == nil:
		return os.LookupEnv
	}
	return func(name string) (string, bool) { v := s.getenv(name); return v, v != "" }
}

// A seedFlag is the flag --seed. Any number is one, zero too.
type seedFlag struct {
	number uint64
	set    bool
}

func (f *seedFlag) String() string {
	if f == nil || !f.set {
		return ""
	}
	return fmt.Sprint(f.number)
}

// Type returns what pflag calls a text, so that an unset one is not shown as a default.
func (f *seedFlag) Type() string { return "string" }

// Set reads decimal digits.
func (f *seedFlag) Set(s string) error {
	var n uint64
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil || fmt.Sprint(n) != s {
		return errors.New("not a number from 0 to 18446744073709551615")
	}
	f.number, f.set = n, true
	return nil
}

func (f *seedFlag) or(random func() uint64) uint64 {
	if f.set {
		return f.number
	}
	return random()
}

// randomSeed is short, so that people can read it out.
func randomSeed() uint64 { return uint64(rand.Uint32()) }
