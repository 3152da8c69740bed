package lab

import (
	"fmt"
	"net/http"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// limit refuses with 429 and says when to come again: where the fault or the
// manifest says, else in Retry-After.
func limit(l *Lab, f Fault, w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	outcome(r, "rate_limited")
	at := f.At
	if s := l.service; at == "" && s != nil && s.m.Retry != nil {
		at = s.m.Retry.After
	}
	if at == "" {
		at = "header:/Retry-After"
	}
	value := whenAgain(f, l.now())
	doc := any(map[string]any{"error": "rate_limited"})
	if name, header := abi.HeaderPointer(at); header {
		w.Header().Set(name, fmt.Sprint(value))
	} else {
		doc = set(doc, at, value)
	}
	writeJSON(w, http.StatusTooManyRequests, doc)
}

// whenAgain is a pause as services write it.
func whenAgain(f Fault, now time.Time) any {
	switch f.Form {
	case "date":
		return now.Add(f.after + time.Second - 1).UTC().Format(http.TimeFormat)
	case "epoch":
		return now.Add(f.after + time.Second - 1).Unix()
	case "text":
		return f.after.String()
	}
	return int((f.after + time.Second - 1) / time.Second)
}
