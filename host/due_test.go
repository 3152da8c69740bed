package host_test

import (
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// renewing is an OAuth 2 service with these rules.
func renewing(r abi.Refresh) abi.Manifest {
	return abi.Manifest{Auth: abi.Auth{Type: abi.AuthOAuth2}, Refresh: &r}
}

func TestNextDue(t *testing.T) {
	const hour, day = time.Hour, 24 * time.Hour
	forClient := renewing(abi.Refresh{Idle: 3600})
	forClient.Auth.Grant = abi.GrantClient
	for name, c := range map[string]struct {
		a    host.Authorization // got at noon
		m    abi.Manifest
		want time.Duration // after noon; 0: never
	}{
		"cannot be renewed":             {host.Authorization{TokenExpires: noon.Add(hour)}, renewing(abi.Refresh{}), 0},
		"nothing ends":                  {host.Authorization{Renewable: true}, renewing(abi.Refresh{}), 0},
		"before the access token ends":  {host.Authorization{Renewable: true, TokenExpires: noon.Add(hour)}, abi.Manifest{}, hour - 30*time.Second},
		"by the manifest's margin":      {host.Authorization{Renewable: true, TokenExpires: noon.Add(hour)}, renewing(abi.Refresh{Margin: 600}), hour - 10*time.Minute},
		"in its last quarter":           {host.Authorization{Renewable: true, TokenExpires: noon.Add(4 * time.Second)}, abi.Manifest{}, 3 * time.Second},
		"before it is idle":             {host.Authorization{Renewable: true}, renewing(abi.Refresh{Idle: 4 * 86400}), 3 * day},
		"the earlier is idle":           {host.Authorization{Renewable: true, TokenExpires: noon.Add(day)}, renewing(abi.Refresh{Idle: 4 * 3600}), 3 * hour},
		"the earlier is access":         {host.Authorization{Renewable: true, TokenExpires: noon.Add(hour)}, renewing(abi.Refresh{Idle: 4 * 86400}), hour - 30*time.Second},
		"a client has no refresh token": {host.Authorization{Renewable: true}, forClient, 0},
		"an end that nothing moves":     {host.Authorization{Renewable: true, RefreshExpires: noon.Add(day)}, renewing(abi.Refresh{}), 0},
		"an end that a renewal moves":   {host.Authorization{Renewable: true, Slides: true, RefreshExpires: noon.Add(4 * day)}, renewing(abi.Refresh{}), 3 * day},
	} {
		c.a.RefreshedAt = noon
		want := time.Time{}
		if c.want > 0 {
			want = noon.Add(c.want)
		}
		if got := c.a.NextDue(c.m); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// An end that a renewal moves, and one that it does not.
func TestGot(t *testing.T) {
	const day = 24 * time.Hour
	var a host.Authorization
	for i, c := range []struct {
		at, says time.Duration // after noon; says 0: nothing
		end      time.Duration
		slides   bool
	}{
		{0, 0, 0, false},
		{0, 90 * day, 90 * day, true}, // not known yet
		{day, 91 * day, 91 * day, true},
		{2 * day, 0, 91 * day, true},
		{3 * day, 91*day + time.Second, 91*day + time.Second, false}, // rounded, and it stands
		{4 * day, 0, 91*day + time.Second, false},
		{5 * day, 95 * day, 95 * day, true},
	} {
		says := time.Time{}
		if c.says > 0 {
			says = noon.Add(c.says)
		}
		a.Got(says, noon.Add(c.at))
		if c.end > 0 && !a.RefreshExpires.Equal(noon.Add(c.end)) || c.end == 0 && !a.RefreshExpires.IsZero() || a.Slides != c.slides || !a.RefreshedAt.Equal(noon.Add(c.at)) {
			t.Errorf("step %d: ends %v, slides %t", i, a.RefreshExpires, a.Slides)
		}
	}
}

// Who looks ten minutes ahead again and again does not renew a token that lives
// for a minute each time.
func TestDueWithin(t *testing.T) {
	a := host.Authorization{RefreshedAt: noon, Due: noon.Add(time.Minute)}
	long := host.Authorization{RefreshedAt: noon, Due: noon.Add(time.Hour)}
	for _, c := range []struct {
		a     host.Authorization
		ahead time.Duration
		at    time.Duration
		want  bool
	}{
		{a, 0, 59 * time.Second, false}, {a, 0, time.Minute, true}, {a, 10 * time.Minute, 44 * time.Second, false}, {a, 10 * time.Minute, 45 * time.Second, true},
		{a, -time.Hour, time.Minute, true},
		{long, 10 * time.Minute, 49 * time.Minute, false}, {long, 10 * time.Minute, 50 * time.Minute, true},
		{host.Authorization{}, time.Hour, 0, false},
	} {
		if got := c.a.DueWithin(c.ahead, noon.Add(c.at)); got != c.want {
			t.Errorf("due at %v, %s ahead, after %s: %t", c.a.Due, c.ahead, c.at, got)
		}
	}
}
