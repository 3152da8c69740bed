package plugintest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Result is what came of a case.
type Result struct {
	Case   Case
	Output json.RawMessage // what the hook answered, or
	Error  *abi.HookError  // its own error
	Used   host.Used
	Failed string // why the case does not pass, in one line; "" where it does
}

// OK says whether the case passes.
func (r Result) OK() bool { return r.Failed == "" }

// Call is the call that the case makes.
func (c Case) Call() Call {
	call := Call{Hook: c.Hook, Input: c.Input, Now: c.Now, Secrets: map[string]host.Secret{}}
	for name, text := range c.Secrets {
		call.Secrets[name] = host.NewSecret(text)
	}
	for _, text := range c.Bodies {
		call.Bodies = append(call.Bodies, []byte(text))
	}
	return call
}

// Run calls the case's hook and holds what it gives against what the case wants.
// An error is not the connector's: the caller's context ended.
func (c Case) Run(ctx context.Context, r *Runner) (Result, error) {
	out, used, err := r.Call(ctx, c.Call())
	result := Result{Case: c, Output: out, Used: used}
	guest, ok := errors.AsType[*host.GuestError](err)
	switch {
	case err != nil && !ok:
		return result, err
	case ok && guest.Kind != host.Declared:
		result.Failed = Stopped(guest)
		return result, nil
	case ok:
		result.Error = &abi.HookError{Code: guest.Code, Message: guest.Msg, Retryable: guest.Retryable, Reauth: guest.Reauth, Field: guest.Field}
	}
	result.Failed = c.judge(result)
	return result, nil
}

// Stopped is the sentence for a hook that ended without an answer.
func Stopped(e *host.GuestError) string {
	if e.Kind == host.Violation {
		return "it broke the agreement: " + e.Msg
	}
	return e.Msg
}

func (c Case) judge(r Result) string {
	switch {
	case c.Output == nil && c.Error == nil:
		return "the case says neither output nor error; --update writes what the hook gives"
	case c.Error == nil && r.Error != nil:
		return fmt.Sprintf("it gave the error %s: %s", r.Error.Code, r.Error.Message)
	case c.Error != nil && r.Error == nil:
		return fmt.Sprintf("it gave an output, want the error %s", c.Error.Code)
	case c.Error != nil:
		want := *c.Error
		if want.Message == "" {
			want.Message = r.Error.Message
		}
		if d := difference(asJSON(*r.Error), asJSON(want)); d != "" {
			return "error" + d
		}
	default:
		if d := difference(r.Output, c.Output); d != "" {
			return "output" + d
		}
	}
	if c.Fuel > 0 && r.Used.Fuel > c.Fuel {
		return fmt.Sprintf("it burnt %d fuel, and may burn %d", r.Used.Fuel, c.Fuel)
	}
	return ""
}

func asJSON(v any) json.RawMessage {
	text, _ := json.Marshal(v)
	return text
}
