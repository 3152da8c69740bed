package wasm

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// maxFetched is how many bytes of answers one call may hold at once; they stay
// readable by their handles until it ends.
const maxFetched = 32 << 20

// doHTTP sends a request for the guest and stages the answer, an abi.Response.
// An answer of any status is one; what is no answer is ErrnoFailed, with the
// host's sentence staged.
func (g guest) doHTTP(ptr, size uint64) int32 {
	if g.in.Fetch == nil {
		return g.stage.denied("this hook may not make requests")
	}
	var r abi.GuestRequest
	if errno := g.callJSON(ptr, size, &r); errno != nil {
		return *errno
	}
	if g.fetches == g.budget.fetches {
		return g.stage.refuse(abi.ErrnoLimit, "limit", "the call has made all the requests that it may make")
	}
	g.call.fetches++
	var answer abi.Response
	var body []byte
	var err error
	g.outside(func(ctx context.Context) { answer, body, err = g.in.Fetch(ctx, r) })
	if err != nil {
		return g.fetchError(err)
	}
	if answer.BodyHandle != 0 {
		if g.fetched += len(body); g.fetched > maxFetched {
			return g.stage.refuse(abi.ErrnoLimit, "limit", "the answers of the call are longer than the host keeps for it")
		}
		g.call.bodies = append(g.bodies, body)
		answer.BodyHandle = len(g.bodies)
	}
	staged, err := json.Marshal(answer)
	if err != nil {
		return g.fetchError(err)
	}
	return g.stage.put(staged)
}

// fetchError tells the guest what the host would tell a script.
func (g guest) fetchError(err error) int32 {
	if own, ok := errors.AsType[*host.Error](err); ok {
		return g.stage.refuse(abi.ErrnoFailed, string(own.Code), plain(own.Msg, 1000))
	}
	return g.stage.refuse(abi.ErrnoFailed, string(host.Internal), "internal error")
}
