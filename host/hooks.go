package host

import (
	"context"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// A GuestCall is one call of a connector's hook.
type GuestCall struct {
	Hash   string   // of the connector's file
	Hook   string   // such as abi.HookToken
	Input  []byte   // JSON
	Bodies [][]byte // readable by handle 1, 2, ...
	Reuse  string   // calls of the same non-empty key may have the same instance, as it was when it had started
	Budget Budget

	// Vault holds the secrets that the guest may name, in "crypto" and in what
	// it answers, and never sees.
	Vault Vault
	// Fetch sends a request of the guest and gives its answer with its whole
	// body; nil where a guest may not call. Its errors are told to the guest
	// in the words of an *Error, and never end the call.
	Fetch func(ctx context.Context, r abi.GuestRequest) (abi.Response, []byte, error)
}

// A Budget is what one guest call may use. Zero values mean the defaults of
// design section 8. How time is stopped is known only to the plugin host.
type Budget struct {
	Time      time.Duration // of the guest, network time apart
	Memory    int64         // bytes
	Fuel      int64         // about one for each instruction
	Output    int64         // bytes
	HTTPCalls int           // of Fetch
}

// Used is what a guest call has used.
type Used struct {
	Time   time.Duration
	Memory int64
	Fuel   int64 // the same for the same call, on every machine
	Output int64
}

// Hooks runs the code of connectors.
type Hooks interface {
	// Call runs a hook and returns what it pushed. An error is the
	// connector's own (*GuestError of kind Declared), a limit or trap, or a
	// violation of the ABI: three kinds that never mix.
	Call(ctx context.Context, call GuestCall) ([]byte, Used, error)
	// Prepare compiles a connector's file, so that a later Call is quick. Its
	// errors are those of Call.
	Prepare(ctx context.Context, hash string) error
}

// A GuestErrorKind is one of the three kinds of error of a guest call.
type GuestErrorKind string

const (
	Declared  GuestErrorKind = "connector" // the hook answered 1 with an error of its own
	Stopped   GuestErrorKind = "limit"     // time, fuel, memory, output, stack, trap, exit
	Violation GuestErrorKind = "abi"       // broke the agreement
)

// A GuestError says what became of a guest call that did not answer.
type GuestError struct {
	Kind      GuestErrorKind
	Connector string // its hash; the broker adds the id
	Hook      string
	Code      string // Declared: the connector's code; Stopped: time, fuel, memory, output, stack, trap, exit; Violation: why a file is refused, or empty
	Msg       string
	Retryable bool // Declared only
	Reauth    bool // Declared only: the authorization is dead
	Field     string
}

// Error is the sentence without the connector's name.
func (e *GuestError) Error() string { return e.Msg }
