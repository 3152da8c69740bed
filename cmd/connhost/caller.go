package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/scripting"
)

// A caller lets a script call through the broker. The host is opened at the
// first call: a script that calls nothing needs no store.
type caller struct {
	*program
	trace bool

	mu      sync.Mutex
	session *session
	done    []requestData
}

var _ scripting.Invoker = (*caller)(nil)

// requestData is one call of a script as it is printed: without query, headers
// and bodies.
type requestData struct {
	Method      string           `json:"method"`
	URL         string           `json:"url"`
	Connection  string           `json:"connection,omitempty"`
	Environment host.Environment `json:"environment"`
	Status      int              `json:"status,omitempty"`
	Refreshed   bool             `json:"refreshed,omitempty"`
	Error       string           `json:"error,omitempty"`
}

// open gives the opened host.
func (c *caller) open(ctx context.Context) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		return c.session, nil
	}
	s, err := c.program.open(ctx)
	if err == nil {
		c.session = s
	}
	return s, err
}

// Invoke makes one call of the script.
func (c *caller) Invoke(ctx context.Context, r scripting.Request) (*http.Response, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	got, err := s.broker.Invoke(ctx, s.subject, s.settings.env, broker.InvokeRequest{
		Connection: r.Connection, Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body, ContentLength: r.ContentLength,
	})
	d := requestData{Method: r.Method, URL: c.mask.Text(bareURL(r.URL)), Connection: r.Connection, Environment: s.settings.env, Refreshed: got.Refreshed}
	if err != nil {
		d.Error = c.mask.Text(err.Error())
	} else {
		d.Status = got.Response.StatusCode
	}
	c.record(d)
	return got.Response, err
}

func (c *caller) record(d requestData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = append(c.done, d)
	if !c.trace {
		return
	}
	outcome := fmt.Sprint(d.Status)
	if d.Error != "" {
		outcome = d.Error
	}
	through, renewed := "", ""
	if d.Connection != "" {
		through = " through " + d.Connection
	}
	if d.Refreshed {
		renewed = " (its token was refreshed)"
	}
	fmt.Fprintf(c.err, "    %s %s%s: %s%s\n", d.Method, d.URL, through, outcome, renewed)
}

// bareURL is a URL without query, fragment and user.
func bareURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an invalid URL"
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment, u.User = "", false, "", "", nil
	return u.String()
}

func (c *caller) close() {
	if c.session != nil {
		_ = c.session.close()
	}
}
