package plugintest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// probePath is a path that no manifest names.
const probePath = "/connhost-rehearsal"

// authorized connects, or says that the other rules have to wait.
func (r *Rehearsal) authorized(ctx context.Context) error {
	if _, err := r.Connect(ctx); err != nil {
		return spared("it cannot be authorized: " + err.Error())
	}
	return nil
}

// callable is where a call can go: below the base URL, or to the first host that
// is declared; "" where there is none.
func callable(m abi.Manifest) string {
	if m.BaseURL != "" {
		return probePath
	}
	for _, name := range m.DeclaredHosts() {
		return "https://" + name + probePath
	}
	return ""
}

// noCalls spares a connector that declares no host, and one whose credential
// needs a form: the calls of the rules have none.
func noCalls(m abi.Manifest) string {
	if callable(m) == "" {
		return "it declares no host to call"
	}
	if m.Auth.Place() == abi.InForm {
		return "its credential goes with forms only"
	}
	return ""
}

// probe makes a call that no manifest describes, and gives its status and body.
func (r *Rehearsal) probe(ctx context.Context, method string) (status int, body string, err error) {
	got, err := r.Invoke(ctx, r.Subject, host.Development, broker.InvokeRequest{Connection: r.Link, Method: method, URL: callable(r.Manifest)})
	if err != nil {
		return 0, "", err
	}
	defer got.Response.Body.Close()
	text, err := io.ReadAll(got.Response.Body)
	return got.Response.StatusCode, string(text), err
}

// works says why a call does not work.
func (r *Rehearsal) works(ctx context.Context) error {
	status, _, err := r.probe(ctx, http.MethodGet)
	if err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		return fmt.Errorf("the call is answered with %d", status)
	}
	return nil
}

// since are the requests that the lab has seen after the first n.
func (r *Rehearsal) since(n int) []lab.Entry { return r.Lab.Log()[n:] }

// seenSoFar is how many requests the lab has seen.
func (r *Rehearsal) seenSoFar() int { return len(r.Lab.Log()) }

// count counts the requests for an endpoint.
func count(list []lab.Entry, endpoint string) (n int) {
	for _, e := range list {
		if e.Endpoint == endpoint || slices.Contains(e.Also, endpoint) {
			n++
		}
	}
	return n
}

// calls counts the calls of the API among requests. The path of one may be that
// of an action.
func calls(list []lab.Entry) (n int) {
	for _, e := range list {
		if e.Endpoint == "call" || strings.HasPrefix(e.Endpoint, "action:") {
			n++
		}
	}
	return n
}

// renewalOf is the endpoint that gives the next token.
func renewalOf(m abi.Manifest) string {
	switch {
	case m.Auth.Type == abi.AuthSession:
		return "login"
	case m.Mints():
		return "token"
	}
	return "refresh"
}

// typed says what is wrong with an error that a person would be told: it is
// none of ours, is a bug, or has no sentence.
func typed(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*host.Error](err)
	switch {
	case !ok || e.Code == host.Internal:
		return fmt.Errorf("the error is not a sentence for people: %w", err)
	case strings.TrimSpace(e.Msg) == "":
		return errors.New("the error has no sentence")
	}
	return nil
}

// trapped says which hook was stopped, or broke the agreement, after the first n
// calls.
func (r *Rehearsal) trapped(n int) error {
	for _, c := range r.seen.hooked()[n:] {
		if c.err != nil && c.err.Kind != host.Declared {
			return fmt.Errorf("the hook %s: %s", c.hook, Stopped(c.err))
		}
	}
	return nil
}
