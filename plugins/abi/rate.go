package abi

import "cmp"

// Interval is Seconds or its default.
func (r Rate) Interval() int { return cmp.Or(r.Seconds, 1) }

// AtOnce is Burst or its default.
func (r Rate) AtOnce() int { return cmp.Or(r.Burst, 1) }

func (c *checker) rate() {
	r := c.m.Rate
	if r == nil || r.Calls != 0 {
		return
	}
	for key, n := range map[string]int{"seconds": r.Seconds, "burst": r.Burst} {
		if n != 0 {
			c.fault("M620", KeyPath("rate", key), "add calls: how many may begin", "%q says nothing without \"calls\"", key)
		}
	}
}
