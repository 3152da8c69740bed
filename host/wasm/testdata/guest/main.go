//go:build wasip1

// Command guest is a connector's code that uses every part of the SDK. The
// tests of host/wasm build and run it.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

func main() {}

//go:wasmexport ch_token
func token(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.TokenInput) (sdk.TokenOutput, error) {
		sdk.Log(sdk.Info, "phase "+in.Phase)
		seed := make([]byte, 4)
		if err := sdk.Random(seed); err != nil {
			return sdk.TokenOutput{}, err
		}
		return sdk.TokenOutput{
			Access:  &sdk.Handle{Secret: "answer:/a"},
			Capture: map[string]string{"now": sdk.Now().UTC().Format(time.RFC3339Nano), "random": hex.EncodeToString(seed)},
		}, nil
	})
}

//go:wasmexport ch_respond
func respond(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.RespondInput) (sdk.RespondOutput, error) {
		body, err := sdk.Body(in.Response)
		if err != nil {
			return sdk.RespondOutput{}, err
		}
		text := fmt.Sprintf("%s %s: %d bytes, the last is %q", in.Method, in.URL, len(body), body[len(body)-1])
		return sdk.RespondOutput{Body: &text}, nil
	})
}

//go:wasmexport ch_test
func test(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.TestInput) (sdk.TestOutput, error) {
		message, err := act(in.Response.Body)
		return sdk.TestOutput{OK: err == nil, Message: message}, err
	})
}

// act does what the test asks for.
func act(what string) (string, error) {
	switch what {
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "loop":
		for {
		}
	case "memory":
		var all [][]byte
		for {
			all = append(all, make([]byte, 1<<20))
		}
	case "sleep":
		begun := time.Now()
		time.Sleep(time.Hour)
		return time.Since(begun).Round(time.Minute).String(), nil
	case "goroutines":
		c := make(chan string)
		go func() { c <- "from a goroutine" }()
		return <-c, nil
	case "random":
		b := make([]byte, 4)
		_, err := rand.Read(b)
		return hex.EncodeToString(b), err
	case "environment":
		b, _ := json.Marshal([]any{os.Args, os.Environ()})
		return string(b), nil
	case "declared":
		return "", &sdk.Error{Code: "rate_limited", Message: "come back later", Retryable: true}
	}
	return "", errors.New("cannot " + what)
}
