package scripting

import (
	"context"
	"io"
	"net/http"
)

// A Request is one call that a script makes. It names its connection and may
// hold {name} placeholders in its URL, so it is not an *http.Request yet.
type Request struct {
	Connection, Method, URL string
	Header                  http.Header
	Body                    func() (io.ReadCloser, error) // opened once per attempt; nil for no body
	ContentLength           int64                         // -1 when unknown
	// Task is the integration task that makes the call, of the service: then the
	// connection is one for that, as in an ActionCall.
	Task, Service string
}

// An Invoker makes calls for scripts. An error is one that the script may
// catch, and reaches the caller of Run through errors.As; so does an error of
// reading the answer's body.
type Invoker interface {
	Invoke(ctx context.Context, r Request) (*http.Response, error)
}
