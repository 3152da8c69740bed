package cassette

import (
	"context"
	"io"
	"net/http"

	"github.com/connhost/connhost/host"
)

// A Recorder is a way out that records what goes through another one: a call as
// it came, before its credential was put on. Calls without a redactor are those
// of a flow, for tokens; their answers are secrets, and are not recorded.
type Recorder struct {
	Next host.Egress
	Tape *Tape
}

var _ host.Egress = Recorder{}

// Do sends one call and keeps its answer.
func (r Recorder) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	if call.Redactor == nil {
		return r.Next.Do(ctx, call)
	}
	a, err := asked(call)
	if err != nil {
		return nil, err
	}
	resp, err := r.Next.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	return r.Tape.Record(a, resp)
}

// A Player is a way out that leads nowhere: it gives what was recorded. A
// refusal that a call can cure is answered by the next recorded answer, as the
// service's own was.
type Player struct{ Tape *Tape }

var _ host.Egress = Player{}

// maxCures is how often a call may cure a refusal.
const maxCures = 2

// Do gives the answer that was recorded for a call.
func (p Player) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	for cures := 0; ; cures++ {
		a, err := asked(call)
		if err != nil {
			return nil, err
		}
		resp, err := p.Tape.Play(a)
		if err != nil {
			return nil, err
		}
		if call.Wrote != nil {
			*call.Wrote = true
		}
		if call.Challenge == nil || resp.StatusCode < 400 || resp.StatusCode > 499 || cures == maxCures {
			return resp, nil
		}
		again, err := call.Challenge(ctx, resp)
		if err != nil || !again {
			return resp, err
		}
	}
}

// asked is a call as a tape keeps it.
func asked(call host.Call) (Asked, error) {
	a := Asked{Method: call.Method, URL: call.URL.String(), Header: call.Header}
	if call.Body == nil {
		return a, nil
	}
	in, err := call.Body()
	if err != nil {
		return a, err
	}
	defer in.Close()
	a.Body, err = io.ReadAll(io.LimitReader(in, MaxBody+1))
	return a, err
}
