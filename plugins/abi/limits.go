package abi

import (
	"strconv"
	"strings"
	"time"
)

// Duration is Time, 0 where it is not given.
func (l Limits) Duration() time.Duration {
	d, _ := time.ParseDuration(l.Time)
	return d
}

// MemoryBytes is Memory in bytes, 0 where it is not given.
func (l Limits) MemoryBytes() int64 { return sizeOf(l.Memory) }

// OutputBytes is Output in bytes, 0 where it is not given.
func (l Limits) OutputBytes() int64 { return sizeOf(l.Output) }

// sizeOf reads 512KB, 16MB or 1GB, of 1024 each; 0 is none.
func sizeOf(text string) int64 {
	for suffix, unit := range map[string]int64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30} {
		number, ok := strings.CutSuffix(text, suffix)
		if n, err := strconv.ParseInt(number, 10, 32); ok && err == nil && n > 0 && number[0] != '+' {
			return n * unit
		}
	}
	return 0
}

func (c *checker) limits() {
	l := c.m.Limits
	if l == nil {
		return
	}
	if len(c.m.Hooks) == 0 {
		c.fault("M730", "limits", "leave it out", `"limits" are those of hooks, and none is declared`)
	}
	if l.Time != "" && l.Duration() < time.Millisecond {
		c.fault("M731", "limits.time", "write for example: 500ms", "the time %q is no time of a millisecond or more", l.Time)
	}
	for key, text := range map[string]string{"memory": l.Memory, "output": l.Output} {
		if text != "" && sizeOf(text) == 0 {
			c.fault("M731", KeyPath("limits", key), "write for example: 16MB", "the size %q is not one such as 512KB, 16MB or 1GB", text)
		}
	}
	if l.Fuel < 0 {
		c.fault("M731", "limits.fuel", "", `"fuel" cannot be below 0`)
	}
	if l.HTTPCalls < 0 || l.HTTPCalls > 1000 {
		c.fault("M731", "limits.http_calls", "", `"http_calls" must be between 1 and 1000`)
	}
}
