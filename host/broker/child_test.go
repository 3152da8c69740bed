package broker_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// The tests of processes run the test binary again. A child opens the store
// that another process made, says "ready", and for each line of its stdin
// makes one call and says how it went.

// childEnv holds the orders of a re-executed test binary.
const childEnv = "CONNHOST_BROKER_CHILD"

// orders are what a child is to do.
type orders struct {
	Dir     string
	Skip    time.Duration // of its clock
	Timeout time.Duration // of a token request, for the lease
	HTTP    time.Duration // of a token request, as it is sent; the flow's unless given
	Step    string        // where it kills itself, or stops; empty: nowhere
	Signal  syscall.Signal
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(child(text))
	}
	dir, err := os.MkdirTemp("", "code")
	if err != nil {
		panic(err)
	}
	compiled = dir
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

func child(text string) int {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Println(err)
		return 1
	}
	tap := &tap{orders: o}
	w := &world{
		t: inChild{}, ctx: context.Background(), clock: &clock{skip: o.Skip}, mask: host.NewRedactor(nil), timeout: o.Timeout,
		aroundStore:  func(next host.Store) host.Store { return tapped{next, tap} },
		aroundEgress: func(next host.Egress) host.Egress { return tappedEgress{next, tap} },
	}
	w.open(o.Dir)
	tap.armed.Store(true)
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "keep" {
			fmt.Println(w.Keep(w.ctx, w.admin, broker.Keeping{}))
			return 1
		}
		for again := true; again; again = lines.Text() == "forever" {
			if lines.Text() == "forever" {
				w.due(10 * time.Minute)
			}
			if status, _, err := w.get(w.admin, "acme_connection", "/me"); status != 200 || err != nil {
				fmt.Println(status, err)
				return 1
			}
		}
		fmt.Println("ok")
	}
	return 0
}

// inChild stands for the test in a process of its own.
type inChild struct{ testing.TB }

func (inChild) Helper()           {}
func (inChild) Cleanup(func())    {}
func (inChild) Fatal(args ...any) { fmt.Println(args...); os.Exit(1) }

// The steps of a refresh at which a child ends itself. What the service sees
// of a request and what it answers are steps of the parent's.
const (
	beforeLease   = "before the lease"
	insideLease   = "inside the lease's transaction"
	afterIntent   = "after lease and intent are committed"
	beforeRequest = "before the request is sent"
	insideRenewal = "inside a renewal of the lease"
	headerRead    = "the answer's header is read"
	bodyRead      = "the answer's body is read"
	beforeCommit  = "before the commit's transaction"
	insideCommit  = "inside the commit's transaction"
	afterCommit   = "after the commit"
)

// A tap ends the process at the step of its orders: without seams in the code
// that it ends, only between its parts.
type tap struct {
	orders
	armed   atomic.Bool // the store is open, what is written now is a refresh
	updates atomic.Int32
}

// reach is called at each step.
func (t *tap) reach(step string) {
	if step != t.Step || !t.armed.Load() {
		return
	}
	signal := t.Signal
	if signal == 0 {
		signal = syscall.SIGKILL
	}
	_ = syscall.Kill(os.Getpid(), signal)
	if signal == syscall.SIGKILL {
		select {} // it may take a moment
	}
	time.Sleep(100 * time.Millisecond) // as this may
	t.armed.Store(false)               // stopped, and woken
}

// A tapped store knows the transactions of a refresh by their order: the first
// takes the lease, the second commits what came, or renews the lease while
// nothing comes.
type tapped struct {
	host.Store
	tap *tap
}

func (s tapped) Update(ctx context.Context, f func(host.Tx) error) error {
	if !s.tap.armed.Load() {
		return s.Store.Update(ctx, f)
	}
	before, inside, after := beforeLease, insideLease, afterIntent
	if s.tap.updates.Add(1) > 1 {
		before, inside, after = beforeCommit, insideCommit, afterCommit
	}
	s.tap.reach(before)
	err := s.Store.Update(ctx, func(tx host.Tx) error {
		err := f(tx)
		s.tap.reach(inside)
		if inside == insideCommit {
			s.tap.reach(insideRenewal)
		}
		return err
	})
	s.tap.reach(after)
	return err
}

// A tappedEgress sees token requests, which alone ask whether they were
// written.
type tappedEgress struct {
	host.Egress
	tap *tap
}

func (e tappedEgress) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	if call.Wrote == nil {
		return e.Egress.Do(ctx, call)
	}
	if e.tap.HTTP > 0 {
		call.Timeout = e.tap.HTTP
	}
	e.tap.reach(beforeRequest)
	resp, err := e.Egress.Do(ctx, call)
	if err == nil {
		e.tap.reach(headerRead)
		resp.Body = tappedBody{resp.Body, e.tap}
	}
	return resp, err
}

type tappedBody struct {
	io.ReadCloser
	tap *tap
}

func (b tappedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.tap.reach(bodyRead)
	}
	return n, err
}

// A process is a child that runs.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// start starts a child over a folder, with the clock of this world, and waits
// until it is ready.
func (w *world) start(o orders) *process {
	w.t.Helper()
	w.clock.mu.Lock()
	o.Skip = w.clock.skip
	w.clock.mu.Unlock()
	text, err := json.Marshal(o)
	w.must(err)
	p := &process{t: w.t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	p.cmd.Stderr = os.Stderr
	p.in, err = p.cmd.StdinPipe()
	w.must(err)
	out, err := p.cmd.StdoutPipe()
	w.must(err)
	p.lines = bufio.NewScanner(out)
	w.must(p.cmd.Start())
	w.t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	if line := p.next(); line != "ready" {
		w.t.Fatalf("the child says %q", line)
	}
	return p
}

func (p *process) say(line string) { _, _ = fmt.Fprintln(p.in, line) }

// next is the child's next line, empty when it has ended.
func (p *process) next() string {
	p.lines.Scan()
	return p.lines.Text()
}

// killed waits for the end of a child that is to be killed.
func (p *process) killed() {
	p.t.Helper()
	for line := p.next(); line != ""; line = p.next() {
		p.t.Errorf("the child says %q", line)
	}
	_ = p.cmd.Wait()
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		p.t.Fatalf("the child ended with %s", p.cmd.ProcessState)
	}
}

// stopped waits until the child stands still.
func (p *process) stopped() {
	p.t.Helper()
	for range 1000 {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
		if err != nil {
			p.t.Fatal(err)
		}
		if _, rest, _ := strings.Cut(string(text), ") "); strings.HasPrefix(rest, "T") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatal("the child does not stop")
}
