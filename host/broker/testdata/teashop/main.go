//go:build wasip1

// Command teashop is a connector that uses the hooks around consent, signing
// and actions, and, where its parameter region says so, misuses them. The
// tests of host/broker build it.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"sort"
	"strconv"
	"strings"

	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

func main() {}

//go:wasmexport ch_authorize
func authorize(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.AuthorizeInput) (sdk.AuthorizeOutput, error) {
		query := map[string]string{"audience": in.URL, "seen": string(in.Fields["pin"])}
		switch region(in.Fields) {
		case "place":
			query["pin"] = sdk.Place("pin")
		case "state":
			query["state"] = "mine"
		}
		return sdk.AuthorizeOutput{Query: query}, nil
	})
}

// verify is what shops of this kind ask for: the MAC of the sorted query under
// the client secret.
//
//go:wasmexport ch_callback
func verify(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.CallbackInput) (sdk.CallbackOutput, error) {
		var query map[string]any
		if err := json.Unmarshal(in.Query, &query); err != nil {
			return sdk.CallbackOutput{}, err
		}
		var lines []string
		for name, value := range query {
			text, plain := value.(string)
			if !plain {
				text = sdk.Place("answer:/" + name)
			}
			if name != "hmac" {
				lines = append(lines, name+"="+text)
			}
		}
		sort.Strings(lines)
		given, _ := query["hmac"].(string)
		raw, _ := hex.DecodeString(given)
		right, err := sdk.Crypto(sdk.CryptoCall{
			Op: "verify", Alg: "sha256", Key: sdk.Place("client_secret"), Data: strings.Join(lines, "&"),
			Signature: base64.StdEncoding.EncodeToString(raw),
		})
		if err != nil {
			return sdk.CallbackOutput{}, err
		}
		if string(right) != "true" {
			return sdk.CallbackOutput{}, &sdk.Error{Code: "forged", Message: "the callback is not the shop's"}
		}
		return sdk.CallbackOutput{Capture: map[string]string{"plan": "gold"}}, nil
	})
}

//go:wasmexport ch_sign
func sign(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.SignInput) (sdk.SignOutput, error) {
		r := in.Request
		if _, there := r.Header["authorization"]; there {
			return sdk.SignOutput{}, &sdk.Error{Code: "leak", Message: "the credential is shown"}
		}
		path := r.URL[strings.Index(r.URL, "://")+3:]
		path = path[strings.IndexByte(path, '/'):]
		mac, err := sdk.HMAC("sha256", sdk.Place("client_secret"), r.Method+"\n"+path+"\n"+r.BodySHA256+"\n"+sdk.Place("access_token"))
		if err != nil {
			return sdk.SignOutput{}, err
		}
		out := sdk.SignOutput{Header: map[string]string{"X-Signature": hex.EncodeToString(mac), "X-Pin": "pin:" + sdk.Place("pin")}}
		if strings.HasSuffix(path, "/orders") {
			shown, err := json.Marshal(in.Request)
			if err != nil {
				return sdk.SignOutput{}, err
			}
			sdk.Log(sdk.Info, "signs "+string(shown))
		}
		switch region(in.Fields) {
		case "host":
			out.Header["Host"] = "stranger.example"
		case "break":
			out.Header["X-Break"] = "a\r\nX-More: b"
		case "unknown":
			out.Header["X-Other"] = sdk.Place("other")
		}
		return out, nil
	})
}

//go:wasmexport ch_prepare
func prepare(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.PrepareInput) (sdk.PrepareOutput, error) {
		if in.Action != "create_order" {
			return sdk.PrepareOutput{Request: in.Request}, nil
		}
		var body map[string]any
		if err := json.Unmarshal(in.Request.JSON, &body); err != nil {
			return sdk.PrepareOutput{}, err
		}
		sdk.Log(sdk.Info, "the pin is "+body["pin"].(string))
		quantity, err := strconv.Atoi(body["quantity"].(string))
		if err != nil {
			return sdk.PrepareOutput{}, err
		}
		body["quantity"] = quantity
		out := in.Request
		out.JSON, err = json.Marshal(body)
		switch region(in.Fields) {
		case "url":
			out.URL += "?pin=" + sdk.Place("pin")
		case "stranger":
			out.URL = "https://stranger.example/orders"
		case "two":
			out.Body = "x"
		}
		return sdk.PrepareOutput{Request: out}, err
	})
}

//go:wasmexport ch_page
func page(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.PageInput) (sdk.PageOutput, error) {
		var body struct{ Next string }
		if err := json.Unmarshal([]byte(in.Response.Body), &body); err != nil || body.Next == "" {
			return sdk.PageOutput{}, err
		}
		next := in.Request
		next.Query = map[string]string{"cursor": body.Next}
		return sdk.PageOutput{Next: &next}, nil
	})
}

//go:wasmexport ch_action
func action(n uint32) uint32 {
	return sdk.Run(n, func(in sdk.ActionInput) (sdk.ActionOutput, error) {
		count := map[string]any{}
		for _, path := range []string{"/items", "/items?cursor=2", "https://stranger.example/"} {
			answer, err := sdk.Fetch(sdk.GuestRequest{URL: path})
			if err != nil {
				count[path] = err.Error()
				continue
			}
			var body struct{ Items []string }
			if err := json.Unmarshal([]byte(answer.Body), &body); err != nil {
				return sdk.ActionOutput{}, err
			}
			count[path] = len(body.Items)
		}
		result, err := json.Marshal(count)
		return sdk.ActionOutput{Result: result}, err
	})
}

func region(f sdk.Fields) string {
	var text string
	_ = json.Unmarshal(f["region"], &text)
	return text
}
