package wasm_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// The proofs: each hostile guest runs in a process of its own, whose survival,
// time and memory are what is asserted. While it runs, another connector is
// served and the garbage collector is made to run.

const (
	proofVar = "CONNHOST_PROOF" // names the proof that a child process runs

	deadline   = 500 * time.Millisecond
	patience   = 20 * time.Second // for what is not stopped by its time
	mostGrowth = 128 << 20
)

// A proof is one hostile guest.
type proof struct {
	name string
	slow bool // needs CONNHOST_PEERS=1
	run  func(t *testing.T, b *bench)
}

// TestProofs runs each proof in a child process.
func TestProofs(t *testing.T) {
	if os.Getenv(proofVar) != "" {
		t.Skip("this is a child")
	}
	for _, p := range proofs() {
		t.Run(p.name, func(t *testing.T) {
			if p.slow && os.Getenv("CONNHOST_PEERS") == "" {
				t.Skip("set CONNHOST_PEERS=1 to run this one")
			}
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestProof$", "-test.v")
			child.Env = append(os.Environ(), proofVar+"="+p.name)
			out, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestProof") {
				t.Errorf("%v\n%s", err, tail(out))
			}
			for _, line := range strings.Split(string(out), "\n") {
				if _, told, ok := strings.Cut(line, "proof: "); ok {
					t.Log(told)
				}
			}
		})
	}
}

func tail(out []byte) []byte { return out[max(0, len(out)-4000):] }

// TestProof is one proof, in the child.
func TestProof(t *testing.T) {
	name := os.Getenv(proofVar)
	if name == "" {
		t.Skip("runs in the children of TestProofs")
	}
	for _, p := range proofs() {
		if p.name == name {
			b := open(t, wasm.Options{CacheDir: t.TempDir(), Limits: wasm.Limits{Time: patience}})
			b.serves(t)
			before := peak(t)
			others := b.others(t)
			p.run(t, b)
			served, longest := others()
			b.serves(t)
			grown := peak(t) - before
			t.Logf("proof: %d MiB of growth; others were served %d times, the longest took %s", grown>>20, served, longest.Round(time.Millisecond))
			if grown > mostGrowth*raced {
				t.Errorf("the process grew by %d MiB", grown>>20)
			}
			return
		}
	}
	t.Fatalf("no proof %q", name)
}

// others has another connector served, and garbage collected, until the
// function that it gives is called.
func (b *bench) others(t *testing.T) (stop func() (served int, longest time.Duration)) {
	hash := b.add(file(t, echo.wasm(), "test"))
	var ended atomic.Bool
	done := make(chan struct{})
	served, longest := 0, time.Duration(0)
	go func() {
		defer close(done)
		for first := true; first || !ended.Load(); first = false {
			begun := time.Now()
			got, err := b.call(hash, "test", `[1]`)
			if err != nil || got != `[1]` {
				t.Errorf("another connector: %q, %v", got, err)
				return
			}
			runtime.GC()
			longest = max(longest, time.Since(begun))
			served++
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return func() (int, time.Duration) {
		ended.Store(true)
		<-done
		return served, longest
	}
}

// peak is the most memory that the process has had.
func peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("there is no /proc/self/status here")
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// stops proves that a guest ends within twice its deadline, by one of the
// codes, and gives what it used.
func (b *bench) stops(t *testing.T, u unit, codes ...string) {
	t.Helper()
	hash := b.add(file(t, u.wasm(), "test"))
	if err := b.Prepare(context.Background(), hash); err != nil {
		t.Fatal(err)
	}
	in := host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`{}`), Bodies: [][]byte{make([]byte, 1<<20)}}
	if codes[0] == "time" {
		in.Budget.Time = deadline
	}
	begun := time.Now()
	_, used, err := b.Call(context.Background(), in)
	took := time.Since(begun)
	g, _ := errors.AsType[*host.GuestError](err)
	if g == nil || g.Kind != host.Stopped || !strings.Contains(strings.Join(codes, " "), g.Code) {
		t.Errorf("got %v, want it stopped by %s", err, codes)
	}
	if in.Budget.Time > 0 && took > 2*deadline*raced {
		t.Errorf("it took %s", took)
	}
	t.Logf("proof: %v after %s with %d of fuel", err, took.Round(time.Millisecond), used.Fuel)
}

// refuses proves that a module is refused before it is compiled, with a code.
func (b *bench) refuses(t *testing.T, name string, module []byte, code string) {
	t.Helper()
	begun := time.Now()
	err := b.Prepare(context.Background(), b.add(file(t, module, "test")))
	g, _ := errors.AsType[*host.GuestError](err)
	if g == nil || g.Code != code {
		t.Errorf("%s: got %v, want %s", name, err, code)
	}
	if took := time.Since(begun); took > 2*deadline*raced {
		t.Errorf("%s: it took %s", name, took)
	}
}
