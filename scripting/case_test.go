package scripting_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/fixture"
	"github.com/connhost/connhost/scripting/syntax"
)

var rewrite = flag.Bool("update", false, "rewrite the wanted parts of testdata/*.txtar")

// A service answers in turn what a case says, over real HTTP, and notes what
// arrived.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	answers []string
	seen    []string
}

func newService(t *testing.T, answers string) *service {
	s := &service{}
	for line := range strings.Lines(answers) {
		s.answers = append(s.answers, strings.TrimSuffix(line, "\n"))
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

// answer gives the next line: STATUS TYPE BODY, or drop.
func (s *service) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kind := r.Header.Get("Content-Type")
	text := string(body)
	if media, rest, ok := strings.Cut(kind, "; boundary="); ok {
		kind, text = media, strings.ReplaceAll(text, rest, "BOUNDARY")
	}
	note := r.Method + " " + r.URL.RequestURI()
	for _, name := range []string{"X-Test", "X-Json", "X-Connection"} {
		if v := r.Header.Get(name); v != "" {
			note += "\n  " + name + ": " + v
		}
	}
	if kind != "" {
		note += "\n  " + kind
	}
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		note += "\n  | " + strings.TrimSuffix(line, "\n")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, note)
	if len(s.answers) == 0 {
		http.Error(w, "no answer is left", http.StatusTeapot)
		return
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if next == "drop" {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
		return
	}
	var status int
	var media string
	_, _ = fmt.Sscan(next, &status, &media)
	parts := strings.SplitN(next, " ", 3)
	w.Header()["Date"] = nil
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	if len(parts) == 3 {
		_, _ = io.WriteString(w, strings.NewReplacer(`\x00`, "\x00", `\xff`, "\xff", `\n`, "\n").Replace(parts[2]))
	}
}

// Invoke makes the script's calls; a path is one of the service.
func (s *service) Invoke(ctx context.Context, r scripting.Request) (*http.Response, error) {
	var body io.Reader
	if r.Body != nil {
		b, err := r.Body()
		if err != nil {
			return nil, err
		}
		defer b.Close()
		body = b
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, s.URL+r.URL, body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = r.ContentLength
	if r.Body == nil {
		req.ContentLength = 0
	}
	req.Header = r.Header.Clone()
	if r.Connection != "" {
		req.Header.Set("X-Connection", r.Connection)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return nil, errors.New("the service did not answer")
	}
	return resp, nil
}

// actions do the named actions of some services by requests to one.
type actions struct {
	*service
	names []string
}

func (a actions) Act(ctx context.Context, call scripting.ActionCall) (*http.Response, error) {
	if !slices.Contains(a.names, call.Service) {
		return nil, &scripting.Missing{Kind: "function", Name: call.Service + "." + call.Action}
	}
	return a.Invoke(ctx, scripting.Request{
		Connection: call.Connection, Method: http.MethodPost, URL: "/" + call.Service + "/" + call.Action,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(call.Parameters)),
		Body: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(call.Parameters)), nil },
	})
}

// A case is one behaviour of the language: a sentence, a script, and what it
// gives.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file) })
	}
}

