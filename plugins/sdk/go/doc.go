// Package sdk is the guest side of the plugin ABI for connectors written in
// Go. A hook is a function that the program exports; Run reads its input,
// calls yours and pushes what it gives:
//
//	//go:wasmexport ch_test
//	func test(n uint32) uint32 { return sdk.Run(n, judge) }
//
//	func judge(in sdk.TestInput) (sdk.TestOutput, error) { ... }
//
//	func main() {}
//
//	host --input--> Run --> your function --> Run --output or error--> host
//
// Your error becomes the connector's own error when it is an *Error, and one
// with the code "hook" otherwise. A hook that panics is stopped, and the
// panic's text is in the host's log.
//
// A program is built as a reactor, which stays loaded after its start:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags='-s -w' -o hook.wasm
//
// TinyGo builds the same source, into a module of a tenth of the size:
//
//	tinygo build -target=wasip1 -buildmode=c-shared -no-debug -o hook.wasm .
//
// `connhost connector build` runs the go command; it takes the hook.wasm that
// TinyGo wrote beside connector.yaml as it is.
//
// It imports the standard library only: the types in wire.go are copies of
// those of plugins/abi, which carries the manifest's validator along and would
// put it into every guest. A test holds the two together.
//
// There are no files, no environment, no arguments and no network. The clock
// and the random numbers of the standard library are the host's, and sleeping
// takes no time.
package sdk
