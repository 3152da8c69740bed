package cassette_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
)

// A service answers every call with what it was called.
type service struct{ status []int }

func (s *service) Do(_ context.Context, call host.Call) (*http.Response, error) {
	status := s.status[0]
	s.status = s.status[1:]
	if status == 0 {
		return nil, errors.New("nobody is there")
	}
	body := ""
	if call.Body != nil {
		in, _ := call.Body()
		text, _ := io.ReadAll(in)
		body = string(text)
	}
	return answer(status, "text/plain", call.Method+" "+call.URL.Path+" "+body), nil
}

func call(t *testing.T, method, path, body string) host.Call {
	t.Helper()
	u, err := url.Parse("https://api.acme.test" + path)
	if err != nil {
		t.Fatal(err)
	}
	c := host.Call{Method: method, URL: u, Header: http.Header{}, Redactor: host.NewRedactor(nil)}
	if body != "" {
		c.SetBody([]byte(body))
	}
	return c
}

// What goes through a Recorder comes back from a Player, a refusal that is
// cured included.
func TestRecorderAndPlayer(t *testing.T) {
	tape := cassette.NewTape(nil)
	out := cassette.Recorder{Next: &service{status: []int{401, 200, 0}}, Tape: tape}
	ctx := context.Background()
	order := call(t, "POST", "/orders", "tea")
	for _, want := range []int{401, 200} {
		got, err := out.Do(ctx, order)
		if s := text(t, got, err); got.StatusCode != want || s != "POST /orders tea" {
			t.Errorf("got %d %s", got.StatusCode, s)
		}
	}
	token := order
	token.Redactor = nil
	out.Next = &service{status: []int{200, 0}}
	if got, err := out.Do(ctx, token); err != nil || text(t, got, err) == "" {
		t.Error(err)
	}
	if _, err := out.Do(ctx, order); err == nil || len(tape.Cassette().Exchanges) != 2 {
		t.Errorf("a call without an answer: %v, %d exchanges", err, len(tape.Cassette().Exchanges))
	}

	player := cassette.Player{Tape: cassette.Load(tape.Cassette(), nil)}
	wrote, asked := false, 0
	order.Wrote = &wrote
	order.Challenge = func(context.Context, *http.Response) (bool, error) { asked++; return true, nil }
	got, err := player.Do(ctx, order)
	if s := text(t, got, err); got.StatusCode != 200 || s != "POST /orders tea" || asked != 1 || !wrote {
		t.Errorf("got %d %s, asked %d times", got.StatusCode, s, asked)
	}
	if _, err := player.Do(ctx, call(t, "GET", "/orders", "")); err == nil || !strings.Contains(err.Error(), "no answer to GET https://api.acme.test/orders") {
		t.Errorf("got %v", err)
	}
}
