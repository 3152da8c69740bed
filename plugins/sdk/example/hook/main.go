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

// readToken takes the tokens out of "data". They are handles here, and are
// passed on as they stand.
func readToken(in sdk.TokenInput) (sdk.TokenOutput, error) {
	var answer struct {
		Data struct {
			Access    *sdk.Handle     `json:"access_token"`
			Refresh   *sdk.Handle     `json:"refresh_token"`
			ExpiresIn json.RawMessage `json:"expires_in"`
			Scope     json.RawMessage `json:"scope"`
			TokenType string          `json:"token_type"`
		} `json:"data"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	// What is no object is an answer without tokens.
	_ = json.Unmarshal(in.Answer, &answer)
	if answer.Error != "" {
		return sdk.TokenOutput{}, refused(answer.Error, answer.Description)
	}
	d := answer.Data
	return sdk.TokenOutput{
		Access: d.Access, Refresh: d.Refresh, ExpiresIn: d.ExpiresIn, Scope: d.Scope, TokenType: d.TokenType,
	}, nil
}

func refused(code, description string) error {
	message := "Acme refused: " + code
	if description != "" {
		message += " (" + description + ")"
	}
	return &sdk.Error{Code: "refused", Message: message, Reauth: code == "invalid_grant"}
}

// An envelope is every answer of Acme's.
type envelope struct {
	OK     *bool           `json:"ok"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
}

// open gives the envelope that a response holds, if it holds one.
func open(r sdk.Response) (envelope, bool) {
	var e envelope
	body, err := sdk.Body(r)
	if err != nil || !utf8.Valid(body) || json.Unmarshal(body, &e) != nil || e.OK == nil {
		return envelope{}, false
	}
	return e, true
}

// readResponse gives the result alone, and makes an error of an answer that
// says no with status 200. Anything else stays as it is.
func readResponse(in sdk.RespondInput) (sdk.RespondOutput, error) {
	if in.Response.Status != 200 {
		return sdk.RespondOutput{}, nil
	}
	e, ok := open(in.Response)
	switch {
	case !ok:
		return sdk.RespondOutput{}, nil
	case !*e.OK:
		return sdk.RespondOutput{}, failed(e)
	case e.Result == nil:
		return sdk.RespondOutput{}, nil
	}
	body := string(e.Result)
	return sdk.RespondOutput{Body: &body}, nil
}

func failed(e envelope) error {
	if e.Error == "" {
		e.Error = "failed"
	}
	return &sdk.Error{Code: e.Error, Message: "Acme answered " + e.Error}
}

// readAccount judges the test call and says whose authorization it is.
func readAccount(in sdk.TestInput) (sdk.TestOutput, error) {
	e, ok := open(in.Response)
	if !ok || !*e.OK {
		message := "Acme did not say who it is"
		if e.Error != "" {
			message = "Acme answered " + e.Error
		}
		return sdk.TestOutput{Message: message}, nil
	}
	var account struct{ ID, Name string }
	if err := json.Unmarshal(e.Result, &account); err != nil || account.ID == "" {
		return sdk.TestOutput{Message: "Acme named no account"}, nil
	}
	return sdk.TestOutput{OK: true, Account: sdk.Account{Key: account.ID, Label: account.Name}}, nil
}
