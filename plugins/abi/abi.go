// Package abi is what a connector and the host agree on: the manifest that a
// connector declares, the custom section of the WebAssembly file that carries
// it, and the JSON that passes between the host and a hook.
//
// It uses the standard library only, so that authors' tools and the host read
// one definition. It runs no code and opens no connection. ABI.md above it is
// the same agreement in words.
//
//	connector.yaml --build--> manifest JSON --section--> connector.wasm --Parse--> Manifest
package abi

// Version is the ABI that this host speaks. It is the number of the section's
// name (connhost.v1) and the value of the manifest's key "connhost".
const Version = 1

// SectionPrefix begins the name of every ABI version's custom section; the
// version follows.
const SectionPrefix = "connhost.v"

// SectionName is the custom section that holds the manifest as JSON.
const SectionName = "connhost.v1"

// Sizes that a file may not pass, in bytes (design section 8).
const (
	MaxFile     = 8 << 20
	MaxManifest = 256 << 10
)

// ImportModule is the module name of every host function that a guest imports.
const ImportModule = "connhost"

// Results below zero that a host function answers with. An expected failure
// never traps.
const (
	ErrnoRange  = -1 // a pointer or length leaves the guest's memory
	ErrnoLimit  = -2 // a limit of this call is used up
	ErrnoHandle = -3 // no such handle
	ErrnoState  = -4 // not allowed now, such as a second output

	// With these a HookError is staged, which says why.
	ErrnoArgument = -5 // not a call that this agreement knows
	ErrnoDenied   = -6 // known, and not for this guest
	ErrnoFailed   = -7 // tried, and did not succeed
)

// InlineBody is the size in bytes above which a response body travels to a
// hook as a handle instead of text.
const InlineBody = 16 << 10
