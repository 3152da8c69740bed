// Command ratios prints what other plugin hosts take in relation to connhost,
// whose every cell is 1. Above 1 the other one is slower.
//
//	go run ./ratios [-rounds N] [-time D] [-only PART]
//
// In each round every host takes its turn at a row, in another order each
// time, and is compared with connhost in the same round: what else the machine
// does meets all alike. A cell is the median of the rounds, and between
// which ratios the middle half of them lies.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/plugins/peerbench"
)

func main() {
	rounds := flag.Int("rounds", 25, "how often each row is measured")
	least := flag.Duration("time", 20*time.Millisecond, "how long a host is measured in a round, at least")
	only := flag.String("only", "", "rows whose guest and name have this part, such as \"go no-op\"")
	child := flag.String("memory-of", "", "for the program's own use: DIR,LANGUAGE,HOST")
	flag.Parse()
	ctx := context.Background()
	var err error
	if *child != "" {
		err = tellMemory(ctx, *child)
	} else {
		err = table(ctx, *rounds, *least, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func table(ctx context.Context, rounds int, least time.Duration, only string) error {
	dir, err := os.MkdirTemp("", "peerbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	guests, err := peerbench.Build(dir)
	if err != nil {
		return err
	}
	hosts := peerbench.Hosts()
	heads := []string{"guest, row"}
	for _, h := range hosts[1:] {
		heads = append(heads, h.Name)
	}
	show(heads)
	show(slices.Repeat([]string{"---"}, len(heads)))
	for _, g := range guests {
		for _, row := range peerbench.Rows() {
			err = line(g.Language+" "+row.Name, only, func() ([][]float64, error) {
				return measure(ctx, row, hosts, g, rounds, least)
			})
			if err != nil {
				return err
			}
		}
		err = line(g.Language+" memory", only, func() ([][]float64, error) {
			return memories(dir, hosts, g, min(rounds, 3))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// line prints a row, if it is wanted.
func line(name, only string, measure func() ([][]float64, error)) error {
	if !strings.Contains(name, only) {
		return nil
	}
	values, err := measure()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	cells := []string{name}
	for _, theirs := range values[1:] {
		cells = append(cells, cell(values[0], theirs))
	}
	show(cells)
	return nil
}

// show prints a line of the table, which is Markdown.
func show(cells []string) {
	for _, c := range cells {
		fmt.Printf("| %-17s ", c)
	}
	fmt.Println("|")
}

// measure gives the time of a step for each host and round.
func measure(ctx context.Context, row peerbench.Row, hosts []peerbench.Host, g peerbench.Guest, rounds int, least time.Duration) ([][]float64, error) {
	runs := make([]*peerbench.Run, len(hosts))
	defer func() {
		for _, run := range runs {
			if run != nil {
				_ = run.End()
			}
		}
	}()
	for i, h := range hosts {
		dir, err := os.MkdirTemp("", "peerbench-cache")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if runs[i], err = row.Begin(ctx, h, g, dir); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	times := make([][]float64, len(hosts))
	for round := range rounds {
		for turn := range hosts {
			i := (turn + round) % len(hosts)
			took, err := steps(runs[i], least)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", hosts[i].Name, err)
			}
			times[i] = append(times[i], took)
		}
	}
	return times, nil
}

// steps is the mean time of steps, in nanoseconds.
func steps(run *peerbench.Run, least time.Duration) (float64, error) {
	var took time.Duration
	n := 0
	for ; took < least; n++ {
		begun := time.Now()
		err := run.Step()
		took += time.Since(begun)
		if err == nil && run.After != nil {
			err = run.After()
		}
		if err != nil {
			return 0, err
		}
	}
	return float64(took) / float64(n), nil
}

func cell(ours, theirs []float64) string {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = theirs[i] / ours[i]
	}
	slices.Sort(ratios)
	n := len(ratios)
	return fmt.Sprintf("%s (%s-%s)", short(ratios[n/2]), short(ratios[n/4]), short(ratios[(3*n-1)/4]))
}

func short(ratio float64) string {
	if ratio < 10 {
		return fmt.Sprintf("%.2f", ratio)
	}
	return fmt.Sprintf("%.0f", ratio)
}
