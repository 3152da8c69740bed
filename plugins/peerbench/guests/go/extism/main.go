//go:build wasip1

// Command extism is the guest in Go for Extism.
package main

import "github.com/extism/go-pdk"

func main() {}

//go:wasmexport noop
func noop() int32 {
	pdk.Output([]byte("{}"))
	return 0
}

//go:wasmexport echo
func echo() int32 {
	pdk.Output(pdk.Input())
	return 0
}
