//go:build wasip1

// Command kit uses what the kit has for hooks that sign and call.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

func main() {}

//go:wasmexport ch_action
func action(n uint32) uint32 { return sdk.Run(n, all) }

func all(in sdk.ActionInput) (sdk.ActionOutput, error) {
	digest, err := sdk.Crypto(sdk.CryptoCall{Op: "hash", Alg: "sha256", Data: "tea"})
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	key, err := sdk.Derive("sha256", sdk.Place("key"), "day")
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	mac, err := sdk.HMAC("sha1", sdk.Place(key), "tea")
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	signature, err := sdk.Sign("EdDSA", sdk.Place("private"), []byte("tea"))
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	shown, err := sdk.Secret("shown")
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	random := make([]byte, 4)
	if err := sdk.Random(random); err != nil {
		return sdk.ActionOutput{}, err
	}
	answer, err := sdk.Fetch(sdk.GuestRequest{Method: "POST", URL: "/tea", JSON: json.RawMessage(`{"cups":2}`)})
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	body, err := sdk.Body(answer)
	if err != nil {
		return sdk.ActionOutput{}, err
	}
	_, refused := sdk.Crypto(sdk.CryptoCall{Op: "hash", Alg: "rot13", Data: "tea"})
	why := &sdk.Error{}
	errors.As(refused, &why)
	encoded := []string{}
	for n := range 4 {
		encoded = append(encoded, base64.StdEncoding.EncodeToString([]byte("\xfb\xf0\x01")[:n]))
	}
	sdk.Log(sdk.Info, "done")
	result, err := json.Marshal(map[string]any{
		"hash": hex.EncodeToString(digest), "mac": base64.StdEncoding.EncodeToString(mac), "signature": base64.StdEncoding.EncodeToString(signature),
		"secret": shown, "random": hex.EncodeToString(random), "status": answer.Status, "body": string(body), "refused": why.Code,
		"base64": encoded, "seconds": sdk.Now().Unix(),
	})
	return sdk.ActionOutput{Result: result}, err
}
