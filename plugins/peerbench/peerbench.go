// Package peerbench measures the plugin host of connhost beside others, on the
// same guests in one run:
//
//   - Extism's Go SDK: WebAssembly, an instance at hand
//   - knqyf263/go-plugin: WebAssembly, an instance at hand, protobuf
//   - hashicorp/go-plugin: a process, gRPC
//
// It is a module of its own, so that what they need does not become what
// connhost needs. README.md tells how to run it and what came out.
package peerbench

import "context"

// The functions that every guest has.
const (
	Noop = "noop" // takes {} and gives {}
	Echo = "echo" // gives what it takes
)

// A Host loads plugins.
type Host struct {
	Name string
	// Bounded says that a call that does not end is stopped, and that its
	// memory is limited.
	Bounded bool
	// Load makes a plugin ready for its first call, from the bytes of its file
	// and as in a process that has loaded nothing before. cache is a folder
	// for compiled code, empty for none.
	Load func(ctx context.Context, g Guest, cache string) (Plugin, error)
	// Cache says that Load uses the folder.
	Cache bool
}

// A Plugin is a loaded guest.
type Plugin interface {
	// Call calls a function in the way that the host recommends for many
	// calls.
	Call(ctx context.Context, function string, in []byte) ([]byte, error)
	// Fresh calls a function in an instance that nobody has called before and
	// nobody calls again.
	Fresh(ctx context.Context, function string, in []byte) ([]byte, error)
	Close(ctx context.Context) error
}

// Hosts are all, connhost first.
func Hosts() []Host {
	return []Host{
		connhost,
		extismHost("extism", false), extismHost("extism, bounded", true),
		knqyf263Host("knqyf263", false), knqyf263Host("knqyf263, bounded", true),
		hashicorp,
	}
}

// What a bounded call may use, the defaults of connhost.
const (
	maxMillis = 2_000
	maxPages  = 64 << 20 / (64 << 10)
)
