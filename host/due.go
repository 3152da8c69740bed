package host

import (
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// Margin is how long before its expiry the access token is renewed: what the
// manifest says, but no more than a quarter of the token's life. That is no life
// at all when the clock was set while the token was on its way.
func (a *Authorization) Margin(m abi.Manifest) time.Duration {
	return max(0, min(m.Margin(), a.TokenExpires.Sub(a.RefreshedAt)/4))
}

// NextDue is when the authorization should be renewed ahead of time: before
// its access token ends, and while its refresh token still lives. It is zero
// where nothing is known to end, or nothing can be renewed.
//
// The end of a refresh token counts only where a renewal moves it: otherwise
// it comes whatever the host does.
func (a *Authorization) NextDue(m abi.Manifest) time.Time {
	if !a.Renewable {
		return time.Time{}
	}
	var due time.Time
	atLatest := func(t time.Time) {
		if due.IsZero() || t.Before(due) {
			due = t
		}
	}
	if !a.TokenExpires.IsZero() {
		atLatest(a.TokenExpires.Add(-a.Margin(m)))
	}
	if idle := m.Idle(); idle > 0 && !m.Mints() {
		atLatest(a.RefreshedAt.Add(idle / 4 * 3))
	}
	if a.Slides && !a.RefreshExpires.IsZero() {
		atLatest(a.RefreshedAt.Add(a.RefreshExpires.Sub(a.RefreshedAt) / 4 * 3))
	}
	return due
}

// DueWithin reports whether the authorization is due within ahead. An
// authorization that lives shorter than four times ahead is due in the last
// quarter of its time only, so that who asks again and again does not renew it
// again and again.
func (a *Authorization) DueWithin(ahead time.Duration, now time.Time) bool {
	return !a.Due.IsZero() && !now.Before(a.DueFrom(ahead))
}

// DueFrom is the time from which DueWithin holds.
func (a *Authorization) DueFrom(ahead time.Duration) time.Time {
	return a.Due.Add(-max(min(ahead, a.Due.Sub(a.RefreshedAt)/4), 0))
}

// Consented notes the times of the first tokens after a person's consent, from
// which the manifest counts what the answer does not say.
func (a *Authorization) Consented(m abi.Manifest, refreshExpires, now time.Time) {
	a.Got(refreshExpires, now)
	if life := m.Life(); life > 0 && a.RefreshExpires.IsZero() && a.Renewable && !m.Mints() {
		a.RefreshExpires = now.Add(life)
	}
	a.Due = a.NextDue(m)
}

// Got notes what a token answer says of times, except the access token's: when
// it came and when the refresh token ends. An end that comes later after a
// renewal is one that renewals move; of a first one that is not known yet, and
// it is taken to be so until a renewal shows that it is not.
func (a *Authorization) Got(refreshExpires, now time.Time) {
	if !refreshExpires.IsZero() {
		moved := refreshExpires.Sub(a.RefreshExpires)
		a.Slides = a.RefreshExpires.IsZero() || moved > now.Sub(a.RefreshedAt)/2
		a.RefreshExpires = refreshExpires
	}
	a.RefreshedAt = now
}
