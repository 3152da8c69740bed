package lab

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// An Entry is one request that the lab saw. It never holds a token, a code or
// a query.
type Entry struct {
	Time     time.Time `json:"time"`
	Method   string    `json:"method"`
	Path     string    `json:"path"`               // of an endpoint of a manifest as it stands there
	Endpoint string    `json:"endpoint,omitempty"` // of a manifest: token, refresh, test, action:NAME, call
	Also     []string  `json:"also,omitempty"`     // other endpoints of the manifest that take the same request
	Grant    string    `json:"grant,omitempty"`    // such as grt_1; empty where none was named
	Outcome  string    `json:"outcome"`            // ok, exchanged, refreshed, or what was wrong
	Fault    string    `json:"fault,omitempty"`    // that was played

	skew time.Duration // of the service's clock, for this request
}

const outcomeOK = "ok"

// maxLog is how many entries are kept; the oldest go first.
const maxLog = 10_000

type entryKey struct{}

func withEntry(ctx context.Context, e *Entry) context.Context {
	return context.WithValue(ctx, entryKey{}, e)
}

// entry is the log entry of a request that is being answered.
func entry(r *http.Request) *Entry { return r.Context().Value(entryKey{}).(*Entry) }

func outcome(r *http.Request, text string) { entry(r).Outcome = text }

func (l *Lab) record(e Entry) {
	if e.Path == "/log" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.log) == maxLog {
		l.log = slices.Delete(l.log, 0, maxLog/10)
	}
	l.log = append(l.log, e)
}

// Log is what was seen so far, oldest first, without looks at the log itself.
func (l *Lab) Log() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.log)
}

// Refreshes is how many refresh tokens were exchanged for new ones.
func (l *Lab) Refreshes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refreshes
}

func (l *Lab) showLog(w http.ResponseWriter, _ *http.Request) {
	list := l.Log()
	if list == nil {
		list = []Entry{}
	}
	writeJSON(w, http.StatusOK, list)
}

// short keeps a path that a stranger made up from filling the log.
func short(path string) string { return path[:min(len(path), 200)] }
