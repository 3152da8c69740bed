package lab

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/connhost/connhost/host"
)

// control changes a running lab: {"token_life":"2s"}, {"account":"acc_2"},
// {"ask_consent":true}, {"faults":[...]}. A new life is for tokens that are made
// from now on, and faults take the place of those before; [] is none.
func (l *Lab) control(w http.ResponseWriter, r *http.Request) {
	var c struct {
		TokenLife  *string `json:"token_life"`
		Account    *string `json:"account"`
		AskConsent *bool   `json:"ask_consent"`
		Faults     []Fault `json:"faults"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		invalid(w, r, "", `the body must be JSON with token_life, account, ask_consent or faults`)
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
	if c.Faults != nil {
		if err := l.SetFaults(c.Faults); err != nil {
			e, _ := errors.AsType[*host.Error](err)
			invalid(w, r, "faults", e.Msg+"; "+e.Hint)
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
	if len(l.faults) > 0 {
		now["faults"] = len(l.faults)
	}
	l.mu.Unlock()
	succeed(w, now)
}
