package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/mail"
	"github.com/connhost/connhost/scripting"
)

// smtpFile is the part smtp of the configuration file. It names where the
// password is and never holds it.
type smtpFile struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"`
	Username     string `yaml:"username"`
	PasswordEnv  string `yaml:"password_env"`
	PasswordFile string `yaml:"password_file"`
	From         string `yaml:"from"`
	TLS          string `yaml:"tls"`
}

// server checks the settings of the mail server; nil without any. The password
// is not read yet.
func (f *smtpFile) server() (*mail.Server, error) {
	if f == nil {
		return nil, nil
	}
	s := &mail.Server{Host: f.Host, Port: f.Port, Username: f.Username, From: f.From, TLS: mail.TLS(f.TLS)}
	if f.PasswordEnv != "" && f.PasswordFile != "" {
		return nil, host.Errorf(host.Usage, "smtp.password_env and smtp.password_file exclude each other")
	}
	if f.Username != "" && f.PasswordEnv == "" && f.PasswordFile == "" {
		return nil, host.Errorf(host.Usage, "smtp.username is set and no password").WithHint("name where it is: smtp.password_env or smtp.password_file")
	}
	return s, s.Check()
}

// password reads it where the settings say.
func (f *smtpFile) password(sys *system) (host.Secret, error) {
	switch {
	case f.PasswordFile != "":
		data, err := os.ReadFile(f.PasswordFile)
		if err != nil {
			return host.Secret{}, host.Errorf(host.NotFound, "the file of smtp.password_file cannot be read: %s", plainFileError(err)).Because(err)
		}
		return trimmed(data), nil
	case f.PasswordEnv != "":
		if text := sys.getenv(f.PasswordEnv); text != "" {
			return host.NewSecret(text), nil
		}
		return host.Secret{}, host.Errorf(host.Usage, "the environment variable %s of smtp.password_env is not set", f.PasswordEnv)
	}
	return host.Secret{}, nil
}

// A mailer sends the mails of a run, or only keeps them where no server is
// configured, and tells of each.
type mailer struct {
	*program
	smtp *smtpFile
	done []mailData
}

var _ scripting.Mailer = (*mailer)(nil)

// mailData is one mail as it is printed.
type mailData struct {
	From        string   `json:"from"`
	To          []string `json:"to"`
	CC          []string `json:"cc,omitempty"`
	BCC         []string `json:"bcc,omitempty"`
	ReplyTo     []string `json:"reply_to,omitempty"`
	Subject     string   `json:"subject"`
	Message     string   `json:"message"`
	HTML        bool     `json:"html"`
	Attachments []string `json:"attachments,omitempty"`
	Sent        bool     `json:"sent"`
	Error       string   `json:"error,omitempty"`
}

// Send sends one mail of the script.
func (m *mailer) Send(ctx context.Context, msg scripting.Mail) error {
	d := mailData{
		From: msg.From, To: msg.To, CC: msg.CC, BCC: msg.BCC, ReplyTo: msg.ReplyTo,
		Subject: m.mask.Text(msg.Subject), Message: m.mask.Text(msg.Message), HTML: msg.HTML,
	}
	for _, a := range msg.Attachments {
		d.Attachments = append(d.Attachments, a.Name)
	}
	err := m.send(ctx, msg)
	switch {
	case err != nil:
		d.Error = m.mask.Text(err.Error())
	default:
		d.Sent = m.smtp != nil
	}
	m.done = append(m.done, d)
	outcome := cmp.Or(d.Error, map[bool]string{true: "sent", false: "not sent: no smtp is configured"}[d.Sent])
	fmt.Fprintf(m.err, "mail to %s, %q: %s\n", strings.Join(append(append(d.To, d.CC...), d.BCC...), ", "), d.Subject, outcome)
	return err
}

func (m *mailer) send(ctx context.Context, msg scripting.Mail) error {
	server, err := m.smtp.server()
	if err != nil || server == nil {
		return err
	}
	if server.Password, err = m.smtp.password(m.system); err != nil {
		return err
	}
	m.mask.LearnSecret(server.Password)
	out := mail.Message{
		From: msg.From, To: msg.To, CC: msg.CC, BCC: msg.BCC, ReplyTo: msg.ReplyTo,
		Subject: msg.Subject, Body: msg.Message, HTML: msg.HTML,
	}
	for _, a := range msg.Attachments {
		out.Files = append(out.Files, mail.File{Name: a.Name, Type: a.Type, Open: a.Open})
	}
	return server.Send(ctx, out)
}
