package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	app   string           // the application that the script belongs to
	alone bool             // nobody acts
	use   broker.ScriptUse // what is recorded of it, but for the connections

	mu       sync.Mutex
	session  *session
	noted    map[string]bool   // connections whose use was recorded
	services map[string]bool   // by the names that the script wrote: whether there are such
	implied  map[string]string // connections that tasks of a service mean, by its name
	done     []requestData
}

var (
	_ scripting.Invoker = (*caller)(nil)
	_ scripting.Actions = (*caller)(nil)
)

// requestData is one call of a script as it is printed: without query, headers
// and bodies.
type requestData struct {
	Method      string           `json:"method"`
	URL         string           `json:"url"`
	Connection  string           `json:"connection,omitempty"`
	Action      string           `json:"action,omitempty"` // acme.list_items, where the call is a named action
	Task        string           `json:"task,omitempty"`   // zoho.crm.getRecordById, where that makes the call
	Environment host.Environment `json:"environment"`
	Status      int              `json:"status,omitempty"`
	Primary     string           `json:"primary,omitempty"` // whose authorization an unattended run used
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
	if err != nil {
		return nil, err
	}
	c.session = s
	s.subject.Application = c.app
	if c.alone {
		s.subject = host.Unattended(c.app)
	}
	return s, s.broker.Used(ctx, s.subject, c.use) // it names no connection yet: the application is looked up
}

// note records the use of a connection, before the first call through it: what
// is written makes every process read its routes anew.
func (c *caller) note(ctx context.Context, s *session, link string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if link == "" || c.noted[link] {
		return
	}
	use := c.use
	use.Environment, use.Connections = s.settings.env, []string{link}
	if c.noted == nil {
		c.noted = map[string]bool{}
	}
	c.noted[link] = true
	c.recorded(s.broker.Used(ctx, s.subject, use))
}

// recorded warns that a use was not recorded: where the store may only be read,
// or the disk is full, scripts run all the same.
func (p *program) recorded(err error) {
	if err != nil && host.CodeOf(err) != host.NotFound && host.CodeOf(err) != host.Interrupted {
		fmt.Fprintf(p.err, "warning: the use of the connection was not recorded: %s\n", p.mask.Text(err.Error()))
	}
}

// Invoke makes one call of the script.
func (c *caller) Invoke(ctx context.Context, r scripting.Request) (*http.Response, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	if r.Connection, err = c.connectionOf(ctx, s, r.Connection, r.Service, r.Task); err != nil {
		return nil, err
	}
	c.note(ctx, s, r.Connection)
	got, err := s.broker.Invoke(ctx, s.subject, s.settings.env, broker.InvokeRequest{
		Connection: r.Connection, Service: r.Service, Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body, ContentLength: r.ContentLength,
	})
	d := requestData{Method: r.Method, URL: c.mask.Text(bareURL(r.URL)), Connection: r.Connection, Task: r.Task, Environment: s.settings.env, Refreshed: got.Refreshed, Primary: got.Primary}
	if err != nil {
		d.Error = c.mask.Text(err.Error())
	} else {
		d.Status = got.Response.StatusCode
	}
	c.record(d)
	return got.Response, err
}

// Act does one named action of the script.
func (c *caller) Act(ctx context.Context, call scripting.ActionCall) (resp *http.Response, err error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	d := requestData{Action: call.Service + "." + call.Action, Task: call.Task, Environment: s.settings.env}
	if call.Task == "" && !c.isService(ctx, s, call.Service) {
		return nil, &scripting.Missing{Kind: "function", Name: d.Action}
	}
	if call.Connection, err = c.connectionOf(ctx, s, call.Connection, call.Service, call.Task); err != nil {
		return nil, err
	}
	d.Connection = call.Connection
	c.note(ctx, s, call.Connection)
	err = s.broker.Act(ctx, s.subject, s.settings.env, broker.ActionRequest{
		Connection: call.Connection, Service: call.Service, Kin: call.Task != "", Action: call.Action, Parameters: json.RawMessage(call.Parameters),
	}, func(p broker.Page) error {
		resp, d.Refreshed = p.Response, p.Refreshed
		if resp == nil {
			resp = madeAnswer(p.Result)
		} else if sent := resp.Request; sent != nil {
			d.Method, d.URL = sent.Method, c.mask.Text(bareURL(sent.URL.String()))
		}
		return nil
	})
	if err != nil {
		d.Error = c.mask.Text(err.Error())
	} else {
		d.Status = resp.StatusCode
	}
	c.record(d)
	return resp, err
}

// connectionOf is the connection that a call names; that of a task of a service
// may be meant without a name, the same one in all of a run.
func (c *caller) connectionOf(ctx context.Context, s *session, link, service, task string) (string, error) {
	if link != "" || task == "" {
		return link, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.implied[service]; known != "" {
		return known, nil
	}
	link, err := s.broker.Implied(ctx, s.subject, service, task)
	if err == nil {
		if c.implied == nil {
			c.implied = map[string]string{}
		}
		c.implied[service] = link
	}
	return link, err
}

// known says which names are connectors, those of the store too if there is one.
func (c *caller) known(ctx context.Context, set settings) func(name string) bool {
	if !set.exists() {
		return services(nil)
	}
	return services(func() []string {
		s, err := c.open(ctx)
		if err != nil {
			return nil
		}
		return s.services(ctx)
	})
}

// isService reports whether scripts may name a connector so. It is asked once for
// a name.
func (c *caller) isService(ctx context.Context, s *session, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if is, asked := c.services[name]; asked {
		return is
	}
	list, err := s.broker.Versions(ctx, s.subject, "")
	is := err != nil || slices.ContainsFunc(list, func(k host.Connector) bool { return k.ScriptName() == name })
	if c.services == nil {
		c.services = map[string]bool{}
	}
	c.services[name] = is
	return is
}

// madeAnswer is what a connector's code made in place of an answer.
func madeAnswer(result json.RawMessage) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(result))}
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
	what := strings.Join(strings.Fields(d.Action+" "+d.Method+" "+d.URL), " ")
	fmt.Fprintf(c.err, "    %s%s: %s%s\n", what, through, outcome, renewed)
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
