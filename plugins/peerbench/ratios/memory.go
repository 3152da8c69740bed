package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/connhost/connhost/plugins/peerbench"
)

// memories is what a loaded plugin that was called once keeps, for each host
// and round. Each is measured in a process that does nothing else.
func memories(dir string, hosts []peerbench.Host, g peerbench.Guest, rounds int) ([][]float64, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	values := make([][]float64, len(hosts))
	for range rounds {
		for i, h := range hosts {
			// After a comma, since a name may have one.
			cmd := exec.Command(self, "-memory-of", dir+","+g.Language+","+h.Name)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", h.Name, err)
			}
			n, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", h.Name, err)
			}
			values[i] = append(values[i], n)
		}
	}
	return values, nil
}

// plugins is how many are loaded at once, so that what the first one costs a
// process does not count for one.
const plugins = 8

// tellMemory prints the bytes for each of several plugins.
func tellMemory(ctx context.Context, of string) error {
	parts := strings.SplitN(of, ",", 3)
	if len(parts) < 3 {
		return fmt.Errorf("%q is no DIR,LANGUAGE,HOST", of)
	}
	guests, err := peerbench.Built(parts[0])
	if err != nil {
		return err
	}
	for _, g := range guests {
		for _, h := range peerbench.Hosts() {
			if g.Language == parts[1] && h.Name == parts[2] {
				n, err := memory(ctx, h, g)
				fmt.Println(n)
				return err
			}
		}
	}
	return fmt.Errorf("there is no %q", of)
}

func memory(ctx context.Context, h peerbench.Host, g peerbench.Guest) (int64, error) {
	load := func() (peerbench.Plugin, error) {
		p, err := h.Load(ctx, g, "")
		if err == nil {
			_, err = p.Call(ctx, peerbench.Noop, []byte("{}"))
		}
		return p, err
	}
	first, err := load() // what is once for a process
	if err != nil {
		return 0, err
	}
	before, err := resident()
	if err != nil {
		return 0, err
	}
	loaded := []peerbench.Plugin{first}
	for range plugins {
		p, err := load()
		if err != nil {
			return 0, err
		}
		loaded = append(loaded, p)
	}
	after, err := resident()
	for _, p := range loaded {
		_ = p.Close(ctx)
	}
	return (after - before) / plugins, err
}

// resident is the memory of this process and of those that it has started, in
// bytes, with shared pages counted by their share.
func resident() (int64, error) {
	debug.FreeOSMemory()
	pids := []string{strconv.Itoa(os.Getpid())}
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return 0, err
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			return 0, err
		}
		pids = append(pids, strings.Fields(string(text))...)
	}
	var sum int64
	for _, pid := range pids {
		n, err := share("/proc/" + pid + "/smaps_rollup")
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func share(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var n int64
		if _, err := fmt.Sscanf(lines.Text(), "Pss: %d kB", &n); err == nil {
			return n << 10, nil
		}
	}
	return 0, fmt.Errorf("%s says no Pss", path)
}
