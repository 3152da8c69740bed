package host

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// An Egress is the only way out of the process. It checks the URL, attaches
// the credential, dials through the guard, follows redirects by its own rules,
// limits and masks.
type Egress interface {
	// Do sends one call. The response's body is masked and limited while it
	// is read, and must be closed. Safe for concurrent use.
	Do(ctx context.Context, call Call) (*http.Response, error)
}

// A Try is an attempt of a call as it ended.
type Try struct {
	N        int            // from 1 on
	Response *http.Response // without its body; nil with Err
	Begin    func() []byte  // reads the beginning of the answer's decoded body
	Err      error          // its cause is a *Lost
}

// A Lost connection is the cause of an Unavailable error that may pass: the
// network, and nothing that the service said.
type Lost struct {
	Sent bool  // something may have been written
	Err  error // for the log
}

// Error is for the log.
func (l *Lost) Error() string { return "connection lost: " + fmt.Sprint(l.Err) }

// Unwrap gives the cause.
func (l *Lost) Unwrap() error { return l.Err }

// A Preparer is an Egress that can show what it would send.
type Preparer interface {
	// Prepare makes the first request of a call, with its credential on, and
	// sends nothing. Its body must be closed. It refuses what Do refuses.
	Prepare(ctx context.Context, call Call) (*http.Request, error)
}

// A Call is one request that is to leave.
type Call struct {
	Method string
	URL    *url.URL
	Header http.Header
	// Body opens the body anew for each attempt; nil for none.
	Body          func() (io.ReadCloser, error)
	ContentLength int64 // -1 when unknown

	// Hosts are the declared hosts (host or host:port) when Signer is set or
	// the call is bound to a connector; nil means a public call, which never
	// gets a credential.
	Hosts []string
	// Bound says that Hosts decides, even when it is empty.
	Bound bool
	// Sign puts the credential on one hop, after the URL policy and only for
	// the origin of the first hop; nil for none.
	Sign func(*http.Request) error
	// Challenge looks at a refusal, any 4xx, and says whether another attempt is worth it,
	// such as after a refresh that may cure it; nil for never. It is asked at
	// most twice a call, only of the first origin, and sees no body.
	Challenge func(ctx context.Context, r *http.Response) (again bool, err error)
	// Certificate is the client certificate (RFC 8446 section 4.4.2) that is
	// presented when the service asks for one, only to the origin of the first
	// hop, which must be https; nil for none. Its connections carry no call
	// with another one or without. It wants Bound.
	Certificate *tls.Certificate
	// Enter is asked before each attempt to the first origin, and may wait for
	// its turn; what it gives is told how the attempt ended. nil for none.
	Enter func(ctx context.Context, u *url.URL) (leave func(*http.Response, error), err error)
	// Retry is asked after an attempt that failed in passing and after an answer
	// from 400 on that nothing else follows, whether the call is sent again and after which
	// pause; nil for never. A pause that would not end before the call's time
	// does is not begun: the failure or the answer is the call's then.
	Retry func(t Try) (pause time.Duration, again bool)
	// Once says that Body can be opened once only: a call that has one is then
	// never sent again for Retry.
	Once bool
	// NoRedirect returns a 3xx as it is: token and revoke endpoints.
	NoRedirect bool
	// Redactor masks the answer's headers and text body; nil for none. It is
	// asked anew at each attempt, because a refresh adds secrets.
	Redactor *Redactor

	Timeout  time.Duration // of the whole call, its redirects and its body; 0 for the default
	MaxBytes int64         // of the answer's decoded body; 0 for the default
	// Wrote is set when any byte of a request was written to a connection: it
	// decides whether a failed refresh may be repeated. May be nil.
	Wrote *bool
}
