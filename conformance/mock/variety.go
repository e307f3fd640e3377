package mock

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/fpconform/fpconform/conformance/catalogue"
	"github.com/fpconform/fpconform/conformance/wire"
	"github.com/fpconform/fpconform/sig"
)

// A variation is something that a peer may do one way or another without anyone's objection.
type variation int

const (
	fieldOrder variation = iota
	extraField
	extraNested
	extraRepeated
	indented
	oneLine
	saltShort
	saltLong
	idShort
	idLong
	amountShort
	amountLong
	optionalHere
	optionalGone
	typeTextXML
	typeApplicationXML
	typeWithCharset
	typeBare
	numVariations
)

// Variations names what a mock varies by its seed. Nothing of it is disputed by a clause.
var Variations = []string{
	fieldOrder:         "field-order",
	extraField:         "extra-field",
	extraNested:        "extra-nested",
	extraRepeated:      "extra-repeated",
	indented:           "indented",
	oneLine:            "one-line",
	saltShort:          "salt-short",
	saltLong:           "salt-long",
	idShort:            "id-short",
	idLong:             "id-long",
	amountShort:        "amount-20",
	amountLong:         "amount-20.00",
	optionalHere:       "optional-present",
	optionalGone:       "optional-absent",
	typeTextXML:        "text-xml",
	typeApplicationXML: "application-xml",
	typeWithCharset:    "charset",
	typeBare:           "no-charset",
}

// variations counts what occurred. The zero value is ready.
type variations struct{ count [numVariations]atomic.Int64 }

func (v *variations) note(what variation) { v.count[what].Add(1) }

// Varied tells how often each of [Variations] occurred so far, zeros included.
func (v *variations) Varied() map[string]int {
	out := make(map[string]int, numVariations)
	for i := range v.count {
		out[Variations[i]] = int(v.count[i].Load())
	}
	return out
}

// source makes the randomness of one reply: from the seed and the request's own bytes, so that a
// run with several workers repeats whatever the order of its requests.
func source(seed uint64, parts ...string) *rand.Rand {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, p := range parts {
		for i := 0; i < len(p); i++ {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	return rand.New(rand.NewPCG(seed, h))
}

// sometimes is true once in n times, and never for a plain mock.
func (c *Call) sometimes(n int) bool { return !c.plain && c.rng.IntN(n) == 0 }

// substance is what a request says, less its salt and signature: these are new each time, and a run
// with the same seed is to get the same answers.
func substance(r *wire.Request) string {
	if r.Bad != nil {
		return string(r.Body)
	}
	var b strings.Builder
	for path, f := range r.Fields.All() {
		if f.Name != sig.FieldSalt && f.Name != sig.FieldSig {
			b.WriteString(path.String() + "=" + f.Value + "\n")
		}
	}
	return b.String()
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func word(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// salt returns a pg_salt. By the first reading of SIG-11 it has digits and Latin letters; by the
// other also blanks and marks, as samples do.
func (c *Call) salt(form string) string {
	n := 16
	if !c.plain {
		switch c.rng.IntN(4) {
		case 0:
			n = 1 + c.rng.IntN(6)
			c.seen.note(saltShort)
		case 1:
			n = 33 + c.rng.IntN(32)
			c.seen.note(saltLong)
		}
	}
	s := word(c.rng, n)
	if form == "any" {
		return s + " some random-string " + word(c.rng, 2)
	}
	return s
}

// amount writes an amount as one of the ways that are the same number.
func (c *Call) amount(sent string) string {
	if c.plain {
		return sent
	}
	switch c.rng.IntN(3) {
	case 0:
		if s := short(sent); s != sent {
			c.seen.note(amountShort)
			return s
		}
	case 1:
		if s := twoDecimals(sent); s != sent {
			c.seen.note(amountLong)
			return s
		}
	}
	return sent
}

var extraNames = []string{"x_node", "x_zone", "shop_hint", "pg_server_hint", "Trace"}

var extraValues = []string{"node 7", "Алматы", "a & b <c> \"d\"", "1+1=2", "50%", "first\nsecond", "0"}

// vary adds what either side may add (SIG-15), and puts the fields into another order.
func (c *Call) vary() {
	if c.plain {
		return
	}
	r := c.Reply
	value := func() string { return extraValues[c.rng.IntN(len(extraValues))] }
	if c.sometimes(2) {
		c.seen.note(extraField)
		name := extraNames[c.rng.IntN(len(extraNames))]
		c.Add(sig.Leaf(name, value()))
	}
	if c.sometimes(5) {
		c.seen.note(extraNested)
		c.Add(sig.Branch("x_meta", sig.Leaf("zone", value()), sig.Leaf("node", value()),
			sig.Branch("inner", sig.Leaf("b", "2"), sig.Leaf("a", "1"))))
	}
	if r.Root != "" && c.sometimes(5) { // a JSON object whose names repeat is another matter
		c.seen.note(extraRepeated)
		c.Add(sig.Leaf("x_tag", "second"), sig.Leaf("x_tag", "first"), sig.Leaf("x_tag", value()))
	}
	if len(r.Fields) > 1 && c.sometimes(2) {
		before := slices.Clone(r.Fields)
		c.rng.Shuffle(len(r.Fields), func(i, j int) { r.Fields[i], r.Fields[j] = r.Fields[j], r.Fields[i] })
		for i := range before {
			if before[i].Name != r.Fields[i].Name {
				c.seen.note(fieldOrder)
				break
			}
		}
	}
	switch c.rng.IntN(3) {
	case 0:
		r.Space = "    "
		c.seen.note(indented)
	case 1:
		r.Space = "\t"
		c.seen.note(indented)
	default:
		c.seen.note(oneLine)
	}
}

// contentType says what the page promises; text/xml and application/xml are taken for one another
// (MSG-3).
func (c *Call) contentType() string {
	typ := "application/json"
	if c.Reply.Root != "" {
		typ = "application/xml"
		if c.sometimes(2) {
			typ = "text/xml"
			c.seen.note(typeTextXML)
		} else if !c.plain {
			c.seen.note(typeApplicationXML)
		}
	}
	if c.sometimes(2) {
		c.seen.note(typeWithCharset)
		return typ + "; charset=utf-8"
	}
	if !c.plain {
		c.seen.note(typeBare)
	}
	return typ
}

// withOptional tells whether an optional field of an answer is to be there.
func (c *Call) withOptional(f *catalogue.Field) bool {
	if c.plain {
		return false
	}
	if c.sometimes(2) {
		c.seen.note(optionalHere)
		return true
	}
	c.seen.note(optionalGone)
	return false
}

// ids hands out numbers that were not handed out before, short and long ones by turns. It is used
// under the lock of its owner.
type ids struct {
	short, long uint64
	n           uint64
	plain       bool
	seen        *variations
}

func newIDs(seed uint64, family string, plain bool, seen *variations) *ids {
	r := source(seed, "ids", family)
	// The two ranges never meet: a mock that hands out ninety million ids has other troubles.
	return &ids{short: 100_000 + r.Uint64N(9_000_000), long: 700_000_000_000 + r.Uint64N(90_000_000_000), plain: plain, seen: seen}
}

func (i *ids) next() uint64 {
	i.n++
	if i.plain {
		return i.long + i.n
	}
	if i.n%2 == 1 {
		i.seen.note(idShort)
		return i.short + i.n
	}
	i.seen.note(idLong)
	return i.long + i.n
}
