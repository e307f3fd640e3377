package vectors

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var codecs = []string{"xml", "urlencoded", "multipart", "json"}

// lintSig looks whether the stages of a test follow from each other. Whether the order is the
// one of the protocol is for the tests against package sig to say, and for PHP.
func lintSig(t Sig) []string {
	var bad complaints
	bad.stages("", t, t.Stages, leaves(t.Message, referenceName))
	bad.verdict(t)
	for i, c := range t.NotCarriedBy {
		at := slices.Index(codecs, c)
		if at < 0 || i > 0 && at <= slices.Index(codecs, t.NotCarriedBy[i-1]) {
			bad.add("not_carried_by: some of %v, in this order", codecs)
		}
	}

	if (t.Result == Acceptable) != (len(t.Readings) > 0) {
		bad.add("acceptable tests have readings, others none")
	}
	differs := false
	for _, name := range slices.Sorted(maps.Keys(t.Readings)) {
		r := t.Readings[name]
		differs = differs || r.Canonical != t.Canonical
		s, at := Stages(r), "readings: "+name+": "
		switch name {
		case ReadingDocumented:
			m := slices.DeleteFunc(slices.Clone(t.Message), isSig) // the caller takes it out before
			bad.stages(at, t, s, leaves(m, documentedName))
		case ReadingAlphabetical:
			bad.stages(at, t, s, leaves(t.Message, pathName))
		case ReadingDropEmpty:
			kept := leaves(t.Message, referenceName)
			maps.DeleteFunc(kept, func(_, v string) bool { return v == "" })
			bad.stages(at, t, s, kept)
		case ReadingPHP74, ReadingPHP82:
			if r.Order != nil {
				bad.add("%sPHP's own names are not recorded", at)
			}
			if parts := strings.Split(r.Canonical, ";"); parts[0] != t.Script || parts[len(parts)-1] != t.Secret ||
				len(parts) != 2+len(t.Order) {
				bad.add("%scanonical is not script, %d values and secret", at, len(t.Order))
			}
			bad.digest(at, s)
		default:
			bad.add("no reading is called %s", cut(name))
		}
	}
	if len(t.Readings) > 0 && !differs {
		bad.add("all readings give the same string")
	}
	_, doc := t.Readings[ReadingDocumented]
	_, words := t.Readings[ReadingAlphabetical]
	if doc != words {
		bad.add("documented and alphabetical are recorded together")
	}
	return bad
}

type complaints []string

func (c *complaints) add(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

// stages wants order to have each name once, sorted where names are sorted, canonical to be
// what stands at these names, and sig to be its digest.
func (c *complaints) stages(at string, t Sig, s Stages, byName map[string]string) {
	parts := []string{t.Script}
	seen := map[string]bool{}
	for _, name := range s.Order {
		v, ok := byName[name]
		if !ok || seen[name] {
			c.add("%sorder: no leaf is called %s, or not twice", at, cut(name))
		}
		seen[name] = true
		parts = append(parts, v)
	}
	if len(seen) != len(byName) {
		c.add("%sorder has %d names of %d", at, len(seen), len(byName))
	}
	if at != "readings: "+ReadingAlphabetical+": " && !slices.IsSorted(s.Order) {
		c.add("%sorder is not sorted byte by byte", at)
	}
	if s.Canonical != strings.Join(append(parts, t.Secret), ";") {
		c.add("%scanonical is not script, values in order and secret", at)
	}
	c.digest(at, s)
}

func (c *complaints) digest(at string, s Stages) {
	sum := md5.Sum([]byte(s.Canonical))
	if s.Sig != hex.EncodeToString(sum[:]) {
		c.add("%ssig is not the MD5 of canonical", at)
	}
}

// verdict holds result and error against the pg_sig that the message has.
func (c *complaints) verdict(t Sig) {
	var have []string
	for _, n := range t.Message {
		if isSig(n) {
			have = append(have, n.Value)
		}
	}
	want := "" // the only reason for which a verifier may refuse t
	switch {
	case len(have) == 0 && t.Result == Invalid:
		want = "unsigned"
	case len(have) > 1:
		want = "repeated"
	case len(have) == 1 && !digestText.MatchString(have[0]):
		want = "malformed"
	case len(have) == 1 && have[0] != t.Sig:
		want = "mismatch"
	}
	switch t.Result {
	case Valid, Acceptable, Invalid:
	default:
		c.add("result %s is not valid, invalid or acceptable", cut(string(t.Result)))
	}
	if t.Error != want || (t.Result == Invalid) != (want != "") {
		c.add("result %s with error %s, but for this pg_sig the error is %q", t.Result, cut(t.Error), want)
	}
}

func isSig(n Node) bool { return n.Name == "pg_sig" }

// A namer returns the flattened name of the node at position pos, of which count before it and
// total in all have its name, or "" where it is not signed. README.md has the three in words.
type namer func(parent, name string, pos, count, total int) string

func referenceName(parent, name string, pos, _, _ int) string {
	switch {
	case name == "pg_sig":
		return ""
	case integer.MatchString(name):
		return fmt.Sprintf("%s%03d", parent[:max(0, len(parent)-3)], pos)
	}
	return fmt.Sprintf("%s%s%03d", parent, name, pos)
}

func documentedName(parent, name string, pos, _, _ int) string {
	return fmt.Sprintf("%s%s%03d", parent, name, pos)
}

func pathName(parent, name string, _, count, total int) string {
	if name == "pg_sig" {
		return ""
	}
	if total > 1 {
		name = fmt.Sprintf("%s[%d]", name, count+1)
	}
	if parent != "" {
		return parent + "/" + name
	}
	return name
}

var integer = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// leaves returns the values of all leaves by their flattened names.
func leaves(m []Node, name namer) map[string]string {
	byName := map[string]string{}
	var walk func([]Node, string)
	walk = func(nodes []Node, parent string) {
		total, count := map[string]int{}, map[string]int{}
		for _, n := range nodes {
			total[n.Name]++
		}
		for i, n := range nodes {
			full := name(parent, n.Name, i+1, count[n.Name], total[n.Name])
			count[n.Name]++
			switch {
			case full == "":
			case n.Children == nil:
				byName[full] = n.Value
			default:
				walk(n.Children, full)
			}
		}
	}
	walk(m, "")
	return byName
}
