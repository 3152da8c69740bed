// Peerbench runs equal scripts on connhost's engine and on others, in one
// process and in turns, and prints how much longer the others take: 2.0 is
// twice connhost's time, below 1 is faster than connhost. It is a module of its
// own, so that nobody who uses connhost has the other engines.
//
//	go run . [-rounds 15]
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 15, "how often every engine runs every workload")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprint(out, "workload")
	for _, e := range engines() {
		fmt.Fprintf(out, "\t%s", e.name)
	}
	fmt.Fprintln(out)
	for _, w := range workloads() {
		times, err := measure(w, rounds)
		if err != nil {
			return err
		}
		fmt.Fprint(out, w.name)
		for _, e := range engines() {
			if times[e.name] == nil {
				fmt.Fprint(out, "\t-")
				continue
			}
			fmt.Fprintf(out, "\t%.2f", ratio(times[e.name], times["connhost"]))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// measure runs every engine in turns and gives the times of its rounds.
func measure(w workload, rounds int) (map[string][]time.Duration, error) {
	runs := map[string]func() (string, error){}
	for _, e := range engines() {
		if w.scripts[e.name] == "" {
			continue
		}
		r, err := check(e, w)
		if err != nil {
			return nil, err
		}
		runs[e.name] = r
	}
	turns := turnsFor(runs["connhost"])
	times := map[string][]time.Duration{}
	for range rounds {
		for _, e := range engines() {
			r, ok := runs[e.name]
			if !ok {
				continue
			}
			runtime.GC()
			start := time.Now()
			for range turns {
				if _, err := r(); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", e.name, w.name, err)
				}
			}
			times[e.name] = append(times[e.name], time.Since(start))
		}
	}
	return times, nil
}

// check compiles a workload and makes sure that it gives what it must.
func check(e engine, w workload) (func() (string, error), error) {
	r, err := e.compile(w.scripts[e.name], w.input)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", e.name, w.name, err)
	}
	got, err := r()
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", e.name, w.name, err)
	}
	if got != w.want && got != w.want+"0" { // 427.50: decimals keep their digits
		return nil, fmt.Errorf("%s, %s: got %q, want %q", e.name, w.name, got, w.want)
	}
	return r, nil
}

// turnsFor is how often a short script runs in a round, so that the clock can
// measure it.
func turnsFor(r func() (string, error)) int {
	start := time.Now()
	n := 0
	for ; time.Since(start) < 20*time.Millisecond; n++ {
		_, _ = r()
	}
	return n
}

// ratio is the median of the ratios of two engines in the same round.
func ratio(a, b []time.Duration) float64 {
	var list []float64
	for i := range a {
		list = append(list, float64(a[i])/float64(b[i]))
	}
	slices.Sort(list)
	return list[len(list)/2]
}
