package oauth

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/connhost/connhost/host"
)

// maxRetryAfter bounds what a service may ask us to wait.
const maxRetryAfter = 24 * time.Hour

// fatalCodes end an authorization, notUsedCodes leave the grant as it was.
// Every other code says neither.
var (
	fatalCodes   = []string{"invalid_grant", "invalid_client", "unauthorized_client"}
	notUsedCodes = []string{"temporarily_unavailable", "slow_down", "use_dpop_nonce", "authorization_pending"}
	// otherCodes are known but decide nothing: RFC 6749 sections 4.1.2.1 and
	// 5.2, RFC 7009, RFC 8628, RFC 8707, RFC 9449, OpenID Connect Core.
	otherCodes = []string{
		"invalid_request", "invalid_scope", "unsupported_grant_type", "unsupported_response_type",
		"access_denied", "server_error", "unsupported_token_type",
		"expired_token", "invalid_target", "invalid_dpop_proof", "invalid_token",
		"interaction_required", "login_required", "consent_required",
	}
)

// knownCode is the text if it is an error code of the RFCs. Anything else that
// a service sends is never shown: it may quote what was sent.
func knownCode(text string) string {
	if slices.Contains(fatalCodes, text) || slices.Contains(notUsedCodes, text) || slices.Contains(otherCodes, text) {
		return text
	}
	return ""
}

// refusal is what a complete answer refuses by itself, before any hook is
// asked; nil where it may hold tokens or a hook may know more.
func (r reader) refusal(a answer, now time.Time) error {
	code := r.errorCode(a)
	switch {
	case slices.Contains(fatalCodes, code):
		return &host.TokenError{Class: host.TokenFatal, Code: code, Msg: fmt.Sprintf("%s refused the token request: %s", a.host, code)}
	case a.status == http.StatusTooManyRequests || slices.Contains(notUsedCodes, code):
		return &host.TokenError{
			Class:      host.TokenNotUsed,
			Code:       code,
			Msg:        fmt.Sprintf("%s asks to come back later", a.host),
			RetryAfter: retryAfter(a.header, now),
		}
	}
	return nil
}

// errorCode is the known code that the answer's error pointer names.
func (r reader) errorCode(a answer) string {
	v, _ := a.at(r.pointers.Error)
	text, _ := v.(string)
	if a.doubtful(r.pointers.Error) {
		return ""
	}
	return knownCode(text)
}

// notSent is for a request of which no byte was written.
func notSent(to string, cause error) *host.TokenError {
	if to == "" {
		to = "the service"
	}
	msg := "could not reach " + to + " for a token"
	if own, ok := cause.(*host.Error); ok {
		msg = "the token request was not sent: " + own.Msg
	}
	return &host.TokenError{Class: host.TokenNotUsed, Msg: msg, Err: cause}
}

// unable is for a request that cannot be made. Where the authorization lacks
// what it takes, no later one can either.
func unable(cause error) *host.TokenError {
	own, ok := cause.(*host.Error)
	if !ok || own.Code != host.NeedsAuth && own.Code != host.Failed {
		return notSent("", cause)
	}
	lacks := host.Errorf(host.NeedsAuth, "%s", own.Msg).WithHint("%s", own.Hint)
	return &host.TokenError{Class: host.TokenFatal, Msg: own.Msg, Err: lacks}
}

// lost is for a request that was written and has no complete answer.
func lost(to string, cause error) *host.TokenError {
	return &host.TokenError{Class: host.TokenUnknown, Msg: fmt.Sprintf("the answer of %s to a token request was lost", to), Err: cause}
}

// unclear is for a complete answer from which neither tokens nor a refusal can
// be read.
func (r reader) unclear(a answer, why string) *host.TokenError {
	e := &host.TokenError{Class: host.TokenUnknown, Code: r.errorCode(a)}
	switch {
	case e.Code != "":
		e.Msg = fmt.Sprintf("%s answered the token request with %s", a.host, e.Code)
	case a.status < 200 || a.status > 299:
		e.Msg = fmt.Sprintf("%s answered the token request with status %d", a.host, a.status)
	default:
		e.Msg = fmt.Sprintf("the token answer of %s cannot be used: %s", a.host, why)
	}
	return e
}

// retryAfter reads the header of that name: seconds or a date (RFC 9110
// section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	var d time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		d = date.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
