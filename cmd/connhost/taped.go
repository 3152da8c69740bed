package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/scripting"
)

// tapeFlags say whether the calls of a script are recorded, or answered from a
// cassette.
type tapeFlags struct {
	record, replay string // files
}

// A taped caller records what a script calls, or plays it: then nothing is
// called and no store is opened. What it sees is masked: it stands between the
// script and the broker.
type taped struct {
	*caller
	tape  *cassette.Tape
	plays bool
}

var (
	_ scripting.Invoker = (*taped)(nil)
	_ scripting.Actions = (*taped)(nil)
)

// taped puts a tape in front of a caller; nil without one.
func (f tapeFlags) taped(c *caller) (*taped, error) {
	switch {
	case f.record != "" && f.replay != "":
		return nil, host.Errorf(host.Usage, "--record and --replay go not together").WithHint("leave one of them out")
	case f.record != "":
		return &taped{c, cassette.NewTape(c.mask.Text), false}, nil
	case f.replay != "":
		read, err := cassette.Read(f.replay)
		return &taped{c, cassette.Load(read, c.mask.Text), true}, err
	}
	return nil, nil
}

// known says which names are connectors: those that the caller knows, or what
// a tape that is played has actions of.
func (f tapeFlags) known(ctx context.Context, set settings, c *caller, t *taped) func(name string) bool {
	if f.replay == "" {
		return c.known(ctx, set)
	}
	return services(func() (names []string) {
		for _, e := range t.tape.Cassette().Exchanges {
			service, _, _ := strings.Cut(e.Request.Action, ".")
			names = append(names, service)
		}
		return names
	})
}

// finish writes what was recorded, also of a run that failed.
func (f tapeFlags) finish(t *taped) error {
	if t == nil {
		return nil
	}
	if t.plays {
		if n := t.tape.Unused(); n > 0 {
			fmt.Fprintf(t.err, "not made of what was recorded: %s\n", plural(n, "request"))
		}
		return nil
	}
	c := t.tape.Cassette()
	if err := cassette.Write(f.record, c); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "recorded %s in %s\n", plural(len(c.Exchanges), "request"), f.record)
	return nil
}

// Invoke makes one call of the script.
func (t *taped) Invoke(ctx context.Context, r scripting.Request) (*http.Response, error) {
	a := cassette.Asked{Connection: r.Connection, Method: r.Method, URL: r.URL, Header: r.Header}
	var err error
	if a.Body, err = bodyOf(r); err != nil {
		return nil, err
	}
	return t.through(a, requestData{Method: r.Method, URL: bareURL(r.URL), Task: r.Task}, func() (*http.Response, error) { return t.caller.Invoke(ctx, r) })
}

// Act does one named action of the script.
func (t *taped) Act(ctx context.Context, call scripting.ActionCall) (*http.Response, error) {
	a := cassette.Asked{Connection: call.Connection, Action: call.Service + "." + call.Action, Body: []byte(call.Parameters)}
	return t.through(a, requestData{Action: a.Action, Task: call.Task}, func() (*http.Response, error) { return t.caller.Act(ctx, call) })
}

// through records the answer of a call, or plays it.
func (t *taped) through(a cassette.Asked, d requestData, call func() (*http.Response, error)) (*http.Response, error) {
	if !t.plays {
		resp, err := call()
		if err != nil {
			return nil, err
		}
		return t.tape.Record(a, resp)
	}
	resp, err := t.tape.Play(a)
	d.Connection = a.Connection
	if err != nil {
		d.Error = err.Error()
	} else {
		d.Status = resp.StatusCode
	}
	t.caller.record(d)
	return resp, err
}

// bodyOf reads the body of a request, up to what a cassette takes.
func bodyOf(r scripting.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	in, err := r.Body()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, cassette.MaxBody+1))
}
