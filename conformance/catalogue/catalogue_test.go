package catalogue

import "testing"

func TestLoads(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(c.Operations), len(c.Clauses), len(c.Errors), c.Count(), len(c.Topics()))
}
