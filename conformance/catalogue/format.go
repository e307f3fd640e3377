package catalogue

import "github.com/fpconform/fpconform/internal/yamlfile"

// Format returns a data file in canonical form: one field, reading or value a line, two
// blanks a level, quotes only where they are needed, comments kept. A file is formatted when
// Format changes nothing. Errors name the line.
func Format(src []byte) ([]byte, error) {
	return yamlfile.Format("", src, "fields", "headers", "readings", "values")
}
