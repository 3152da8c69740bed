package broker

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// judged is an answer as the connector reads it: through its hook, and then by
// the manifest, which may find an error in an answer that says that all is well.
// From 400 on the status says what the caller has to know.
func (b *Broker) judged(ctx context.Context, r *route, got sent, where *abi.Answer) (*http.Response, error) {
	resp := got.response
	if r.responds {
		var err error
		if resp, err = b.respond(ctx, r, got); err != nil {
			return nil, err
		}
	}
	if where == nil || where.Error == "" || resp.StatusCode >= 400 {
		return resp, nil
	}
	_, body, err := guestResponse(resp)
	if err != nil {
		return nil, err
	}
	if told := r.refusal(where, body); told != "" {
		return nil, host.Errorf(host.Failed, "%s answered: %s", r.connector.Manifest.Name, told)
	}
	reopen(resp, body)
	return resp, nil
}

// refusal is what a service says where its manifest looks for an error, as
// people are shown it; empty where it says nothing.
func (r *route) refusal(where *abi.Answer, body []byte) string {
	if where == nil || where.Error == "" {
		return ""
	}
	v, _ := abi.At(documentOf(body), where.Error)
	return short(oneLine(r.redactor.Text(errorText(v))))
}

// errorText is the text of an error, JSON for one that is more than a text, and
// nothing for what says that there is none: services send "error": null, false,
// 0, "" or an empty list when all is well.
func errorText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		if f, err := v.Float64(); err == nil && f == 0 {
			return ""
		}
		return v.String()
	case []any:
		if len(v) == 0 {
			return ""
		}
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
	case bool:
		if !v {
			return ""
		}
	case nil:
		return ""
	}
	text, _ := json.Marshal(v) // it was JSON
	return string(text)
}

// maxTold is how many characters of a service's sentence are shown.
const maxTold = 300

func short(text string) string {
	if list := []rune(text); len(list) > maxTold {
		return string(list[:maxTold]) + "..."
	}
	return text
}
