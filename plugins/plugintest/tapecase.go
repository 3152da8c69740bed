package plugintest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/plugins/build"
)

// A TapeCase is one YAML file: what is done through a connection, the HTTP that
// was recorded of it, and what came of it. It is played with no service: the
// requests must be those that were recorded, and the outcome the same.
//
//	action: list_items
//	parameters: {shelf: tea}
//	exchanges:
//	  - request: {method: GET, url: "https://api.acme.test/items?shelf=tea"}
//	    response: {status: 200, headers: {Content-Type: application/json}, body: '{"items": []}'}
//	status: 200
//	output: {items: []}
type TapeCase struct {
	File string `yaml:"-"` // as it was read
	Name string `yaml:"name,omitempty"`
	Deed `yaml:",inline"`
	// Values are those of the connection that stand in its requests: parameters
	// and what was captured. The others are made up.
	Values    map[string]string   `yaml:"values,omitempty"`
	Exchanges []cassette.Exchange `yaml:"exchanges"`
	Outcome   `yaml:",inline"`
}

// A Deed is what is done through a connection: an action, a call, or without
// either the test call.
type Deed struct {
	Action     string   `yaml:"action,omitempty"`
	Parameters Document `yaml:"parameters,omitempty"` // of the action, an object
	All        bool     `yaml:"all,omitempty"`        // every page
	Call       *WebCall `yaml:"call,omitempty"`
}

// A WebCall is one that a script could make.
type WebCall struct {
	Method string            `yaml:"method,omitempty" json:"method"` // GET unless given
	URL    string            `yaml:"url" json:"url"`
	Header map[string]string `yaml:"headers,omitempty" json:"headers"`
	Body   cassette.Body     `yaml:"body,omitempty" json:"body"`
}

// An Outcome is what a deed gave: the status of its last answer and its body, of
// several pages a list; or an error.
type Outcome struct {
	Status int       `yaml:"status,omitempty" json:"status,omitempty"`
	Output Document  `yaml:"output,omitempty" json:"output,omitempty"`
	Error  host.Code `yaml:"error,omitempty" json:"error,omitempty"`
}

// A Document is JSON. In YAML it is written as what it says.
type Document json.RawMessage

// UnmarshalJSON keeps the text.
func (d *Document) UnmarshalJSON(text []byte) error {
	*d = append((*d)[:0], text...)
	return nil
}

// MarshalJSON gives the text.
func (d Document) MarshalJSON() ([]byte, error) { return d, nil }

// MarshalYAML gives what the text says.
func (d Document) MarshalYAML() (any, error) {
	v, err := decode(json.RawMessage(d))
	return plainNumbers(v), err
}

// documentOf is any value as JSON.
func documentOf(v any) Document { return Document(asJSON(v)) }

// ReadTapeCase reads a case. The error is a *build.Invalid with a place for every
// mistake.
func ReadTapeCase(file string, text []byte) (TapeCase, error) {
	c := TapeCase{File: file}
	doc := build.ReadDocument("case", page, file, text)
	keys, err := keysOf(doc, "write for example: action: list_items", "a case is an object")
	if err != nil {
		return c, err
	}
	readInto(doc, keys, map[string]any{
		"name": &c.Name, "action": &c.Action, "parameters": &c.Parameters, "all": &c.All, "call": &c.Call,
		"values": &c.Values, "exchanges": &c.Exchanges, "status": &c.Status, "output": &c.Output, "error": &c.Error,
	}, "a recorded case has action or call, exchanges, status, output or error, and perhaps name, parameters, all, values")
	c.check(doc)
	c.Name = cmp.Or(c.Name, fileName(file))
	return c, doc.Err()
}

func (c *TapeCase) check(doc *build.Document) {
	if c.Action != "" && c.Call != nil {
		doc.Wrong("T120", "call", "keep one of them", "a case does an action or a call, not both")
	}
	if c.Action == "" && (c.Parameters != nil || c.All) {
		doc.Wrong("T121", "parameters", "write for example: action: list_items", "parameters and all are for an action")
	}
	if c.Call != nil && c.Call.URL == "" {
		doc.Wrong("T122", "call", "write for example: call: {url: /items}", "a call has a url")
	}
	if c.Status == 0 && c.Error == "" {
		doc.Wrong("T124", "", "write for example: status: 200", "a recorded case says a status, or an error")
	}
	for i, e := range c.Exchanges {
		if err := e.Check(); err != nil || e.Request.Action != "" {
			doc.Wrong("T123", fmt.Sprintf("exchanges[%d]", i), page+" shows one", "the exchange %d is none: %v", i+1, cmp.Or(err, fmt.Errorf("it is one of a script")))
		}
	}
}

// Write writes a case that was recorded.
func (c TapeCase) Write(path string) error {
	data, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return host.Errorf(host.Unavailable, "the case %s cannot be written", path).Because(err).
			WithHint("name a file in a connector's folder of cases, which must be there")
	}
	return nil
}

