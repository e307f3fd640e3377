package mock

// Scenarios are the faults that a mock can have, one each.
var Scenarios = []Scenario{}
