package scripting_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/fixture"
	"github.com/connhost/connhost/scripting/value"
)

// Every deluge block of SPEC.md and GUIDE.md prints what the text block below
// it says. The world around them is small: forms without records, an empty
// input, and a service that answers what it was sent.
func TestSpec(t *testing.T) {
	for name, least := range map[string]int{"SPEC.md": 7, "GUIDE.md": 8} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Split(string(page), "```deluge\n")[1:]
		if len(blocks) < least {
			t.Fatalf("%s has %d blocks", name, len(blocks))
		}
		for _, block := range blocks {
			script, rest, _ := strings.Cut(block, "```\n")
			want, _, ok := strings.Cut(strings.TrimPrefix(rest, "```text\n"), "```")
			if !ok {
				t.Fatalf("%s: no text block below:\n%s", name, script)
			}
			if got := printed(t, script); got != want {
				t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", name, script, got, want)
			}
		}
	}
}

// printed is what a script of a page prints, and the error that ends it.
func printed(t *testing.T, script string) string {
	got := ""
	tell := func(format string, args ...any) { got += fmt.Sprintf(format, args...) + "\n" }
	p := compile(t, script, scripting.Limits{})
	_, err := p.Run(t.Context(), scripting.Env{
		Info:    func(line string) { tell("%s", line) },
		Now:     oracleNow,
		Forms:   fixture.NewForms(),
		Globals: map[string]any{"input": value.NewMap(), "zoho": scripting.MapOf(map[string]any{"loginuserid": "ada@example.test"}, []string{"loginuserid"})},
		Invoker: echo{},
		Mailer:  letters(tell),
		Client: func(c scripting.ClientTask) {
			tell("page: %s", strings.Join(append(append([]string{c.Task}, c.Fields...), c.Args...), " "))
		},
	})
	if e, ok := errors.AsType[*scripting.Error](err); ok {
		got += e.Render()
	}
	return got
}

// letters tells of every mail in a line.
type letters func(format string, args ...any)

func (tell letters) Send(_ context.Context, m scripting.Mail) error {
	with := ""
	for _, a := range m.Attachments {
		with += ", with " + a.Name
	}
	tell("mail to %s: %s%s", strings.Join(m.To, ", "), m.Subject, with)
	return nil
}

// An echo answers a call with what it was.
type echo struct{}

func (echo) Invoke(_ context.Context, r scripting.Request) (*http.Response, error) {
	if r.URL == "/hang-up" {
		return nil, errors.New("the service did not answer")
	}
	sent := struct {
		Method     string `json:"method"`
		URL        string `json:"url"`
		Connection string `json:"connection,omitempty"`
		Type       string `json:"type,omitempty"`
		Body       string `json:"body,omitempty"`
	}{r.Method, r.URL, r.Connection, r.Header.Get("Content-Type"), ""}
	if r.Body != nil {
		body, err := r.Body()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		sent.Body = string(text)
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(sent); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(strings.TrimSpace(out.String()))),
	}, nil
}
