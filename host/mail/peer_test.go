package mail_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest/peers"
	"github.com/connhost/connhost/host/mail"
)

// A real server takes the mail, with login, names, copies and files, and
// refuses a wrong login.
func TestMailpit(t *testing.T) {
	smtp, api := peers.Mailpit(t, "ada", password)
	name, port, _ := net.SplitHostPort(smtp)
	set := mail.Server{Host: name, TLS: mail.None, Username: "ada", Password: host.NewSecret(password)}
	set.Port, _ = strconv.Atoi(port)
	m := message()
	m.CC = []string{"Bo B <bo@example.test>"}
	if err := set.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Messages []struct{ ID string }
	}
	fetch(t, api+"/messages", &list)
	if len(list.Messages) != 1 {
		t.Fatalf("%d mails", len(list.Messages))
	}
	var got struct {
		From        struct{ Name, Address string }
		Cc, Bcc     []struct{ Name, Address string }
		Subject     string
		HTML        string
		Attachments []struct{ FileName, ContentType string }
	}
	fetch(t, api+"/message/"+list.Messages[0].ID, &got)
	if got.From.Name != "Shop" || got.From.Address != "shop@example.test" || got.Subject != "Grüße" || !strings.Contains(got.HTML, "<b>hi</b>") {
		t.Errorf("got %+v", got)
	}
	if len(got.Cc) != 1 || got.Cc[0].Name != "Bo B" || len(got.Bcc) != 1 || got.Bcc[0].Address != "hidden@example.test" {
		t.Errorf("got copies %+v and %+v", got.Cc, got.Bcc)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].FileName != "a.csv" || got.Attachments[0].ContentType != "text/csv" {
		t.Errorf("got files %+v", got.Attachments)
	}
	set.Password = host.NewSecret("wrong")
	if err := set.Send(t.Context(), m); host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), "refuses the login") {
		t.Errorf("got %v", err)
	}
}

func fetch(t *testing.T, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v\n%s", url, err, data)
	}
}
