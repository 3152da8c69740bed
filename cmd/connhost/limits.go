package main

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

// limits are design section 8's, by name. Times are in nanoseconds, sizes in
// bytes.
type limits map[string]int64

// A kind of limit: how its value is written.
type limitKind int

const (
	count limitKind = iota
	size
	duration
)

// The names, kinds and defaults of every limit that an operator may set.
var limitTable = map[string]struct {
	kind limitKind
	def  int64
}{
	"response_time":    {duration, int64(40 * time.Second)},
	"download":         {size, 50 << 20},
	"redirects":        {count, 10},
	"attempts":         {count, 10},
	"breaker_failures": {count, 10},
	"breaker_pause":    {duration, int64(30 * time.Second)},
	"source":           {size, 256 << 10},
	"nesting":          {count, 200},
	"steps":            {count, 50_000_000},
	"statements":       {count, 0}, // no limit unless one is set
	"memory":           {size, 256 << 20},
	"invokeurl_calls":  {count, 1000},
	"run_time":         {duration, int64(5 * time.Minute)},
	"call_depth":       {count, 1000},
	"hook_time":        {duration, int64(2 * time.Second)},
	"hook_memory":      {size, 64 << 20},
	"hook_fuel":        {count, 1_000_000_000_000},
	"hook_output":      {size, 8 << 20},
	"hook_http_calls":  {count, 20},
	"hook_queue":       {duration, int64(10 * time.Second)},
}

func defaultLimits() limits {
	l := limits{}
	for name, row := range limitTable {
		l[name] = row.def
	}
	return l
}

// presets are the limits of a product, by its name.
var presets = map[string]map[string]string{
	"default": {},
	"creator": {"statements": "5000", "call_depth": "75", "response_time": "40s", "download": "5MB"},
}

// preset sets the limits of a product; none for "".
func (l limits) preset(name string) error {
	values, ok := presets[name]
	if !ok && name != "" {
		return host.Errorf(host.Usage, "no limits named %q", name).WithHint("one of %s; single ones: --limit NAME=VALUE", strings.Join(slices.Sorted(maps.Keys(presets)), ", "))
	}
	for limit, value := range values {
		if err := l.set(limit, value); err != nil {
			return err
		}
	}
	return nil
}

func limitNames() string {
	return strings.Join(slices.Sorted(maps.Keys(limitTable)), ", ")
}

// set reads one limit: 40s, 50MB, 1000.
func (l limits) set(name, value string) error {
	row, ok := limitTable[name]
	if !ok {
		return host.Errorf(host.Usage, "no limit named %q", name).WithHint("names: %s", limitNames())
	}
	v, ok := parseLimit(row.kind, strings.TrimSpace(value))
	if !ok || v <= 0 {
		return host.Errorf(host.Usage, "the limit %s is %q and must be %s", name, value, [...]string{
			"a whole number above 0", "a size such as 512KB, 50MB or 1GB", "a time such as 500ms, 40s or 5m"}[row.kind])
	}
	l[name] = v
	return nil
}

func parseLimit(kind limitKind, s string) (int64, bool) {
	switch kind {
	case duration:
		d, err := time.ParseDuration(s)
		return int64(d), err == nil
	case size:
		unit := int64(1)
		for suffix, n := range map[string]int64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30} {
			if t, ok := strings.CutSuffix(strings.ToUpper(s), suffix); ok {
				s, unit = strings.TrimSpace(t), n
			}
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return n * unit, err == nil && n <= math.MaxInt64/unit
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func (l limits) time(name string) time.Duration { return time.Duration(l[name]) }

func (l limits) int(name string) int { return int(min(l[name], math.MaxInt)) }
