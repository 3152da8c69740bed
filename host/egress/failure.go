package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/connhost/connhost/host"
)

// errSlow is the cause of a context that ended by the call's own deadline.
var errSlow = fmt.Errorf("the limit response_time: %w", context.DeadlineExceeded)

// explain turns the error of an attempt into ours. The sentence is made here
// from what kind of error it is; the library's own text, which may quote the
// service, is kept masked for the log.
func (x *exchange) explain(ctx context.Context, h *hop, err error) error {
	if up, ok := errors.AsType[*uploadError](err); ok {
		return up.err
	}
	if e, ok := errors.AsType[*host.Error](err); ok {
		return e
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.explain(h.target)
	}
	if e := x.stopped(ctx, h.target); e != nil {
		return e
	}
	e := failure(h.target, err, x.presents(h))
	cause := errors.New(x.call.Redactor.Text(err.Error()))
	if lost, ok := e.Err.(*host.Lost); ok {
		lost.Err = cause
		return e
	}
	return e.Because(cause)
}

// stopped is the error of a context that has ended: whose it was decides. That
// of the service's slowness has context.DeadlineExceeded as its cause.
func (x *exchange) stopped(ctx context.Context, t target) error {
	switch {
	case x.caller.Err() != nil:
		return host.Errorf(host.Interrupted, "the call to %s was interrupted", t).Because(context.Cause(x.caller))
	case errors.Is(context.Cause(ctx), errSlow):
		e := host.Errorf(host.Unavailable, "no answer from %s within the limit response_time (%s)", t, seconds(x.timeout)).Because(errSlow)
		if x.timeout == x.client.limits.ResponseTime {
			e = e.WithHint("--limit response_time=%s", 2*x.timeout)
		}
		return e
	}
	return nil
}

func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return d.String()
}

// failure names what went wrong on the way to a service, to which a client
// certificate was presented or not. What may pass has a *host.Lost as its cause.
func failure(t target, err error, presented bool) *host.Error {
	unavailable := func(format string, args ...any) *host.Error {
		return host.Errorf(host.Unavailable, format, args...)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return unavailable("there is no host named %q", t.host).WithHint("is the name spelled right, and does this machine reach the network?")
		}
		return unavailable("the host %q could not be looked up", t.host).Because(&host.Lost{})
	}
	if text := certificate(err); text != "" {
		e := unavailable("the certificate of %s %s", t, text)
		if text == unknownAuthority {
			e = e.WithHint("if it is an authority of your own, add it to those of this machine, or name the file of its certificate in SSL_CERT_FILE")
		}
		return e
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return unavailable("%s does not speak https", t)
	}
	if what := alert(err); what != "" {
		return unavailable("%s %s", t, refusedBy(what, presented))
	}
	text := err.Error()
	if presented && strings.Contains(text, "certificate's signature algorithms") {
		return unavailable("%s does not take a client certificate with that kind of key", t)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return unavailable("nothing answers at %s", t).WithHint("does the service run, and are host and port spelled right?").Because(&host.Lost{})
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "header list larger"):
		return host.Errorf(host.Refused, "the header of the answer is larger than the limit (%s)", size(maxHeader))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), strings.Contains(text, "server closed"), strings.Contains(text, "stream error"),
		strings.Contains(text, "client conn could not be established"): // HTTP/2
		e := unavailable("%s broke the connection off", t).Because(&host.Lost{Sent: true})
		if presented { // a refusal gets lost where the request crosses it
			e = e.WithHint("it may not accept the client certificate")
		}
		return e
	case strings.Contains(text, "malformed"), strings.Contains(text, "gzip"), strings.Contains(text, "flate"),
		strings.Contains(text, "chunk"):
		return unavailable("the answer of %s is not valid HTTP", t)
	}
	e := unavailable("%s could not be reached", t)
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return e.Because(&host.Lost{})
	}
	return e
}

// alert is the text of the alert with which the other side ended a TLS
// connection (RFC 8446 section 6.2), as crypto/tls writes it; its type there
// is not exported.
func alert(err error) string {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return ""
	}
	return strings.TrimPrefix(op.Err.Error(), "tls: ")
}

// refusedBy is what an alert says.
func refusedBy(alert string, presented bool) string {
	const refused = "refused the client certificate"
	switch {
	case !presented && (alert == "certificate required" || alert == "bad certificate"):
		return "wants a client certificate"
	case !presented:
		return "refused the TLS connection"
	case alert == "expired certificate":
		return refused + ": it has expired"
	case alert == "revoked certificate":
		return refused + ": it was revoked"
	case alert == "unknown certificate authority":
		return refused + ": it does not know the authority that signed it"
	case strings.Contains(alert, "certificate"), alert == "access denied", alert == "error decrypting message", alert == "handshake failure":
		return refused
	}
	return "refused the TLS connection"
}

const unknownAuthority = "is signed by no authority that this machine trusts"

// certificate says what is wrong with one; empty for other errors.
func certificate(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "is for another host"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return unknownAuthority
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if e.Reason == x509.Expired {
			return "has expired or is not valid yet"
		}
		return "is not valid"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "is not valid"
	}
	return ""
}
