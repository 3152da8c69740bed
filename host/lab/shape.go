package lab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// reshape lets the service do its work and, where that succeeds, answers in a
// shape that no manifest tells: one that the connector's code reads. In its texts
// {access_token}, {refresh_token}, {expires_in}, {expires_at}, {scope},
// {account_id} and {account_name} stand for what the answer holds, and the names of
// the connection's values for these. Where a browser is sent back, the shape is what
// the callback has beside the code.
func reshape(l *Lab, f Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	k := keep(w, r, serve)
	if k.status == http.StatusFound {
		k.header.Set("Location", l.recall(k.header.Get("Location"), f.Body))
	}
	if k.status >= http.StatusMultipleChoices {
		k.send(w, k.body.Bytes())
		return
	}
	var doc any
	_ = json.Unmarshal(k.body.Bytes(), &doc)
	writeBody(w, k.status, f.Header, filled(f.Body, l.told(doc, entry(r).Endpoint)))
}

// told is what an answer holds, by the names of shapes.
func (l *Lab) told(doc any, kind string) map[string]any {
	p := abi.Answer{Access: "/access_token", Refresh: "/refresh_token", ExpiresIn: "/expires_in", Scope: "/scope"}
	if s := l.service; s != nil {
		if p = s.m.TokenAnswer(); kind == "refresh" {
			p = s.m.RefreshAnswer()
		}
	}
	out := map[string]any{}
	if s := l.service; s != nil {
		for name, text := range s.values {
			out[name] = text
		}
	}
	l.mu.Lock()
	out["account_id"], out["account_name"] = l.account.ID, l.account.Name
	l.mu.Unlock()
	for name, pointer := range map[string]string{"access_token": p.Access, "refresh_token": p.Refresh, "expires_in": p.ExpiresIn, "scope": p.Scope} {
		if v, ok := abi.At(doc, pointer); ok && strings.HasPrefix(pointer, "/") {
			out[name] = v
		}
	}
	if seconds, ok := out["expires_in"].(float64); ok {
		out["expires_at"] = l.now().Unix() + int64(seconds)
	}
	return out
}

// filled is a body with its places filled. A text that is one place takes its
// value as it is, a number as a number; a member whose value is not there is left
// out.
func filled(v any, told map[string]any) any {
	switch v := v.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "{"); ok {
			if name, ok = strings.CutSuffix(name, "}"); ok && shapes[name] {
				return told[name]
			}
		}
		for name, value := range told {
			v = strings.ReplaceAll(v, "{"+name+"}", fmt.Sprint(value))
		}
		return v
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			if text := filled(e, told); text != nil {
				out[name] = text
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = filled(e, told)
		}
		return out
	}
	return v
}

// shapes are the places that a shape may have.
var shapes = map[string]bool{
	"access_token": true, "refresh_token": true, "expires_in": true, "expires_at": true, "scope": true, "account_id": true, "account_name": true, "hmac": true,
}