func runCase(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, f := range a.Files {
		given[f.Name] = string(f.Data)
	}
	if len(a.Comment) == 0 {
		t.Error("the case does not say what it shows")
	}
	got := outcomeOf(t, given)
	var files []txtar.File
	for _, f := range a.Files {
		if !slices.Contains(outcomes, f.Name) {
			files = append(files, f)
		}
	}
	for _, name := range outcomes {
		if got[name] == given[name] {
			continue
		}
		if !*rewrite {
			t.Errorf("%s:\n got:\n%s\nwant:\n%s", name, got[name], given[name])
		}
	}
	if *rewrite {
		for _, name := range outcomes {
			if got[name] != "" {
				files = append(files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(file, txtar.Format(&txtar.Archive{Comment: a.Comment, Files: files}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var outcomes = []string{"diagnostics", "requests", "client", "mails", "page", "info", "want", "want-error"}

// A mailer tells of every mail; one to nobody@refused.test it refuses.
type mailer func(text string)

func (tell mailer) Send(_ context.Context, m scripting.Mail) error {
	var b strings.Builder
	fmt.Fprintf(&b, "from %s\n", m.From)
	for _, l := range []struct {
		name string
		to   []string
	}{{"to", m.To}, {"cc", m.CC}, {"bcc", m.BCC}, {"reply to", m.ReplyTo}} {
		if len(l.to) > 0 {
			fmt.Fprintf(&b, "  %s %s\n", l.name, strings.Join(l.to, " / "))
		}
	}
	fmt.Fprintf(&b, "  subject %s\n  html %v\n  | %s\n", m.Subject, m.HTML, m.Message)
	for _, a := range m.Attachments {
		r, err := a.Open()
		if err != nil {
			return err
		}
		text, _ := io.ReadAll(r)
		fmt.Fprintf(&b, "  attached %s %s %s\n", a.Name, a.Type, text)
	}
	tell(b.String())
	if slices.Contains(m.To, "nobody@refused.test") {
		return errors.New("the mail server refuses nobody@refused.test")
	}
	return nil
}

// libraryOf is a library of the files of a case under lib/; nil without any.
func libraryOf(given map[string]string) *scripting.Library {
	var files []scripting.Source
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if strings.HasPrefix(name, "lib/") {
			files = append(files, scripting.Source{Name: name, Text: given[name]})
		}
	}
	if files == nil {
		return nil
	}
	return scripting.NewLibrary(files, scripting.Options{})
}

// worldOf is what a case puts around its script: globals as JSON, the answers
// of tasks and the records of forms as YAML.
func worldOf(t *testing.T, given map[string]string) scripting.Env {
	env := scripting.Env{}
	if given["globals"] != "" {
		globals, err := scripting.ParseArgs(given["globals"])
		if err != nil {
			t.Fatal(err)
		}
		env.Globals = globals
	}
	if given["tasks"] != "" {
		tasks, err := fixture.NewTasks("tasks", []byte(given["tasks"]))
		if err != nil {
			t.Fatal(err)
		}
		env.Tasks = tasks
	}
	if given["forms"] != "" {
		forms := fixture.NewForms()
		if err := forms.Read("forms", "", []byte(given["forms"])); err != nil {
			t.Fatal(err)
		}
		env.Forms = forms
	}
	return env
}

// outcomeOf compiles and runs a case.
func outcomeOf(t *testing.T, given map[string]string) map[string]string {
	got := map[string]string{}
	src := scripting.Source{Name: "case.dg", Text: given["script"]}
	opts := scripting.Options{Limits: scripting.Limits{Steps: 1_000_000}, Library: libraryOf(given)}
	opts.Dialect = syntax.Dialect(strings.TrimSpace(given["dialect"]))
	env := worldOf(t, given)
	env.JSONBodies = strings.Contains(given["options"], "json-bodies")
	opts.Globals = slices.Collect(maps.Keys(env.Globals))
	if strings.Contains(given["options"], "services known") {
		opts.Service = func(name string) bool { return slices.Contains(strings.Fields(given["services"]), name) }
	}
	p, found := scripting.Compile(src, opts)
	for _, d := range found {
		shown := src
		if other, ok := opts.Library.Source(d.File); ok {
			shown = other
		}
		got["diagnostics"] += scripting.Render(shown, d)
	}
	if p == nil {
		return got
	}
	s := newService(t, given["responses"])
	env.Invoker, env.Function = s, strings.TrimSpace(given["function"])
	if given["services"] != "" {
		env.Actions = actions{s, strings.Fields(given["services"])}
	}
	env.Info = func(line string) { got["info"] += line + "\n" }
	if !strings.Contains(given["options"], "no mailer") {
		env.Mailer = mailer(func(line string) { got["mails"] += line })
	}
	env.Page = func(text string) { got["page"] += text }
	env.Client = func(c scripting.ClientTask) {
		line := c.Task
		if len(c.Fields) > 0 {
			line += " [" + strings.Join(c.Fields, ", ") + "]"
		}
		got["client"] += strings.TrimSuffix(line+" "+strings.Join(c.Args, " | "), " ") + "\n"
	}
	env.Now = func() time.Time { return time.Date(2026, 3, 15, 12, 30, 45, 0, time.UTC) }
	if given["args"] != "" {
		args, err := scripting.ParseArgs(given["args"])
		if err != nil {
			t.Fatal(err)
		}
		env.Args = args
	}
	r, err := p.Run(t.Context(), env)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, note := range s.seen {
		got["requests"] += note + "\n"
	}
	if e, ok := errors.AsType[*scripting.Error](err); ok {
		got["want-error"] = e.Render()
	} else if err != nil {
		t.Errorf("an error that is not ours: %v", err)
	} else if r.Value != nil {
		got["want"] = r.Text + "\n"
	}
	return got
}
