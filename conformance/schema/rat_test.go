package schema

import (
	"math/big"
	"regexp"
	"strconv"
)

var written = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?(?:[eE]([+-]?[0-9]{1,3}))?$`)

// rat is the slow and obvious way to read a number.
func rat(s string) *big.Rat {
	m := written.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	if m[2] != "" {
		if e, err := strconv.Atoi(m[2]); err != nil || e > maxExponent || e < -maxExponent {
			return nil
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return r
}
