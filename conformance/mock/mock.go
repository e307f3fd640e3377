package mock

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// Options say what a mock is and how it behaves. The zero value of everything but Credentials
// is useful.
type Options struct {
	// Credentials are those of the one merchant (and partner) that the mock knows. A gateway needs
	// what its operations are authorised by, a merchant the secret alone.
	Credentials wire.Credentials
	// Scenario is the one fault; nil conforms. One of the other role is left aside, so that a
	// gateway and a merchant may share their options.
	Scenario *Scenario
	// Readings maps a topic to the reading to live by; what is not named has the first of its clause.
	Readings map[string]string
	Seed     uint64 // of the lawful variety
	Plain    bool   // no lawful variety: fields in the catalogue's order, nothing that is optional
	// Tokens are the card tokens that exist. Without any, every card payment is refused.
	Tokens []string
	// IDs are payments that exist from the start, paid, for the partner's reads.
	IDs []string
	// Orders are those that a merchant knows; nil takes every order.
	Orders []wire.Order
	// Log gets one line for each request, without secrets, signatures and card numbers. It may be
	// called by several goroutines at once. Nil means no log.
	Log func(line string)
	Now func() time.Time // nil means time.Now
}

// A Scenario is a gateway or a merchant with exactly one fault.
//
// Its hooks act on the operations named in Operations alone; everywhere else the mock conforms.
// Hooks are called by several goroutines at once, each with a Call of its own.
type Scenario struct {
	ID, Title string // Title says what the faulty peer does, in one sentence
	Role      catalogue.Role
	Breaks    catalogue.ClauseID
	// Follows are clauses that the same answer breaks too, of necessity: what is not signed at all
	// has no signature that verifies.
	Follows    []catalogue.ClauseID
	Operations []string // ids of the operations that show it
	// Readings are those that the fault needs; they win over the options'.
	Readings map[string]string

	// Waives tells whether the fault is to let this objection pass. It is asked for each one.
	Waives func(c *Call, objection *report.Finding) bool
	// Before is called when the request was judged and nothing was done yet. It may refuse.
	Before func(c *Call)
	// Edit is called when the reply's fields are there and not signed yet.
	Edit func(c *Call)
	// After is called when the reply is signed and not encoded yet.
	After func(c *Call)
}

// ScenarioNamed returns the scenario called id.
func ScenarioNamed(id string) (*Scenario, bool) {
	for i := range Scenarios {
		if Scenarios[i].ID == id {
			return &Scenarios[i], true
		}
	}
	return nil, false
}

// FindScenario is ScenarioNamed with an error that lists what there is.
func FindScenario(id string) (*Scenario, error) {
	if s, ok := ScenarioNamed(id); ok {
		return s, nil
	}
	ids := make([]string, len(Scenarios))
	for i, s := range Scenarios {
		ids[i] = s.ID
	}
	return nil, fmt.Errorf("mock: no scenario is called %s: there are %s", quote(id), strings.Join(ids, ", "))
}

// CheckReadings returns an error for a topic or a reading that the catalogue does not have; it
// lists those that there are.
func CheckReadings(c *catalogue.Catalogue, readings map[string]string) error {
	topics := c.Topics()
	var errs []error
	for _, topic := range slices.Sorted(maps.Keys(readings)) {
		clause, ok := topics[topic]
		if !ok {
			errs = append(errs, fmt.Errorf("mock: no topic is called %s: there are %s",
				quote(topic), strings.Join(slices.Sorted(maps.Keys(topics)), ", ")))
			continue
		}
		if _, ok := clause.Reading(readings[topic]); !ok {
			names := make([]string, len(clause.Readings))
			for i, r := range clause.Readings {
				names[i] = r.Name
			}
			errs = append(errs, fmt.Errorf("mock: %s has no reading called %s: there are %s",
				topic, quote(readings[topic]), strings.Join(names, ", ")))
		}
	}
	return errors.Join(errs...)
}

// resolve returns the reading of every topic.
func resolve(c *catalogue.Catalogue, chosen map[string]string) (map[string]string, error) {
	if err := CheckReadings(c, chosen); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for topic, clause := range c.Topics() {
		if len(clause.Readings) > 0 {
			all[topic] = clause.Readings[0].Name
		}
	}
	maps.Copy(all, chosen)
	return all, nil
}

// The topics that change what a mock answers. Those that change what it takes are in package wire.
const (
	topicRefusals       = "refusals"
	topicSaltForm       = "salt-form"
	topicRefusalStatus  = "refusal-status"
	topicBadSignature   = "bad-signature-code"
	topicUnknown        = "unknown-merchant-code"
	topicRepeatedOrder  = "repeated-order"
	topicStatusByOrder  = "status-by-order-id"
	topicPartnerID      = "partner-merchant-id"
	topicPartnerLife    = "partner-lifetime"
	topicPartnerZero    = "partner-zero"
	topicAnswerSalt     = "answer-salt"
	topicMerchantRefuse = "merchant-refusal"
)

// A peer is what a gateway and a merchant have in common.
type peer struct {
	catalogue *catalogue.Catalogue
	o         Options
	readings  map[string]string
	scheme    sig.Scheme
	mask      *wire.Mask
	scenario  *Scenario

	history
	variations
}

func newPeer(c *catalogue.Catalogue, o Options, role catalogue.Role) (*peer, error) {
	readings, err := resolve(c, o.Readings)
	if err != nil {
		return nil, err
	}
	p := &peer{catalogue: c, o: o, readings: readings, scheme: wire.SchemeBy(readings), mask: wire.NewMask()}
	if o.Scenario != nil && o.Scenario.Role == role {
		p.scenario = o.Scenario
	}
	if p.o.Now == nil {
		p.o.Now = time.Now
	}
	return p, nil
}

// lacks names the operations of role that cannot be served with the credentials at hand.
func lacks(ops []*catalogue.Operation, creds *wire.Credentials) error {
	var errs []error
	seen := map[string]bool{}
	for _, op := range ops {
		if missing := creds.Missing(op); missing != "" && !seen[missing] {
			seen[missing] = true
			errs = append(errs, fmt.Errorf("mock: no %s, which %s is authorised by", missing, op.ID))
		}
	}
	return errors.Join(errs...)
}

// faulty returns the scenario if it touches this operation, else an empty one.
func (p *peer) faulty(op *catalogue.Operation) *Scenario {
	if p.scenario != nil && slices.Contains(p.scenario.Operations, op.ID) {
		return p.scenario
	}
	return &Scenario{}
}

// quote quotes a value for an error, cut at 64 bytes.
func quote(s string) string {
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
