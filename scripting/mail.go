package scripting

import (
	"context"
	"io"
	"net/mail"
	"strconv"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// A Mail is what sendmail sends. Its addresses are valid, each with or without
// a name: "Ada <ada@example.test>".
type Mail struct {
	From                 string
	To, CC, BCC, ReplyTo []string
	Subject, Message     string
	HTML                 bool // the message is HTML and no plain text
	Attachments          []Attachment
}

// An Attachment is a file of a mail. Its content may be opened more than once.
type Attachment struct {
	Name, Type string
	Open       func() (io.ReadCloser, error)
}

// A Mailer sends mails. An error is one that the script may catch, and reaches
// the caller of Run through errors.As.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// The attributes of sendmail.
var mailAttributes = []string{
	"from", "to", "cc", "bcc", "reply-to", "subject", "message", attrContent, "attachments", "attachment",
}

// sendMail sends the mail of one sendmail block.
func (m *machine) sendMail(names []string, values []any) any {
	attrs := map[string]any{}
	for i, name := range names {
		attrs[name] = value.Resolve(values[i])
	}
	if m.requests++; m.requests > m.limits.Calls {
		panic(&value.Limit{Name: "invokeurl_calls", Max: strconv.Itoa(m.limits.Calls)})
	}
	msg := Mail{
		To: m.addresses("to", attrs["to"]), CC: m.addresses("cc", attrs["cc"]), BCC: m.addresses("bcc", attrs["bcc"]),
		ReplyTo: m.addresses("reply-to", attrs["reply-to"]),
		Subject: oneLine(m.scalar(attrs["subject"])), Message: m.scalar(attrs["message"]),
		HTML: !strings.EqualFold(textAttr(attrs, attrContent), "TEXT") && !strings.HasPrefix(strings.ToLower(textAttr(attrs, attrContent)), "text/plain"),
	}
	from := m.addresses("from", attrs["from"])
	if len(from) != 1 {
		value.Throw("from of sendmail must be one address")
	}
	msg.From = from[0]
	if len(msg.To)+len(msg.CC)+len(msg.BCC) == 0 {
		value.Throw("sendmail has nobody to send to")
	}
	for _, name := range []string{"attachments", "attachment"} {
		msg.Attachments = append(msg.Attachments, m.attachments(attrs[name])...)
	}
	if m.Mailer == nil {
		panic(&Missing{Kind: "mailer"})
	}
	m.budget.Check()
	err := m.Mailer.Send(m.budget.Context(), msg)
	m.budget.Check()
	if err != nil {
		panic(&callFailed{err})
	}
	return nil
}

// addresses reads a text with one address or several between commas, or a list
// of such texts.
func (m *machine) addresses(what string, v any) []string {
	switch x := value.Resolve(v).(type) {
	case nil, *value.Empty:
		return nil
	case *value.List:
		var all []string
		for _, item := range x.Items() {
			all = append(all, m.addresses(what, item)...)
		}
		return all
	case *value.Collection:
		return m.addresses(what, x.List())
	case string:
		if strings.TrimSpace(x) == "" {
			return nil
		}
		m.budget.Tick(1 + len(x)/16)
		list, err := mail.ParseAddressList(strings.Trim(strings.ReplaceAll(x, ";", ","), ", \t\r\n"))
		if err != nil {
			value.Throw("%s of sendmail is %q, which is no mail address", what, value.Clip(x))
		}
		all := make([]string, len(list))
		for i, a := range list {
			all[i] = a.String()
			if a.Name == "" {
				all[i] = a.Address
			}
		}
		return all
	}
	value.Throw("%s of sendmail is %s and must be text", what, article(value.TypeName(v)))
	return nil
}

// attachments reads a file or a list of files.
func (m *machine) attachments(v any) []Attachment {
	switch x := value.Resolve(v).(type) {
	case nil, *value.Empty:
		return nil
	case *value.File:
		return []Attachment{{Name: x.Name, Type: x.Type, Open: x.Open}}
	case *value.List:
		var all []Attachment
		for _, item := range x.Items() {
			all = append(all, m.attachments(item)...)
		}
		return all
	}
	value.Throw("sendmail attaches files, not %s", article(value.TypeName(v)))
	return nil
}
