package lab

import (
	"encoding/json"
	"net/http"
	"time"
)

// control changes a running lab: {"token_life":"2s"}, {"account":"acc_2"},
// {"ask_consent":true}. A new life is for tokens that are made from now on.
func (l *Lab) control(w http.ResponseWriter, r *http.Request) {
	var c struct {
		TokenLife  *string `json:"token_life"`
		Account    *string `json:"account"`
		AskConsent *bool   `json:"ask_consent"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		invalid(w, r, "", `the body must be JSON with token_life, account or ask_consent`)
		return
	}
	life, who := time.Duration(0), account{}
	if c.TokenLife != nil {
		var err error
		if life, err = time.ParseDuration(*c.TokenLife); err != nil || life <= 0 {
			invalid(w, r, "token_life", "it must be a duration above zero, such as 2s")
			return
		}
	}
	if c.Account != nil {
		var ok bool
		if who, ok = findAccount(*c.Account); !ok {
			invalid(w, r, "account", "it must be acc_1 or acc_2")
			return
		}
	}
	l.mu.Lock()
	if life > 0 {
		l.life = life
	}
	if who.ID != "" {
		l.account = who
	}
	if c.AskConsent != nil {
		l.ask = *c.AskConsent
	}
	now := map[string]any{"token_life": l.life.String(), "account": l.account.ID, "ask_consent": l.ask}
	l.mu.Unlock()
	succeed(w, now)
}
