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
	"strings"
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

//go:wasmexport ch_action
func action(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.ActionInput) (sdk.ActionOutput, error) {
		var list []sdk.GuestRequest
		if err := json.Unmarshal(in.Parameters, &list); err != nil {
			return sdk.ActionOutput{}, err
		}
		var bodies []string
		for _, r := range list {
			answer, err := sdk.Fetch(r)
			if err != nil {
				bodies = append(bodies, err.Error())
				continue
			}
			body, err := sdk.Body(answer)
			if err != nil {
				return sdk.ActionOutput{}, err
			}
			if len(body) > 40 {
				body = fmt.Appendf(nil, "%d bytes by handle %d", len(body), answer.BodyHandle)
			}
			bodies = append(bodies, string(body))
		}
		result, err := json.Marshal(bodies)
		return sdk.ActionOutput{Result: result}, err
	})
}

// act does what the test asks for.
func act(what string) (string, error) {
	if call, ok := strings.CutPrefix(what, "crypto "); ok {
		var c sdk.CryptoCall
		if err := json.Unmarshal([]byte(call), &c); err != nil {
			return "", err
		}
		out, err := sdk.Crypto(c)
		return hex.EncodeToString(out), err
	}
	if name, ok := strings.CutPrefix(what, "secret "); ok {
		return sdk.Secret(name)
	}
	switch what {
	case "sigv4":
		return sigv4()
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

// sigv4 is the signing key of AWS's published example and one signature by it.
func sigv4() (string, error) {
	key := "AWS4" + sdk.Place("secret_key")
	for _, part := range []string{"20150830", "us-east-1", "iam", "aws4_request"} {
		name, err := sdk.Derive("sha256", key, part)
		if err != nil {
			return "", err
		}
		key = sdk.Place(name)
	}
	mac, err := sdk.HMAC("sha256", key, "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"+
		"f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")
	return hex.EncodeToString(mac), err
}
