package lab

import (
	"html/template"
	"net/http"
	"time"
)

// A device waits for a person elsewhere (RFC 8628).
type device struct {
	code    string // that the client knows it by
	scopes  []string
	grant   *grant // once a person has consented
	denied  bool
	expires time.Time
	asked   time.Time // when the client asked last
}

const (
	deviceLife     = 10 * time.Minute
	deviceInterval = time.Second // as short as the RFC can say, so that tests are
)

// giveDevice gives a code for the client and one for the person (section 3.2).
func (s *service) giveDevice(v *visit) {
	if !s.client(v) {
		return
	}
	scopes, ok := s.scopes(v)
	if !ok {
		return
	}
	s.mu.Lock()
	d := &device{code: s.secret("device"), scopes: scopes, expires: s.now().Add(deviceLife)}
	user, _ := s.invent("[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}") // no vowels, no words
	s.devices[user] = d
	s.mu.Unlock()
	page := v.origin + v.full + "/enter"
	writeJSON(v.w, http.StatusOK, map[string]any{
		"device_code": d.code, "user_code": user, "verification_uri": page, "verification_uri_complete": page + "?user_code=" + user,
		"expires_in": deviceLife.Seconds(), "interval": deviceInterval.Seconds(),
	})
}

var enterPage = template.Must(template.New("enter").Parse(`<!doctype html>
<title>The lab</title>
<h1>The lab</h1>
{{if .Done}}<p>{{.Done}}</p>
{{else}}<form method="post">
<p><label>Code <input name="user_code" value="{{.Code}}"></label></p>
<button name="choice" value="allow">Allow</button>
<button name="choice" value="deny">Deny</button>
</form>
{{end}}`))

// enter is the page where the person enters the code (section 3.3). Whoever
// opens it with a code has consented, unless the lab asks.
func (s *service) enter(v *visit) {
	user, choice := v.query.Get("user_code"), ""
	if v.r.Method == http.MethodPost {
		user, choice = v.form.Get("user_code"), v.form.Get("choice")
	}
	s.mu.Lock()
	d := s.devices[user]
	if choice == "" && user != "" && !s.ask {
		choice = "allow"
	}
	done := ""
	switch {
	case choice == "":
	case d == nil || !s.now().Before(d.expires):
		done = "There is no such code."
		outcome(v.r, "unknown code")
	case choice != "allow":
		done, d.denied = "You said no.", true
		outcome(v.r, "access_denied")
	case d.grant == nil:
		done, d.grant = "Thank you. You can go back to the other device.", s.begin(s.account, d.scopes)
		entry(v.r).Grant = d.grant.id
	}
	s.mu.Unlock()
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = enterPage.Execute(v.w, map[string]string{"Code": user, "Done": done})
}

// byDevice answers a client that asks whether the person has consented (section
// 3.5).
func (s *service) byDevice(v *visit) {
	key, ok := s.tokenRequest(v)
	if !ok {
		return
	}
	s.mu.Lock()
	code, pair := "expired_token", issued{}
	for user, d := range s.devices {
		if !same(d.code, v.bound["device_code"]) {
			continue
		}
		now := s.now()
		code = ""
		switch {
		case !now.Before(d.expires):
			code = "expired_token"
		case d.denied:
			code = "access_denied"
		case now.Sub(d.asked) < deviceInterval*9/10: // clocks are not that exact
			code = "slow_down"
		case d.grant == nil:
			code = "authorization_pending"
		default:
			d.grant.key = key
			entry(v.r).Grant = d.grant.id
			pair = s.issue(d.grant)
			delete(s.devices, user)
		}
		d.asked = now
	}
	s.mu.Unlock()
	outcome(v.r, "exchanged")
	if code != "" {
		outcome(v.r, code)
	}
	s.give(v, pair, code)
}
