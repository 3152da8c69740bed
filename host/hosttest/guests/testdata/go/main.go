//go:build wasip1

// Command go is a hook that goes wrong in the way that the response's body
// names.
package main

import (
	"os"

	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

func main() {}

//go:wasmexport ch_test
func test(n uint32) uint32 { return sdk.Run(n, act) }

var (
	depth uint32
	kept  [][]byte
)

func act(in sdk.TestInput) (sdk.TestOutput, error) {
	what := in.Response.Body
	switch what {
	case "trap":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "loop":
		for {
			depth++
		}
	case "memory":
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	case "stack":
		depth = recurse(0)
	case "fork":
		fork(60)
	case "declared":
		return sdk.TestOutput{}, &sdk.Error{Code: "rate_limited", Message: "come back later", Retryable: true, Field: "key"}
	}
	return sdk.TestOutput{OK: true, Message: what}, nil
}

// recurse needs the result of the inner call, so that it cannot be a loop.
//
//go:noinline
func recurse(n uint32) uint32 { return recurse(n+1)*31 + n }

// fork has no loop, and as many calls as 2 to the power of n.
//
//go:noinline
func fork(n uint32) {
	depth = n
	if n > 0 {
		fork(n - 1)
		fork(n - 1)
	}
}
