package fptest

import (
	"github.com/fpconform/fpconform/sig"
	"github.com/fpconform/fpconform/vectors"
)

// Message returns the nodes of a vector as a message.
func Message(nodes []vectors.Node) sig.Message {
	m := make(sig.Message, len(nodes))
	for i, n := range nodes {
		m[i] = sig.Leaf(n.Name, n.Value)
		if n.Children != nil {
			m[i] = sig.Branch(n.Name, Message(n.Children)...)
		}
	}
	return m
}
