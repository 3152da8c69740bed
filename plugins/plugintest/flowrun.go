package plugintest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// A FlowResult is what came of a flow.
type FlowResult struct {
	Flow   Flow
	Steps  []Happened // those that were done
	Failed string     // why the flow does not pass, in one line; "" where it does
	Saw    []lab.Entry
	Fuel   int64 // that all its hooks burnt
	Took   time.Duration
}

// OK says whether the flow passes.
func (r FlowResult) OK() bool { return r.Failed == "" }

// Happened is what came of a step.
type Happened struct {
	Status     int
	Answer     json.RawMessage
	Error      string // its code; "" for none
	Message    string
	Connection string
	Saw        []lab.Entry
}

// Run does a flow's steps, up to the first of which something else came than it
// wants. An error is not the connector's.
func (f Flow) Run(ctx context.Context, s Suite) (FlowResult, error) {
	result := FlowResult{Flow: f}
	staging := s.Staging
	staging.Values = over(staging.Values, f.Values)
	r, err := Rehearse(ctx, s.File, staging)
	if err != nil {
		return result, err
	}
	defer r.Close()
	begun := time.Now()
	if err := r.Fault(f.Faults...); err != nil {
		result.Failed = err.Error()
		return result, nil
	}
	for i, step := range f.Steps {
		got, err := r.do(ctx, step)
		if err != nil {
			return result, err
		}
		result.Steps = append(result.Steps, got)
		if why := step.judge(got); why != "" {
			result.Failed = r.Mask.Text(fmt.Sprintf("step %d, %s: %s", i+1, step.Do, why))
			result.Saw = tail(got.Saw)
			break
		}
	}
	result.Took, result.Fuel = time.Since(begun), r.fuel()
	return result, nil
}

// do does a step. Its error ends the flow; that of the step is part of what
// happened.
func (r *Rehearsal) do(ctx context.Context, step Step) (Happened, error) {
	seen := r.seenSoFar()
	h, err := r.step(ctx, step)
	if ctx.Err() != nil {
		return h, ctx.Err()
	}
	if err != nil {
		h.Error, h.Message = string(host.CodeOf(err)), err.Error()
	}
	for _, e := range r.since(seen) {
		if e.Endpoint != "" {
			h.Saw = append(h.Saw, e)
		}
	}
	place, err := r.Place(ctx)
	h.Connection = string(place.Status)
	return h, err
}

func (r *Rehearsal) step(ctx context.Context, step Step) (h Happened, err error) {
	switch step.Do {
	case "connect":
		got, err := r.Connect(ctx)
		return h.with(map[string]any{"account": abi.Account{Key: got.Authorization.AccountKey, Label: got.Authorization.AccountLabel}, "warning": got.Warning}), err
	case "test":
		got, err := r.Test(ctx, r.Subject, host.Development, r.Link)
		h.Status = got.Status
		return h.with(map[string]any{"ok": got.OK, "message": got.Message, "account": got.Account}), err
	case "call", "action":
		got, err := step.deed().Do(ctx, r.Broker, r.Subject, host.Development, r.Link)
		h.Status, h.Answer = got.Status, json.RawMessage(got.Output)
		return h, err
	case "refresh":
		got, err := r.Refresh(ctx, r.Subject, host.Development, r.Link)
		return h.with(map[string]any{"outcome": got.Outcome}), err
	case "revoke":
		got, err := r.Revoke(ctx, r.Subject, host.Development, r.Link)
		return h.with(map[string]any{"upstream": got.Upstream}), err
	case "advance":
		r.Advance(step.pause)
	case "expire":
		r.Lab.Expire()
	case "end":
		r.Lab.EndAll()
	case "fault":
		err = r.Fault(step.Faults...)
	}
	return h, err
}

func (h Happened) with(answer any) Happened {
	h.Answer = asJSON(answer)
	return h
}

// deed is what the step call or action does through the connection. A body that
// is a text is sent as it is, any other as JSON.
func (s Step) deed() Deed {
	if s.Do == "action" {
		return Deed{Action: s.Action, Parameters: Document(s.Parameters)}
	}
	call := &WebCall{Method: s.Method, URL: s.Path}
	var text string
	if s.Body != nil && json.Unmarshal(s.Body, &text) != nil {
		text, call.Header = string(s.Body), map[string]string{"Content-Type": "application/json"}
	}
	call.Body = cassette.Body(text)
	return Deed{Call: call}
}

// judge says in a line what differs from what a step wants.
func (s Step) judge(h Happened) string {
	switch {
	case s.Error == "" && h.Error != "":
		return fmt.Sprintf("it gave the error %s: %s", h.Error, h.Message)
	case s.Error != h.Error && h.Error != "":
		return fmt.Sprintf("it gave the error %s: %s; want %s", h.Error, h.Message, s.Error)
	case s.Error != h.Error:
		return "it gave no error, want " + s.Error
	case s.Status == 0 && h.Status >= http.StatusBadRequest:
		return fmt.Sprintf("the service answered %d", h.Status)
	case s.Status != 0 && s.Status != h.Status:
		return fmt.Sprintf("the service answered %d, want %d", h.Status, s.Status)
	}
	if s.Do == "test" && s.Answer == nil && s.Status == 0 && s.Error == "" && !h.at("/ok", true) {
		return "the test says no: " + string(h.Answer)
	}
	for _, pointer := range slices.Sorted(maps.Keys(s.Answer)) {
		if why := h.differs(pointer, s.Answer[pointer]); why != "" {
			return why
		}
	}
	if s.Connection != "" && s.Connection != h.Connection {
		return fmt.Sprintf("the connection is %s, want %s", h.Connection, s.Connection)
	}
	return s.differsIn(h.Saw)
}

func (h Happened) at(pointer string, want any) bool {
	doc, err := decode(h.Answer)
	got, ok := abi.At(doc, pointer)
	return err == nil && ok && got == want
}

// differs says what differs at a pointer of the answer; null wants nothing there.
func (h Happened) differs(pointer string, want json.RawMessage) string {
	doc, err := decode(h.Answer)
	if err != nil {
		return "there is no answer"
	}
	got, ok := abi.At(doc, pointer)
	w, err := decode(want)
	switch {
	case err != nil:
		return "what is wanted is not JSON"
	case !ok && w == nil:
		return ""
	case !ok:
		return fmt.Sprintf("answer%s: it is missing, want %s", pointer, short(w))
	}
	if d := unlike(pointer, got, w); d != "" {
		return "answer" + d
	}
	return ""
}

func (s Step) differsIn(saw []lab.Entry) string {
	same := len(saw) == len(s.Saw)
	var names []string
	for i, e := range saw {
		names = append(names, e.Endpoint)
		same = same && (e.Endpoint == s.Saw[i] || slices.Contains(e.Also, s.Saw[i]))
	}
	if s.Saw == nil || same {
		return ""
	}
	return fmt.Sprintf("the service saw [%s], want [%s]", strings.Join(names, ", "), strings.Join(s.Saw, ", "))
}
