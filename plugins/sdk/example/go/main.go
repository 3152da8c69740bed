//go:build wasip1

// Command hook is the hooks of the example in Go. `connhost connector build`
// compiles it by itself.
package main

import (
	"encoding/json"
	"unicode/utf8"

	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

func main() {}

//go:wasmexport ch_token
func token(n uint32) uint32 { return sdk.Run(n, readToken) }

//go:wasmexport ch_respond
func respond(n uint32) uint32 { return sdk.Run(n, readResponse) }

//go:wasmexport ch_test
func test(n uint32) uint32 { return sdk.Run(n, readAccount) }

// An object is a JSON object with its values as they stand; nil where there is
// something else.
type object map[string]json.RawMessage

func read(raw []byte) (o object) {
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// text is a member that is a text, "" where it is not.
func (o object) text(key string) (s string) {
	if json.Unmarshal(o[key], &s) != nil {
		return ""
	}
	return s
}

// handle is a member that is a handle, nil where it is not.
func (o object) handle(key string) *sdk.Handle {
	h := new(sdk.Handle)
	if json.Unmarshal(o[key], h) != nil || h.Secret == "" {
		return nil
	}
	return h
}

// readToken takes the tokens out of "data". They are handles here, and are
// passed on as they stand.
func readToken(in sdk.TokenInput) (sdk.TokenOutput, error) {
	answer := read(in.Answer)
	if code := answer.text("error"); code != "" {
		return sdk.TokenOutput{}, refused(code, answer.text("error_description"))
	}
	data := read(answer["data"])
	return sdk.TokenOutput{
		Access: data.handle("access_token"), Refresh: data.handle("refresh_token"),
		ExpiresIn: data["expires_in"], Scope: data["scope"], TokenType: data.text("token_type"),
	}, nil
}

func refused(code, description string) error {
	message := "Acme refused: " + code
	if description != "" {
		message += " (" + description + ")"
	}
	return &sdk.Error{Code: "refused", Message: message, Reauth: code == "invalid_grant"}
}

// open gives the envelope that a response holds, an object with a boolean
// "ok", and that; nil where it holds something else.
func open(r sdk.Response) (envelope object, ok bool) {
	body, err := sdk.Body(r)
	if err != nil || !utf8.Valid(body) {
		return nil, false
	}
	envelope = read(body)
	switch string(envelope["ok"]) {
	case "true":
		return envelope, true
	case "false":
		return envelope, false
	}
	return nil, false
}

// readResponse gives the result alone, and makes an error of an answer that
// says no with status 200. Anything else stays as it is.
func readResponse(in sdk.RespondInput) (sdk.RespondOutput, error) {
	if in.Response.Status != 200 {
		return sdk.RespondOutput{}, nil
	}
	envelope, ok := open(in.Response)
	if envelope != nil && !ok {
		return sdk.RespondOutput{}, failed(envelope.text("error"))
	}
	if envelope["result"] == nil {
		return sdk.RespondOutput{}, nil
	}
	body := string(envelope["result"])
	return sdk.RespondOutput{Body: &body}, nil
}

func failed(code string) error {
	if code == "" {
		code = "failed"
	}
	return &sdk.Error{Code: code, Message: "Acme answered " + code}
}

// readAccount judges the test call and says whose authorization it is.
func readAccount(in sdk.TestInput) (sdk.TestOutput, error) {
	envelope, ok := open(in.Response)
	if !ok {
		message := "Acme did not say who it is"
		if code := envelope.text("error"); code != "" {
			message = "Acme answered " + code
		}
		return sdk.TestOutput{Message: message}, nil
	}
	account := read(envelope["result"])
	if account.text("id") == "" {
		return sdk.TestOutput{Message: "Acme named no account"}, nil
	}
	return sdk.TestOutput{OK: true, Account: sdk.Account{Key: account.text("id"), Label: account.text("name")}}, nil
}