// A TapeResult is what came of a recorded case.
type TapeResult struct {
	Case   TapeCase
	Failed string // why the case does not pass, in one line; "" where it does
	Fuel   int64  // that all its hooks burnt
	Took   time.Duration
}

// OK says whether the case passes.
func (r TapeResult) OK() bool { return r.Failed == "" }

// Run plays the case: with a rehearsal of the connector, whose connection is
// authorized by the lab first. An error is not the connector's.
func (c TapeCase) Run(ctx context.Context, s Suite) (TapeResult, error) {
	result := TapeResult{Case: c}
	staging := s.Staging
	staging.Values = over(staging.Values, c.Values)
	r, err := Rehearse(ctx, s.File, staging)
	if err != nil {
		return result, err
	}
	defer r.Close()
	begun := time.Now()
	result.Failed, err = c.play(ctx, r)
	result.Took, result.Fuel = time.Since(begun), r.fuel()
	return result, err
}

// play does what was done, and says what is not the same.
func (c TapeCase) play(ctx context.Context, r *Rehearsal) (string, error) {
	if _, err := r.Connect(ctx); err != nil {
		return "the connection cannot be authorized: " + err.Error(), ctx.Err()
	}
	tape := cassette.Load(cassette.Cassette{Exchanges: c.Exchanges}, r.Mask.Text)
	var got Outcome
	err := r.Play(tape, func() (err error) {
		got, err = c.Deed.Do(ctx, r.Broker, r.Subject, host.Development, r.Link)
		return err
	})
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		if got.Error = host.CodeOf(err); c.Error == "" {
			return err.Error(), nil
		}
	}
	if c.Status == 0 {
		got.Status = 0
	}
	if c.Output == nil {
		got.Output = nil
	}
	if d := difference(asJSON(got), asJSON(c.Outcome)); d != "" {
		return strings.TrimPrefix(d, "/"), nil
	}
	if n := tape.Unused(); n > 0 {
		return fmt.Sprintf("%d of the recorded requests were not made", n), nil
	}
	return "", nil
}

// Do does it. An answer from 400 on is no error.
func (d Deed) Do(ctx context.Context, b *broker.Broker, sub host.Subject, env host.Environment, link string) (Outcome, error) {
	switch {
	case d.Action != "":
		return d.act(ctx, b, sub, env, link)
	case d.Call != nil:
		return d.call(ctx, b, sub, env, link)
	}
	got, err := b.Test(ctx, sub, env, link)
	if err != nil {
		return Outcome{}, err
	}
	out := map[string]any{"ok": got.OK}
	for key, text := range map[string]string{"key": got.Account.Key, "label": got.Account.Label, "message": got.Message} {
		if text != "" {
			out[key] = text
		}
	}
	return Outcome{Status: got.Status, Output: documentOf(out)}, nil
}

func (d Deed) act(ctx context.Context, b *broker.Broker, sub host.Subject, env host.Environment, link string) (Outcome, error) {
	var out Outcome
	var pages []Document
	err := b.Act(ctx, sub, env, broker.ActionRequest{Connection: link, Action: d.Action, Parameters: json.RawMessage(d.Parameters), All: d.All}, func(p broker.Page) error {
		if p.Response == nil {
			out.Status = http.StatusOK
			pages = append(pages, documentFrom(p.Result))
			return nil
		}
		v, err := bodyOf(p.Response)
		out.Status, pages = p.Response.StatusCode, append(pages, v)
		return err
	})
	if d.All {
		out.Output = documentOf(pages)
	} else if len(pages) > 0 {
		out.Output = pages[0]
	}
	return out, err
}

func (d Deed) call(ctx context.Context, b *broker.Broker, sub host.Subject, env host.Environment, link string) (Outcome, error) {
	req := broker.InvokeRequest{Connection: link, Method: cmp.Or(d.Call.Method, http.MethodGet), URL: d.Call.URL, Header: http.Header{}}
	for name, text := range d.Call.Header {
		req.Header.Set(name, text)
	}
	if d.Call.Body != "" {
		req.ContentLength = int64(len(d.Call.Body))
		req.Body = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(d.Call.Body))), nil }
	}
	got, err := b.Invoke(ctx, sub, env, req)
	if err != nil {
		return Outcome{}, err
	}
	v, err := bodyOf(got.Response)
	return Outcome{Status: got.Response.StatusCode, Output: v}, err
}

// bodyOf reads an answer, nil for an empty one.
func bodyOf(resp *http.Response) (Document, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, cassette.MaxBody))
	if err != nil || len(body) == 0 {
		return nil, err
	}
	return documentFrom(body), nil
}

// documentFrom is JSON as it is, and anything else as a text.
func documentFrom(body []byte) Document {
	if json.Valid(body) {
		return Document(body)
	}
	return documentOf(string(body))
}
