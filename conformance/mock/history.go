package mock

import (
	"sync"

	"github.com/fpconform/fpconform/conformance/report"
	"github.com/fpconform/fpconform/conformance/wire"
)

// How much a mock remembers. A long run must not fill the memory, nor may a hostile caller.
const (
	maxSeen      = 1024
	maxSeenBytes = 16 << 20
	maxFindings  = 4096
	maxState     = 32 << 10 // payments, invoices, keys, each
	maxStateSize = 32 << 20 // bytes of what callers chose in them, each
)

// A history is what a mock remembers of its callers. The zero value is empty.
type history struct {
	hmu      sync.Mutex
	seen     []*wire.Exchange
	bytes    int
	findings []report.Finding
}

func (h *history) record(x *wire.Exchange, refused *report.Finding) {
	h.hmu.Lock()
	defer h.hmu.Unlock()
	h.seen = append(h.seen, x)
	h.bytes += weight(x)
	for len(h.seen) > maxSeen || h.bytes > maxSeenBytes {
		h.bytes -= weight(h.seen[0])
		h.seen[0] = nil
		h.seen = h.seen[1:]
	}
	if refused != nil {
		h.findings = append(h.findings, *refused)
		if len(h.findings) > maxFindings {
			h.findings = h.findings[1:]
		}
	}
}

func weight(x *wire.Exchange) int {
	n := 4096 + 3*len(x.Request.Body) + len(x.Request.URL.RawQuery)
	if x.Response != nil {
		n += len(x.Response.Body)
	}
	return n
}

// Seen returns the last exchanges, oldest first; of a long run not all. They hold signatures and
// whatever the caller sent, unmasked.
func (h *history) Seen() []*wire.Exchange {
	h.hmu.Lock()
	defer h.hmu.Unlock()
	return append([]*wire.Exchange(nil), h.seen...)
}

// Findings returns what callers did wrong, by clause, oldest first: each is a refusal that the mock
// gave for a reason of its own.
func (h *history) Findings() []report.Finding {
	h.hmu.Lock()
	defer h.hmu.Unlock()
	return append([]report.Finding(nil), h.findings...)
}

// A memory is a map that forgets its oldest entries when there are too many or they are too large.
type memory[V any] struct {
	entries map[string]V
	order   []string
	sizes   []int
	size    int
}

func (m *memory[V]) get(key string) (V, bool) {
	v, ok := m.entries[key]
	return v, ok
}

// put sets an entry; size is what it holds of what a caller chose, in bytes.
func (m *memory[V]) put(key string, v V, size int) {
	if m.entries == nil {
		m.entries = map[string]V{}
	}
	if _, ok := m.entries[key]; ok {
		m.entries[key] = v
		return
	}
	size += len(key)
	m.entries[key] = v
	m.order = append(m.order, key)
	m.sizes = append(m.sizes, size)
	m.size += size
	for len(m.order) > maxState || m.size > maxStateSize && len(m.order) > 1 {
		delete(m.entries, m.order[0])
		m.size -= m.sizes[0]
		m.order, m.sizes = m.order[1:], m.sizes[1:]
	}
}
