//go:build wasip1

package sdk

import (
	"encoding/json"
	"errors"
)

// What a hook's exported function returns.
const (
	pushedOutput = 0
	pushedError  = 1
)

// Run serves one call of a hook: n is the length that the exported function
// was given, and the result is what it returns.
func Run[In, Out any](n uint32, hook func(In) (Out, error)) uint32 {
	var in In
	if err := json.Unmarshal(Input(n), &in); err != nil {
		return Fail(&Error{Code: "hook", Message: "read the hook's input: " + err.Error()})
	}
	out, err := hook(in)
	if err != nil {
		return Fail(err)
	}
	pushed, err := json.Marshal(out)
	if err != nil {
		return Fail(&Error{Code: "hook", Message: "write the hook's output: " + err.Error()})
	}
	return Output(pushed)
}

// Output pushes the hook's answer, JSON, and gives the value that the hook
// returns. It can be called once.
func Output(answer []byte) uint32 {
	push(answer)
	return pushedOutput
}

// Fail pushes err in place of an answer and gives the value that the hook
// returns.
func Fail(err error) uint32 {
	pushed, jsonErr := json.Marshal(asError(err))
	if jsonErr != nil {
		pushed = []byte(`{"code":"hook","message":"the error cannot be written as JSON"}`)
	}
	push(pushed)
	return pushedError
}

func asError(err error) *Error {
	if own := (*Error)(nil); errors.As(err, &own) {
		return own
	}
	return &Error{Code: "hook", Message: err.Error()}
}
