package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
)

// A Sig is a test of pg_sig: a message with every stage of its signature.
//
// The stages are those of the reference order, which skips pg_sig. Where Message holds no
// pg_sig and Result is not invalid, signing appends one with the value Sig, and that verifies.
// An invalid message is to be verified as it stands; its stages show what would be right.
type Sig struct {
	Case
	Script  string `json:"script"`
	Message []Node `json:"message"` // as it travels, decoded
	Secret  string `json:"secret"`
	Stages
	Result       Result             `json:"result"`
	Error        string             `json:"error,omitempty"`          // invalid only: unsigned, repeated, malformed or mismatch
	Readings     map[string]Reading `json:"readings,omitempty"`       // acceptable only: what else may be right, by name
	NotCarriedBy []string           `json:"not_carried_by,omitempty"` // xml, urlencoded, multipart, json: formats that cannot hold Message
}

// Stages is how a signature comes about.
type Stages struct {
	Order     []string `json:"order"`     // the flattened names of all signed leaves, in signing order
	Canonical string   `json:"canonical"` // script, values and secret, joined by semicolons
	Sig       string   `json:"sig"`       // the MD5 of Canonical, 32 lower-case hexadecimal digits
}

// A Reading is another way to sign the same message.
type Reading struct {
	Order     []string `json:"order,omitzero"` // left out in the php readings
	Canonical string   `json:"canonical"`
	Sig       string   `json:"sig"`
}

// The names of readings. The flattened names in the order of ReadingAlphabetical are paths,
// items/0/name, with [1], [2] behind a name that repeats among its siblings.
const (
	ReadingDocumented   = "documented"     // the printed PHP routine, names compared byte by byte
	ReadingAlphabetical = "alphabetical"   // the rule in words: by name on every level, list items as sent
	ReadingDropEmpty    = "drop-empty"     // the reference order without empty values
	ReadingPHP74        = "php-7.4-to-8.1" // the printed routine as these versions of PHP run it
	ReadingPHP82        = "php-8.2"        // the printed routine as PHP 8.2 and later run it
)

// A Node is a field of a message: in JSON [name, value], or [name, [node, ...]] for a branch.
// Children is nil for a leaf; a branch without children has an empty, non-nil slice.
type Node struct {
	Name     string
	Value    string
	Children []Node
}

// MarshalJSON writes the pair of name and value or name and children.
func (n Node) MarshalJSON() ([]byte, error) {
	if n.Children != nil {
		return encode([2]any{n.Name, n.Children})
	}
	return encode([2]any{n.Name, n.Value})
}

// UnmarshalJSON reads such a pair and refuses anything else.
func (n *Node) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("a node is [name, value] or [name, [node, ...]], not %s", cut(string(b)))
	}
	*n = Node{}
	if err := json.Unmarshal(pair[0], &n.Name); err != nil || pair[0][0] != '"' {
		return fmt.Errorf("the name of a node is text, not %s", cut(string(pair[0])))
	}
	switch pair[1][0] {
	case '"':
		return json.Unmarshal(pair[1], &n.Value)
	case '[':
		n.Children = []Node{}
		return json.Unmarshal(pair[1], &n.Children)
	}
	return errors.New("the value of a node is text or a list of nodes, not " + cut(string(pair[1])))
}
