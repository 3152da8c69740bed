package host_test

import (
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

func TestForecast(t *testing.T) {
	const day = 24 * time.Hour
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	living := func(change func(*host.Authorization)) host.Authorization {
		a := host.Authorization{State: host.Connected, Renewable: true, RefreshedAt: noon, TokenExpires: at(time.Hour)}
		change(&a)
		return a
	}
	lost := func(change func(*host.Authorization)) host.Authorization {
		a := living(change)
		a.Lease.Intent = at(50 * time.Minute)
		return a
	}
	none := func(*host.Authorization) {}
	none30, forever := renewing(abi.Refresh{Idle: 30 * 86400}), abi.Manifest{}
	for name, c := range map[string]struct {
		a     host.Authorization
		m     abi.Manifest
		now   time.Duration
		ends  time.Duration // 0: not known
		cause host.EndCause
		text  string
	}{
		"a password":               {host.Authorization{State: host.Connected}, forever, 0, 0, "", ""},
		"revoked":                  {living(func(a *host.Authorization) { a.State = host.RevokedState }), none30, 0, 0, "", ""},
		"renewed for ever":         {living(none), forever, 0, 0, "", "no end is known: its access token is renewed"},
		"cannot be renewed":        {living(func(a *host.Authorization) { a.Renewable, a.State = false, host.Expiring }), forever, 0, time.Hour, host.EndAccess, "it ends at 2026-03-01 13:00:00 UTC, when its access token does: that cannot be renewed"},
		"could not be renewed":     {living(func(a *host.Authorization) { a.Renewable = false }), forever, 2 * time.Hour, time.Hour, host.EndAccess, "it ended at 2026-03-01 13:00:00 UTC with its access token, which cannot be renewed"},
		"a fixed end":              {living(func(a *host.Authorization) { a.RefreshExpires = at(10 * day) }), forever, 0, 10 * day, host.EndRefresh, "it ends at 2026-03-11 12:00:00 UTC with its refresh token"},
		"a fixed end that is past": {living(func(a *host.Authorization) { a.RefreshExpires = at(10 * day) }), forever, 11 * day, 10 * day, host.EndRefresh, "it ended at 2026-03-11 12:00:00 UTC with its refresh token"},
		"idle":                     {living(none), none30, 0, 30 * day, host.EndIdle, "it ends at 2026-03-31 12:00:00 UTC if it is not used until then"},
		"idle for too long":        {living(none), none30, 31 * day, 30 * day, host.EndIdle, "it was not used until 2026-03-31 12:00:00 UTC, so its refresh token should be dead"},
		"idle before a fixed end":  {living(func(a *host.Authorization) { a.RefreshExpires = at(60 * day) }), none30, 0, 30 * day, host.EndIdle, "it ends at 2026-03-31 12:00:00 UTC if it is not used until then, and at 2026-04-30 12:00:00 UTC in any case"},
		"a fixed end before idle":  {living(func(a *host.Authorization) { a.RefreshExpires = at(10 * day) }), none30, 0, 10 * day, host.EndRefresh, "it ends at 2026-03-11 12:00:00 UTC with its refresh token"},
		"an end that moves":        {living(func(a *host.Authorization) { a.RefreshExpires, a.Slides = at(10*day), true }), forever, 0, 10 * day, host.EndIdle, "it ends at 2026-03-11 12:00:00 UTC if it is not used until then"},
		"under way":                {lost(func(a *host.Authorization) { a.Lease.Until = at(55 * time.Minute) }), forever, 51 * time.Minute, 0, "", "it is being refreshed since 2026-03-01 12:50:00 UTC"},
		"lost": {lost(none), forever, 52 * time.Minute, time.Hour, host.EndLost,
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost; the access token lives until 2026-03-01 13:00:00 UTC; then one last try is made"},
		"lost, and dead": {lost(none), forever, 2 * time.Hour, time.Hour, host.EndLost,
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost; the access token ended at 2026-03-01 13:00:00 UTC; one last try is made when it is used"},
		"lost, without an end": {lost(func(a *host.Authorization) { a.TokenExpires = time.Time{} }), forever, time.Hour, 0, host.EndLost,
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost; the access token is used as long as the service takes it; then one last try is made"},
		"lost, in the grace window": {lost(none), renewing(abi.Refresh{Grace: 300}), 52 * time.Minute, time.Hour, host.EndLost,
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost; the service takes the same refresh token until 2026-03-01 12:55:00 UTC, so it is sent once more"},
		"lost, without rotation": {lost(none), renewing(abi.Refresh{Rotation: abi.RotationNone}), 52 * time.Minute, 0, "",
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost; the service gives the same refresh token again, so it is sent once more"},
		"lost for the last time": {lost(func(a *host.Authorization) { a.Unknown = true }), forever, 2 * time.Hour, time.Hour, host.EndLost,
			"the answer to a refresh at 2026-03-01 12:50:00 UTC was lost, and that was the last try: it needs authorizing when the access token is dead"},
		"to be authorized": {living(func(a *host.Authorization) { a.State, a.Reason = host.NeedsReauth, "the service refused" }), forever, 0, time.Hour, host.EndReauth,
			"it ends at 2026-03-01 13:00:00 UTC, when its access token does, unless it is authorized anew: the service refused"},
		"to be authorized, dead": {living(func(a *host.Authorization) { a.State, a.Reason = host.NeedsReauth, "the service refused" }), forever, 2 * time.Hour, time.Hour, host.EndReauth,
			"its access token ended at 2026-03-01 13:00:00 UTC: the service refused"},
	} {
		got := c.a.Forecast(c.m, at(c.now))
		want := host.Forecast{Cause: c.cause, Text: c.text}
		if c.ends > 0 {
			want.Ends = at(c.ends)
		}
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
}
