package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A kept answer is one that was made and not sent.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }
func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}
func (k *kept) Write(p []byte) (int, error) { k.WriteHeader(http.StatusOK); return k.body.Write(p) }

// keep lets the service do its work and keeps the answer.
func keep(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) *kept {
	k := &kept{header: w.Header()}
	serve(k, r)
	k.WriteHeader(http.StatusOK)
	return k
}

// send sends a kept answer with another body.
func (k *kept) send(w http.ResponseWriter, body []byte) {
	w.WriteHeader(k.status)
	_, _ = w.Write(body)
}

// loseRequest breaks the connection off and does nothing.
func loseRequest(_ *Lab, _ Fault, _ http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, "lost")
	panic(http.ErrAbortHandler)
}

// loseAnswer does the work and breaks the connection off.
func loseAnswer(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	keep(w, r, serve)
	panic(http.ErrAbortHandler)
}

// answerLate waits before it answers.
func answerLate(_ *Lab, f Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	t := time.NewTimer(f.after)
	defer t.Stop()
	select {
	case <-t.C:
		serve(w, r)
	case <-r.Context().Done():
	}
}

// skewClock moves the service's clock for one request: what it says and what it
// judges by.
func skewClock(l *Lab, f Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	entry(r).skew = f.after
	w.Header().Set("Date", l.now().Add(f.after).UTC().Format(http.TimeFormat))
	serve(w, r)
}

// answerStatus refuses without doing anything.
func answerStatus(_ *Lab, f Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, fmt.Sprintf("status %d", f.Status))
	writeJSON(w, f.Status, map[string]string{"error": "server_error"})
}

// answerError names an error with status 200, where the manifest looks for one.
func answerError(l *Lab, f Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, f.Code)
	at := "/error"
	if s := l.service; s != nil {
		at = s.errorAt(s.endpointOf(entry(r).Endpoint))
	}
	writeJSON(w, http.StatusOK, set(map[string]any{}, at, f.Code))
}

// answerAs answers what the fault says.
func answerAs(_ *Lab, f Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, "canned")
	writeBody(w, f.Status, f.Header, f.Body)
}

// writeBody writes a text as it is, and anything else as JSON.
func writeBody(w http.ResponseWriter, status int, header map[string]string, body any) {
	text, plain := body.(string)
	if !plain && body != nil {
		w.Header().Set("Content-Type", "application/json")
		made, _ := json.Marshal(body)
		text = string(made)
	}
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// nest puts the whole answer below a member "data".
func nest(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	k := keep(w, r, serve)
	k.send(w, []byte(`{"data":`+strings.TrimSpace(k.body.String())+`}`))
}

// truncate ends the answer in its middle, as if that were all.
func truncate(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	k := keep(w, r, serve)
	k.send(w, k.body.Bytes()[:k.body.Len()/2])
}

// confuse makes every text of the answer an object, and every number and word a
// list.
func confuse(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	k := keep(w, r, serve)
	var doc any
	if json.Unmarshal(k.body.Bytes(), &doc) != nil {
		k.send(w, k.body.Bytes())
		return
	}
	body, _ := json.Marshal(confused(doc))
	k.send(w, body)
}

func confused(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			v[name] = confused(e)
		}
		return v
	case []any:
		return map[string]any{"list": len(v)}
	case string:
		return map[string]any{"text": len(v)}
	}
	return []any{v}
}

// hugeSize is more than any token answer or account may have.
const hugeSize = 2 << 20

// answerHuge answers with JSON of 2 MiB.
func answerHuge(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, "huge")
	writeJSON(w, http.StatusOK, map[string]string{"filler": strings.Repeat("lab ", hugeSize/4)})
}

// answerPage answers as something that stands before the service: a page, with
// status 200.
func answerPage(_ *Lab, _ Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, "page")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!doctype html><title>Back soon</title><p>We are looking after our machines.</p>")
}
