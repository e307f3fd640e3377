package sig

// A Field is a leaf with a Value or a branch with Children.
// Children is nil for a leaf; a branch without children has an empty, non-nil slice.
type Field struct {
	Name     string
	Value    string
	Children []Field
}

// A Message is a list of fields in wire order. Names may repeat, and their order counts.
type Message []Field

// Leaf returns a field that holds a value.
func Leaf(name, value string) Field { return Field{Name: name, Value: value} }

// Branch returns a field that holds other fields, with or without any.
func Branch(name string, children ...Field) Field {
	if children == nil {
		children = []Field{}
	}
	return Field{Name: name, Children: children}
}
