package broker_test

import (
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// What of a manifest counts as another place, seen from outside: whether the
// authorization goes along when its connection moves.
func TestWhatIsAnotherPlace(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*abi.Manifest)
		other  bool
	}{
		"description": {func(m *abi.Manifest) { m.Description = "x" }, false},
		"a scope":     {func(m *abi.Manifest) { m.Scopes = append(m.Scopes, abi.Scope{Name: "more"}) }, false},
		"an answer":   {func(m *abi.Manifest) { m.Test.Answer.Label = "/name" }, false},
		"a host":      {func(m *abi.Manifest) { m.Hosts = []string{"b.test"} }, true},
		"base URL":    {func(m *abi.Manifest) { m.BaseURL += "/v2" }, true},
		"token URL":   {func(m *abi.Manifest) { m.Auth.Token.URL += "2" }, true},
		"authorize":   {func(m *abi.Manifest) { m.Auth.Authorize.URL += "2" }, true},
		"test path":   {func(m *abi.Manifest) { m.Test.Path = "/other" }, true},
		"identity":    {func(m *abi.Manifest) { m.Identity = &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/id"}} }, true},
		"no revoke":   {func(m *abi.Manifest) { m.Revoke = nil }, true},
		"refresh":     {func(m *abi.Manifest) { m.Refresh = &abi.Refresh{Request: abi.Request{URL: m.Auth.Token.URL + "x"}} }, true},
		"a query":     {func(m *abi.Manifest) { m.Auth.In, m.Auth.Name = abi.InQuery, "token" }, true},
		"also":        {func(m *abi.Manifest) { m.Auth.Also = []abi.Placement{{Name: "X-Token", Value: "{access_token}"}} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			w.connect()
			next := w.acme()
			next.Version = "2.0.0"
			c.change(&next)
			w.publish(next)
			m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "2.0.0"})
			if err != nil || len(m.Reauth) > 0 != c.other {
				t.Errorf("marked %v, %v, want %t", m.Reauth, err, c.other)
			}
			_, status := w.pinned("acme_connection")
			if (status == host.Status(host.NeedsReauth)) != c.other {
				t.Errorf("status %s", status)
			}
		})
	}
}
