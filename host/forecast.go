package host

import (
	"fmt"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// An EndCause says why an authorization ends.
type EndCause string

const (
	EndAccess  EndCause = "access_token"  // it ends, and nothing renews it
	EndRefresh EndCause = "refresh_token" // it ends, whatever is done
	EndIdle    EndCause = "idle"          // it ends unless it is used
	EndLost    EndCause = "lost_answer"   // of a refresh: nobody knows which refresh token is good
	EndReauth  EndCause = "needs_reauthorization"
)

// A Forecast says what is known of an authorization's end. The zero Forecast is
// one of which nothing is known to end.
type Forecast struct {
	Ends  time.Time // zero: not known
	Cause EndCause
	Text  string // one sentence for people; empty where there is nothing to tell
}

// Forecast foretells an authorization's end by what its service said of it and
// what the manifest says of the service.
func (a *Authorization) Forecast(m abi.Manifest, now time.Time) Forecast {
	switch {
	case a.State == RevokedState:
		return Forecast{}
	case a.State == NeedsReauth:
		return a.afterAll(now)
	case !a.Lease.Intent.IsZero():
		return a.lost(m, now)
	case !a.Renewable:
		return a.notRenewed(now)
	}
	return a.renewed(m, now)
}

// afterAll is the end of one that has to be authorized anew.
func (a *Authorization) afterAll(now time.Time) Forecast {
	f := Forecast{Ends: a.TokenExpires, Cause: EndReauth}
	switch {
	case a.TokenExpires.IsZero():
		f.Text = "it has ended: " + a.Reason
	case now.Before(a.TokenExpires):
		f.Text = fmt.Sprintf("it ends at %s, when its access token does, unless it is authorized anew: %s", clock(a.TokenExpires), a.Reason)
	default:
		f.Text = fmt.Sprintf("its access token ended at %s: %s", clock(a.TokenExpires), a.Reason)
	}
	return f
}

// lost tells what is known while the answer to a refresh is not. What may
// follow is the broker's to decide; this is the same in words.
func (a *Authorization) lost(m abi.Manifest, now time.Time) Forecast {
	if now.Before(a.Lease.Until) {
		return Forecast{Text: fmt.Sprintf("it is being refreshed since %s", clock(a.Lease.Intent))}
	}
	f := Forecast{Ends: a.TokenExpires, Cause: EndLost}
	said := fmt.Sprintf("the answer to a refresh at %s was lost", clock(a.Lease.Intent))
	grace := a.Lease.Intent.Add(m.Grace())
	switch {
	case !m.Rotates():
		return Forecast{Text: said + "; the service gives the same refresh token again, so it is sent once more"}
	case now.Before(grace):
		f.Text = fmt.Sprintf("%s; the service takes the same refresh token until %s, so it is sent once more", said, clock(grace))
	case a.Unknown:
		f.Text = said + ", and that was the last try: it needs authorizing when the access token is dead"
	case (m.Introspect != nil || a.Endpoints.Introspect != "") && !a.TokenExpires.IsZero() && now.Before(a.TokenExpires):
		f.Text = fmt.Sprintf("%s; the access token lives until %s, and the service is asked whether the refresh token is still good", said, clock(a.TokenExpires))
	case a.TokenExpires.IsZero():
		f.Text = said + "; the access token is used as long as the service takes it; then one last try is made"
	case now.Before(a.TokenExpires):
		f.Text = fmt.Sprintf("%s; the access token lives until %s; then one last try is made", said, clock(a.TokenExpires))
	case m.Introspect != nil || a.Endpoints.Introspect != "":
		f.Text = said + "; the service is asked whether the refresh token is still good"
	default:
		f.Text = fmt.Sprintf("%s; the access token ended at %s; one last try is made when it is used", said, clock(a.TokenExpires))
	}
	return f
}

// notRenewed is the end of one that lives as long as its access token.
func (a *Authorization) notRenewed(now time.Time) Forecast {
	switch {
	case a.TokenExpires.IsZero():
		return Forecast{}
	case now.Before(a.TokenExpires):
		return Forecast{a.TokenExpires, EndAccess, fmt.Sprintf("it ends at %s, when its access token does: that cannot be renewed", clock(a.TokenExpires))}
	}
	return Forecast{a.TokenExpires, EndAccess, fmt.Sprintf("it ended at %s with its access token, which cannot be renewed", clock(a.TokenExpires))}
}

// renewed is the end of one that is renewed: the earlier of the refresh token's
// own end and of the end that use puts off.
func (a *Authorization) renewed(m abi.Manifest, now time.Time) Forecast {
	unused, fixed := a.RefreshExpires, time.Time{}
	if !a.Slides {
		unused, fixed = time.Time{}, a.RefreshExpires
	}
	if idle := m.Idle(); idle > 0 && !m.Mints() {
		if end := a.RefreshedAt.Add(idle); unused.IsZero() || end.Before(unused) {
			unused = end
		}
	}
	switch {
	case unused.IsZero() && fixed.IsZero():
		return Forecast{Text: "no end is known: its access token is renewed"}
	case unused.IsZero() || !fixed.IsZero() && !fixed.After(unused):
		return Forecast{fixed, EndRefresh, fmt.Sprintf("%s at %s with its refresh token", ends(fixed, now), clock(fixed))}
	}
	f := Forecast{unused, EndIdle, fmt.Sprintf("it ends at %s if it is not used until then", clock(unused))}
	if !now.Before(unused) {
		f.Text = fmt.Sprintf("it was not used until %s, so its refresh token should be dead", clock(unused))
	} else if !fixed.IsZero() {
		f.Text += fmt.Sprintf(", and at %s in any case", clock(fixed))
	}
	return f
}

func ends(at, now time.Time) string {
	if now.Before(at) {
		return "it ends"
	}
	return "it ended"
}

// clock is a time in a sentence.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }
