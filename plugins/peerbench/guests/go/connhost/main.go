//go:build wasip1

// Command connhost is the guest in Go for connhost.v1.
package main

import sdk "github.com/connhost/connhost/plugins/sdk/go"

func main() {}

//go:wasmexport ch_test
func noop(uint32) uint32 { return sdk.Output([]byte("{}")) }

//go:wasmexport ch_respond
func echo(n uint32) uint32 { return sdk.Output(sdk.Input(n)) }
