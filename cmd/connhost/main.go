// Command connhost is a self-hosted home for connections to outside services:
// connectors describe the services, connections hold people's authorizations,
// and scripts call through them without ever seeing a secret.
//
// This package parses, wires and prints; what is allowed and what happens is
// decided below it, in host/broker.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"syscall"

	"golang.org/x/term"

	"github.com/connhost/connhost/host"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the program with its streams: what a test calls too.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return runWith(builtIn{}, args, in, out, errOut)
}

// runWith runs the program with other connectors built in, which a test leads to
// services on this machine.
func runWith(catalogue host.Catalogue, args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	sys := &system{
		builtIn: catalogue,
		in:      &patient{ctx: ctx, in: in}, out: &outlet{w: out}, err: errOut, getenv: os.Getenv,
		askable:  isTerminal(in) && isTerminal(errOut),
		colour:   isTerminal(errOut) && os.Getenv("NO_COLOR") == "",
		userName: userName(), dataDir: dataDir(), configDir: configDir(),
	}
	if sys.askable {
		sys.browse = openBrowser
	}
	return execute(ctx, sys, args)
}

// A system is what the program finds around it.
type system struct {
	in        io.Reader
	out       *outlet
	err       io.Writer
	getenv    func(string) string
	askable   bool // a person can be asked
	colour    bool
	builtIn   host.Catalogue    // the connectors that are part of the program
	browse    func(page string) // shows a page to the person; nil when there is no screen
	userName  string
	dataDir   string // of this program; "" when the system names none
	configDir string
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return filepath.Base(u.Username)
	}
	return "admin"
}

func configDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "connhost")
}

// dataDir follows the XDG base directories where there is no better custom of
// the system.
func dataDir() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "connhost")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "connhost")
	}
	return ""
}

// A patient reader waits for its stream only as long as the program is not
// interrupted: a read of a terminal or a pipe does not notice that itself.
type patient struct {
	ctx  context.Context
	in   io.Reader
	late chan read // the answer to a read that nobody waited for
}

type read struct {
	data []byte
	err  error
}

func (p *patient) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if p.late == nil {
		p.late = make(chan read, 1)
		go func(size int, answer chan<- read) {
			data := make([]byte, size)
			n, err := p.in.Read(data)
			answer <- read{data[:n], err}
		}(min(len(b), 64<<10), p.late)
	}
	select {
	case r := <-p.late:
		p.late = nil
		return copy(b, r.data), r.err
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

// An outlet is standard output. It remembers that it could not be written to,
// so that a lost answer is never taken for a printed one.
type outlet struct {
	w   io.Writer
	err error
}

func (o *outlet) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil && o.err == nil {
		o.err = host.Errorf(host.Unavailable, "standard output cannot be written: %s", plainFileError(err)).Because(err)
	}
	if o.err != nil {
		return n, o.err
	}
	return n, nil
}
