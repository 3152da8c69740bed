package broker

import (
	"time"

	"github.com/connhost/connhost/host"
)

// A pace is how often a service is asked whether the person has answered (RFC
// 8628 section 3.5): never more often than it wants.
type pace struct {
	interval time.Duration // between two questions, as the service wants it
	wait     time.Duration // before the next question
	lost     int           // answers in a row that could not be read
	trouble  string        // why the last question has no answer; "" where it has
}

// maxLost is how many answers in a row may be none that can be read.
const maxLost = 10

// next takes what a question came to: the error that ends the asking, or nil
// and another wait.
func (p *pace) next(c host.Connector, e *host.TokenError) *host.Error {
	told := exchangeError(c, e)
	switch {
	case e.Code == "slow_down":
		p.interval += 5 * time.Second
		p.wait, p.lost, p.trouble = max(p.interval, e.RetryAfter), 0, ""
	case e.Code == "authorization_pending":
		p.wait, p.lost, p.trouble = max(p.interval, e.RetryAfter), 0, ""
	case e.Code == "access_denied":
		return host.Errorf(host.Failed, "the service refused the authorization: access_denied")
	case e.Code == "expired_token":
		return p.over()
	case e.Class == host.TokenFatal && p.trouble != "": // the tokens may have been in the answer that was lost
		told.Msg += ", and of the question before: " + p.trouble
		return told
	case e.Class == host.TokenFatal, e.Class == host.TokenUnknown && (e.Code != "" || p.lost >= maxLost):
		return told
	case e.Class == host.TokenNotUsed && told.Code != host.Unavailable: // refused here, which waiting does not change
		return told
	default: // lost on its way, or the service is not well
		if e.Class == host.TokenUnknown {
			p.lost++
		}
		p.trouble = e.Msg
		p.wait = max(min(2*p.wait, time.Minute), p.interval, e.RetryAfter)
	}
	return nil
}

// over is the error of a code that is good no more.
func (p *pace) over() *host.Error {
	if p.trouble != "" {
		return host.Errorf(host.Unavailable, "the code is over, and nobody told whether it was entered: %s", p.trouble)
	}
	return host.Errorf(host.Refused, "nobody entered the code while it was good")
}
