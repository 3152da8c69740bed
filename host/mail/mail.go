// Package mail sends mails through the operator's SMTP server. It knows no
// script and no connection: whoever has a mail hands it over, whole. It is the
// only package that imports go-mail.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/connhost/connhost/host"
)

// A TLS says how the connection to the server is protected.
type TLS string

// The kinds of protection.
const (
	StartTLS TLS = "starttls" // the connection must be upgraded; the default
	Implicit TLS = "tls"      // from its first byte
	None     TLS = "none"     // not at all: a server on this machine
)

// A Server is where mails are handed in. The zero Port and TLS take their
// usual values.
type Server struct {
	Host     string
	Port     int
	Username string // empty: no login
	Password host.Secret
	// From is the address that all mails are sent from; the sender that a
	// mail names is then where replies go. Empty: each is sent as it says.
	From string
	TLS  TLS
}

// ports are the usual ones.
var ports = map[TLS]int{StartTLS: 587, Implicit: 465, None: 25}

// timeout bounds every step of handing in a mail.
const timeout = 30 * time.Second

// maxMail bounds the attachments of a mail, in bytes.
const maxMail = 25 << 20

// Check says what is wrong with the settings, in words of the configuration.
func (s Server) Check() error {
	if s.Host == "" {
		return host.Errorf(host.Usage, "smtp.host is missing")
	}
	if s.Port < 0 || s.Port > 65535 {
		return host.Errorf(host.Usage, "smtp.port is %d and must be 1 to 65535", s.Port)
	}
	if _, known := ports[s.tls()]; !known {
		return host.Errorf(host.Usage, "smtp.tls is %q and must be starttls, tls or none", s.TLS)
	}
	if s.From != "" {
		if _, err := mail.ParseAddress(s.From); err != nil {
			return host.Errorf(host.Usage, "smtp.from is %q, which is no mail address", s.From)
		}
	}
	if s.Username != "" && s.tls() == None && !loopback(s.Host) {
		return host.Errorf(host.Usage, "smtp.tls is none, so the password would be sent to %s in clear", s.Host).WithHint("leave smtp.tls out, or set it to tls")
	}
	return nil
}

func (s Server) tls() TLS { return cmp.Or(s.TLS, StartTLS) }

func (s Server) address() string {
	return net.JoinHostPort(s.Host, fmt.Sprint(cmp.Or(s.Port, ports[s.tls()])))
}

func loopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// A Message is one mail. Its addresses may have names: "Ada <ada@example.test>".
type Message struct {
	From                 string
	To, CC, BCC, ReplyTo []string
	Subject, Body        string
	HTML                 bool
	Files                []File
}

// A File is an attachment.
type File struct {
	Name, Type string
	Open       func() (io.ReadCloser, error)
}

// Send hands in one mail. An error is a *host.Error; it never holds the
// password.
func (s Server) Send(ctx context.Context, m Message) error {
	msg, err := s.message(m)
	if err != nil {
		return err
	}
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return s.failure(ctx, err)
	}
	return nil
}

// message puts the mail together.
func (s Server) message(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	from, reply := m.From, m.ReplyTo
	if s.From != "" {
		if len(reply) == 0 {
			reply = []string{from}
		}
		from = s.From
	}
	errs := []error{msg.From(from), msg.To(m.To...), msg.Cc(m.CC...), msg.Bcc(m.BCC...)}
	if err := errors.Join(errs...); err != nil {
		return nil, host.Errorf(host.Failed, "an address of the mail is not valid").Because(err)
	}
	var replies []*mail.Address
	for _, text := range reply {
		a, err := mail.ParseAddress(text)
		if err != nil {
			return nil, host.Errorf(host.Failed, "an address of the mail is not valid").Because(err)
		}
		replies = append(replies, a)
	}
	if len(replies) > 0 {
		msg.ReplyToMailAddress(replies...)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageID()
	kind := gomail.TypeTextPlain
	if m.HTML {
		kind = gomail.TypeTextHTML
	}
	msg.SetBodyString(kind, m.Body)
	return msg, attach(msg, m.Files)
}

// attach reads the files into the mail.
func attach(msg *gomail.Msg, files []File) error {
	left := int64(maxMail)
	for _, f := range files {
		r, err := f.Open()
		if err != nil {
			return host.Errorf(host.Failed, "the file %s cannot be read", f.Name).Because(err)
		}
		data, err := io.ReadAll(io.LimitReader(r, left+1))
		_ = r.Close()
		if err != nil {
			return host.Errorf(host.Failed, "the file %s cannot be read", f.Name).Because(err)
		}
		if left -= int64(len(data)); left < 0 {
			return host.Errorf(host.Refused, "the files of the mail are larger than %d MB", maxMail>>20)
		}
		kind := gomail.ContentType(cmp.Or(f.Type, "application/octet-stream"))
		if err := msg.AttachReader(f.Name, bytes.NewReader(data), gomail.WithFileContentType(kind)); err != nil {
			return host.Errorf(host.Failed, "the file %s cannot be attached", f.Name).Because(err)
		}
	}
	return nil
}

// client makes a client for one mail.
func (s Server) client(ctx context.Context) (*gomail.Client, error) {
	limit := timeout
	if end, ok := ctx.Deadline(); ok {
		limit = min(limit, max(time.Until(end), time.Second))
	}
	opts := []gomail.Option{
		gomail.WithPort(cmp.Or(s.Port, ports[s.tls()])), gomail.WithTimeout(limit), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}),
	}
	switch s.tls() {
	case Implicit:
		opts = append(opts, gomail.WithSSL())
	case None:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.Username != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if s.tls() == None { // on this machine, see Check
			auth = gomail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.Username), gomail.WithPassword(s.Password.Reveal()))
	}
	client, err := gomail.NewClient(s.Host, opts...)
	if err != nil {
		return nil, host.Errorf(host.Usage, "the settings of smtp do not fit").Because(err)
	}
	return client, nil
}

// failure names what went wrong, in our words.
func (s Server) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return host.Errorf(host.Interrupted, "sending the mail was interrupted").Because(context.Cause(ctx))
	}
	cause := errors.New(s.mask(err.Error()))
	if sent, ok := errors.AsType[*gomail.SendError](err); ok && sent.ErrorCode() >= 400 {
		if sent.IsTemp() {
			return host.Errorf(host.Unavailable, "the mail server %s cannot take the mail now (%d)", s.address(), sent.ErrorCode()).Because(cause)
		}
		return host.Errorf(host.Failed, "the mail server %s refuses the mail (%d)", s.address(), sent.ErrorCode()).Because(cause)
	}
	if strings.Contains(err.Error(), "AUTH failed") {
		return host.Errorf(host.Failed, "the mail server %s refuses the login of %s", s.address(), s.Username).
			WithHint("see smtp.username and smtp.password_env in config.yaml").Because(cause)
	}
	if strings.Contains(err.Error(), "does not support STARTTLS") {
		return host.Errorf(host.Unavailable, "the mail server %s cannot protect the connection", s.address()).
			WithHint("smtp.tls: tls, or none for a server on this machine").Because(cause)
	}
	if slices.ContainsFunc([]string{"certificate", "x509"}, func(s string) bool { return strings.Contains(err.Error(), s) }) {
		return host.Errorf(host.Unavailable, "the certificate of the mail server %s is not valid", s.address()).Because(cause)
	}
	return host.Errorf(host.Unavailable, "the mail server %s does not answer", s.address()).Because(cause)
}

// mask keeps the password out of what a server said.
func (s Server) mask(text string) string {
	r := host.NewRedactor(nil)
	r.LearnSecret(s.Password)
	return r.Text(text)
}
