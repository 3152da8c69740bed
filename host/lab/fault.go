package lab

import (
	"cmp"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

// A Fault is something that goes wrong with some requests.
type Fault struct {
	Fault string `yaml:"fault" json:"fault"` // what: one of Faults

	On     string `yaml:"on" json:"on"`         // the endpoint: token, refresh, test, action, action:NAME, ..., or call, which is any but those of a log-in; any unless given
	Method string `yaml:"method" json:"method"` // any unless given
	Path   string `yaml:"path" json:"path"`     // whole or below base_url, * stands for a part of a segment; any unless given
	Nth    int    `yaml:"nth" json:"nth"`       // the first of those requests that is hit; 1 unless given
	Times  int    `yaml:"times" json:"times"`   // how many are hit from there on; 1 unless given, -1 for all

	Status int               `yaml:"status" json:"status"` // of status and answer
	Code   string            `yaml:"code" json:"code"`     // of error
	After  string            `yaml:"after" json:"after"`   // of slow, limit and skew: a duration
	Form   string            `yaml:"form" json:"form"`     // of limit: seconds, date, epoch, text
	At     string            `yaml:"at" json:"at"`         // of limit: a pointer into the answer, or header:/NAME
	Header map[string]string `yaml:"header" json:"header"` // of answer
	Body   any               `yaml:"body" json:"body"`     // of answer and shape: a text, or what becomes JSON

	after time.Duration
	seen  int
}

// A play makes a fault happen to one request.
type play func(l *Lab, f Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc)

// plays are the faults that there are.
var plays = map[string]play{
	"lost_request": loseRequest,
	"lost_answer":  loseAnswer,
	"slow":         answerLate,
	"limit":        limit,
	"status":       answerStatus,
	"error":        answerError,
	"answer":       answerAs,
	shapeFault:     reshape,
	"skew":         skewClock,
	"expired": func(l *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
		l.Expire()
		serve(w, r)
	},
	"ended": func(l *Lab, _ Fault, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
		l.EndAll()
		serve(w, r)
	},
	"nested":    nest,
	"truncated": truncate,
	"types":     confuse,
	"huge":      answerHuge,
	"html":      answerPage,
}

const shapeFault = "shape"

// SetFaults takes the place of all faults that were set before. Their requests
// are counted from now on.
func (l *Lab) SetFaults(list []Fault) error {
	var own []*Fault
	for i, f := range slices.Concat(list, l.always) {
		if err := f.check(l.kinds()); err != nil {
			return host.Errorf(host.Usage, "fault %d: %s", i+1, err.Msg).WithHint("%s", err.Hint)
		}
		own = append(own, &f)
	}
	l.mu.Lock()
	l.faults = own
	l.mu.Unlock()
	return nil
}

// Faults are the names of all that can go wrong.
func Faults() []string { return slices.Sorted(maps.Keys(plays)) }

// kinds are the endpoints that a fault may name.
func (l *Lab) kinds() []string {
	if l.service == nil {
		return []string{"authorize", "token", "refresh", "revoke", "call"}
	}
	list := []string{"call"}
	for _, e := range l.service.endpoints {
		names := []string{e.kind}
		if e.api != nil && e.api.action != nil {
			names = []string{"action", e.kind}
		}
		for _, name := range names {
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// check fills in what is not given and says what means nothing.
func (f *Fault) check(kinds []string) *host.Error {
	if plays[f.Fault] == nil {
		return host.Errorf(host.Usage, "there is no fault named %q", f.Fault).WithHint("there are: %s", strings.Join(Faults(), ", "))
	}
	if f.On != "" && !slices.Contains(kinds, f.On) {
		return host.Errorf(host.Usage, "the service has no endpoint named %q", f.On).WithHint("it has: %s", strings.Join(kinds, ", "))
	}
	if _, err := path.Match(f.Path, ""); err != nil {
		return host.Errorf(host.Usage, "%q is no pattern of a path", f.Path).WithHint("write it as in /items/*")
	}
	if f.Nth < 0 || f.Times < -1 {
		return host.Errorf(host.Usage, "nth and times are counts").WithHint("times: -1 hits every request from the nth on")
	}
	usual := map[string]string{"slow": "2s", "limit": "1s", "skew": "-10m"}[f.Fault]
	var err error
	if f.after, err = time.ParseDuration(cmp.Or(f.After, usual, "0s")); err != nil || f.Fault != "skew" && f.after < 0 {
		return host.Errorf(host.Usage, "%q is not a duration", f.After).WithHint("write it as in 500ms or 2m")
	}
	if f.Status = cmp.Or(f.Status, map[string]int{"status": 503, "answer": 200}[f.Fault]); f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return host.Errorf(host.Usage, "%d is not the status of an answer", f.Status).WithHint("write 200 to 599")
	}
	if !slices.Contains([]string{"", "seconds", "date", "epoch", "text"}, f.Form) {
		return host.Errorf(host.Usage, "there is no form %q of a time to come again", f.Form).WithHint("there are: seconds, date, epoch, text")
	}
	if _, object := f.Body.(map[string]any); f.Fault == shapeFault && (f.On == "authorize" || f.On == "consent") && !object {
		return host.Errorf(host.Usage, "the shape of a callback is an object of its parameters").WithHint("write it as in {shop: tea}")
	}
	f.Code = cmp.Or(f.Code, "invalid_grant")
	return nil
}

func (l *Lab) faulty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.faults) > 0
}

// strike is what goes wrong with a request, and the shape of its answer; nil for
// nothing. A shape is how the service answers when all is well, so it stands
// below whatever goes wrong. Every fault counts the requests that it is for, also
// those that another one hits.
func (l *Lab) strike(kinds []string, r *http.Request) (wrong, shape *Fault) {
	if len(kinds) == 0 { // the lab's own pages
		return nil, nil
	}
	below := l.belowBase(r.URL.Path)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.faults {
		if !f.meant(kinds, r, below) {
			continue
		}
		f.seen++
		from, times := max(f.Nth, 1), f.Times
		if times == 0 {
			times = 1
		}
		hit := &wrong
		if f.Fault == shapeFault {
			hit = &shape
		}
		if *hit == nil && f.seen >= from && (times < 0 || f.seen < from+times) {
			copied := *f
			*hit = &copied
		}
	}
	return wrong, shape
}

// played is the answer of a request with what strikes it.
func (l *Lab) played(kinds []string, r *http.Request, serve http.HandlerFunc) http.HandlerFunc {
	wrong, shape := l.strike(kinds, r)
	for _, f := range []*Fault{shape, wrong} {
		if f == nil {
			continue
		}
		next := serve
		serve = func(w http.ResponseWriter, r *http.Request) { plays[f.Fault](l, *f, w, r, next) }
		entry(r).Fault = f.Fault
	}
	return serve
}

// belowBase is what follows base_url in a path: a fault may name it as the
// manifest does.
func (l *Lab) belowBase(path string) string {
	if l.service == nil {
		return path
	}
	_, tail := l.service.locate(l.service.m.BaseURL)
	return strings.TrimPrefix(path, strings.TrimSuffix(l.service.fill(tail), "/"))
}

func (f *Fault) meant(kinds []string, r *http.Request, below string) bool {
	if f.On != "" && !slices.Contains(kinds, f.On) || f.Method != "" && !strings.EqualFold(f.Method, r.Method) {
		return false
	}
	if f.Path == "" {
		return true
	}
	whole, _ := path.Match(f.Path, r.URL.Path)
	part, _ := path.Match(f.Path, below)
	return whole || part
}
