// Package yamlfile reads YAML strictly, with every value as it was written.
//
//	f, err := yamlfile.Parse("orders.yaml", src)
//	if err == nil {
//		err = f.Decode(&orders)
//	}
//
// Order ids, phones, amounts, merchant ids and keys look like numbers. A decoder that
// rewrites them (00102 to 66, 1.10 to 1.1, a phone without its plus) corrupts them in
// silence, so here a text field gets the characters that stand in the file, quotes apart.
// A boolean is true or false and nothing else, an integer is written in decimal digits.
//
// It refuses unknown and repeated keys, null and empty values, anchors, aliases, merge keys,
// tags, a second document, text that is not UTF-8, more than [MaxDepth] levels and more than
// [MaxSize] bytes. Every error is an [*Error] (or several, joined) with file and line. None
// of them repeats a value, since a value may be a secret that was put into the wrong place.
//
// It is the only package that imports go.yaml.in/yaml/v3, and uses its parser alone: the
// way from nodes to Go values is its own.
package yamlfile
