package mail_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/mail"
)

const password = "swordfish-91"

// A server speaks so much of SMTP (RFC 5321) as a mail needs, and answers what
// a test says to the commands that it names.
type server struct {
	net.Listener
	answers map[string]string
	got     chan string
}

func newServer(t *testing.T, answers map[string]string) *server {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{ln, answers, make(chan string, 10)}
	t.Cleanup(func() { _ = ln.Close() })
	go s.serve()
	return s
}

func (s *server) serve() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		s.talk(conn)
		_ = conn.Close()
	}
}

func (s *server) talk(conn net.Conn) {
	fmt.Fprint(conn, "220 test\r\n")
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.Fields(line + " x")[0])
		answer, ok := s.answers[word]
		switch {
		case ok:
			fmt.Fprint(conn, answer+"\r\n")
		case word == "EHLO":
			fmt.Fprint(conn, "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n")
		case word == "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
			var text strings.Builder
			for line != ".\r\n" {
				line, err = in.ReadString('\n')
				if err != nil {
					return
				}
				text.WriteString(line)
			}
			s.got <- text.String()
			fmt.Fprint(conn, "250 ok\r\n")
		case word == "AUTH":
			fmt.Fprint(conn, "235 ok\r\n")
		case word == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func (s *server) settings() mail.Server {
	addr := s.Addr().(*net.TCPAddr)
	return mail.Server{Host: "127.0.0.1", Port: addr.Port, TLS: mail.None, Username: "ada", Password: host.NewSecret(password)}
}

func message() mail.Message {
	return mail.Message{
		From: "Shop <shop@example.test>", To: []string{"ada@example.test"}, BCC: []string{"hidden@example.test"},
		Subject: "Grüße", Body: "<b>hi</b>", HTML: true,
		Files: []mail.File{{Name: "a.csv", Type: "text/csv", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("1,2")), nil
		}}},
	}
}

func TestSend(t *testing.T) {
	s := newServer(t, nil)
	set := s.settings()
	set.From = "fixed@example.test"
	if err := set.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	got := <-s.got
	for _, want := range []string{
		"From: <fixed@example.test>", `Reply-To: "Shop" <shop@example.test>`, "To: <ada@example.test>", "Subject: =?UTF-8?q?Gr=C3=BC=C3=9Fe?=",
		"Content-Type: text/html", "<b>hi</b>", `filename="a.csv"`, "MSwy",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "hidden@") {
		t.Errorf("the blind copy is seen:\n%s", got)
	}
}

// Every failure is one sentence of ours, without the password.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		change  func(*mail.Server)
		code    host.Code
		want    string
	}{
		"recipient":    {map[string]string{"RCPT": "550 no such user " + password}, nil, host.Failed, "refuses the mail (550)"},
		"busy":         {map[string]string{"MAIL": "451 later"}, nil, host.Unavailable, "cannot take the mail now (451)"},
		"login":        {map[string]string{"AUTH": "535 wrong " + password}, nil, host.Failed, "refuses the login of ada"},
		"no starttls":  {nil, func(s *mail.Server) { s.TLS = mail.StartTLS }, host.Unavailable, "cannot protect the connection"},
		"garbage":      {map[string]string{"EHLO": "hello", "HELO": "hello"}, nil, host.Unavailable, "does not answer"},
		"nobody there": {nil, func(s *mail.Server) { s.Port = 1 }, host.Unavailable, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			set := newServer(t, c.answers).settings()
			if c.change != nil {
				c.change(&set)
			}
			err := set.Send(t.Context(), message())
			if host.CodeOf(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v (%s), want %q (%s)", err, host.CodeOf(err), c.want, c.code)
			}
			for ; err != nil; err = unwrap(err) {
				if strings.Contains(err.Error(), password) {
					t.Errorf("the password is in %q", err)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newServer(t, nil).settings().Send(ctx, message()); host.CodeOf(err) != host.Interrupted {
		t.Errorf("got %v", err)
	}
	m := message()
	m.Files[0].Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeros{}, 26<<20)), nil
	}
	if err := newServer(t, nil).settings().Send(t.Context(), m); host.CodeOf(err) != host.Refused {
		t.Errorf("got %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func unwrap(err error) error {
	u, ok := err.(interface{ Unwrap() error })
	if !ok {
		return nil
	}
	return u.Unwrap()
}

func TestCheck(t *testing.T) {
	good := mail.Server{Host: "mail.example.test", Username: "ada", Password: host.NewSecret(password)}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*mail.Server){
		"smtp.host is missing":     func(s *mail.Server) { s.Host = "" },
		"smtp.port":                func(s *mail.Server) { s.Port = 70000 },
		"must be starttls, tls":    func(s *mail.Server) { s.TLS = "ssl" },
		"which is no mail address": func(s *mail.Server) { s.From = "nobody" },
		"in clear":                 func(s *mail.Server) { s.TLS = mail.None },
	} {
		bad := good
		change(&bad)
		if err := bad.Check(); err == nil || host.CodeOf(err) != host.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	local := good
	local.Host, local.TLS = "localhost", mail.None
	if err := local.Check(); err != nil {
		t.Error(err)
	}
}
