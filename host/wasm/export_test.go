package wasm

import (
	"fmt"
	"strings"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/plugins/abi"
)

// TraceTo makes o tell its calls of the module "connhost", with their results.
func (o *Options) TraceTo(write func(line string)) {
	o.trace = func(f function, result uint64) {
		if known, ok := imported(abi.ImportModule, f.name); ok && len(known.params) == len(f.params) {
			write(fmt.Sprintf("%s = %d", f.name, int64(result)<<32>>32))
		}
	}
}

// Offered are the host's functions, in the words of plugins/abi.
func Offered() (own []abi.Function, wasiNames []string) {
	for _, f := range ours {
		own = append(own, abi.Function{Module: abi.ImportModule, Name: f.name, Type: spell(f)})
	}
	for _, f := range wasi {
		wasiNames = append(wasiNames, f.name)
	}
	return own, wasiNames
}

func spell(f function) string {
	names := func(types []api.ValueType) string {
		var list []string
		for _, t := range types {
			list = append(list, api.ValueTypeName(t))
		}
		return strings.Join(list, ", ")
	}
	return "(" + names(f.params) + ") -> " + names(f.results)
}

// Poll says when each of the subscriptions is due, and how long poll sleeps.
func Poll(at time.Time, subscriptions string) (times []uint64, next uint64) {
	now := uint64(at.UnixNano())
	for s := subscriptions; len(s) > 0; s = s[subscriptionSize:] {
		times = append(times, wait([]byte(s), now))
	}
	return times, nearest([]byte(subscriptions), now)
}

// Imports are all functions that a guest may import, as (module, name,
// parameters, results) in value types.
func Imports() (list [][4]string) {
	for module, functions := range map[string][]function{abi.ImportModule: ours, abi.WASIModule: wasi} {
		for _, f := range functions {
			list = append(list, [4]string{module, f.name, string(f.params), string(f.results)})
		}
	}
	return list
}

// Made is how many instances were made.
func (r *Runtime) Made() int { return int(r.pool.made.Load()) }

// Waiting is how many of them wait.
func (r *Runtime) Waiting() int {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	return r.pool.idle.Len()
}
