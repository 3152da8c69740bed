package peerbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// A Row is one thing that is measured.
type Row struct {
	Name string
	// Begin prepares a host and a guest. dir is an empty folder.
	Begin func(ctx context.Context, h Host, g Guest, dir string) (*Run, error)
}

// A Run is a row that was begun for a host and a guest.
type Run struct {
	Step  func() error // what is measured
	After func() error // what has to be done after each step and is not measured, or nil
	End   func() error
}

// Rows are all, those about a call first.
func Rows() []Row {
	return []Row{
		{"no-op call", called(Noop, []byte("{}"))},
		{"1 KB echo", called(Echo, Text(1<<10))},
		{"64 KB echo", called(Echo, Text(64<<10))},
		{"instance", instance},
		{"load, warm", warm},
		{"load, cold", cold},
	}
}

// Text is JSON of n bytes, no two of whose parts are alike.
func Text(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < n-60; i++ {
		fmt.Fprintf(&b, `{"id":%d,"name":"Item %d"},`, i, i)
	}
	b.WriteString(`""]}`)
	for b.Len() < n {
		b.WriteByte(' ')
	}
	return b.Bytes()
}

// called is a call in a plugin that was loaded and called before.
func called(function string, in []byte) func(context.Context, Host, Guest, string) (*Run, error) {
	return func(ctx context.Context, h Host, g Guest, _ string) (*Run, error) {
		p, err := h.Load(ctx, g, "")
		if err != nil {
			return nil, err
		}
		step := func() error { return same(in)(p.Call(ctx, function, in)) }
		return begun(step, p.Close, ctx)
	}
}

// instance is a new instance and one call in it, of a plugin that was loaded
// before.
func instance(ctx context.Context, h Host, g Guest, _ string) (*Run, error) {
	p, err := h.Load(ctx, g, "")
	if err != nil {
		return nil, err
	}
	in := []byte("{}")
	step := func() error { return same(in)(p.Fresh(ctx, Noop, in)) }
	return begun(step, p.Close, ctx)
}

// begun makes one step, so that no later one is the first.
func begun(step func() error, end func(context.Context) error, ctx context.Context) (*Run, error) {
	if err := step(); err != nil {
		return nil, errors.Join(err, end(ctx))
	}
	return &Run{Step: step, End: func() error { return end(ctx) }}, nil
}

// cold is everything from the bytes to the answer of the first call.
func cold(ctx context.Context, h Host, g Guest, _ string) (*Run, error) {
	return load(ctx, h, g, ""), nil
}

// warm is the same where an earlier process has left its compiled code.
func warm(ctx context.Context, h Host, g Guest, dir string) (*Run, error) {
	r := load(ctx, h, g, dir)
	return r, errors.Join(r.Step(), r.After())
}

func load(ctx context.Context, h Host, g Guest, cache string) *Run {
	var p Plugin
	in := []byte("{}")
	return &Run{
		Step: func() (err error) {
			if p, err = h.Load(ctx, g, cache); err != nil {
				return err
			}
			return same(in)(p.Call(ctx, Noop, in))
		},
		After: func() error {
			if p == nil {
				return nil
			}
			return p.Close(ctx)
		},
		End: func() error { return nil },
	}
}

// same is nil where an answer is the one that is wanted.
func same(want []byte) func(got []byte, err error) error {
	return func(got []byte, err error) error {
		if err == nil && !bytes.Equal(got, want) {
			err = fmt.Errorf("got %.60q, want %.60q", got, want)
		}
		return err
	}
}
