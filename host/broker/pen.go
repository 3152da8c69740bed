package broker

import (
	"net/http"

	"github.com/connhost/connhost/host"
)

// A pen is what calls are signed with: an authorization as it stands, its
// secrets, and what follows from them, worked out once for all the calls.
// Nobody changes it: a refresh gives another one.
type pen struct {
	authorization *host.Authorization
	secrets       host.Secrets
	credential    host.Credential
	put           func(*http.Request) error // the credential, on a request; nil where it is another for each
	refreshed     bool                      // by the flight that it was got for
}

func newPen(r *route, a *host.Authorization, s host.Secrets) *pen {
	p := &pen{authorization: a, secrets: s, credential: r.credential(s)}
	if binder, ok := r.signer.(host.Binder); ok {
		p.put = binder.Bind(p.credential)
	}
	return p
}

// refreshedPen is the pen of what a refresh left behind.
func refreshedPen(r *route, f fresh) *pen {
	r.redactor.LearnSecret(f.secrets.Access, f.secrets.Refresh)
	p := newPen(r, &f.authorization, f.secrets)
	p.refreshed = f.refreshed
	return p
}
