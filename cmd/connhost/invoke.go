package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// invokeFlags are the options of invoke.
type invokeFlags struct {
	connection string
	method     string
	headers    []string
	data       []string
	include    bool
}

func (p *program) invokeCommand() *cobra.Command {
	var f invokeFlags
	cmd := &cobra.Command{
		Use: "invoke URL", Short: "Make one HTTP call through a connection", Args: exactly("URL"),
		Long: `Make one HTTP call through a connection, as a script would. The URL is absolute
or a path below the connection's base URL; {name} is filled from the
connection's parameters. The body is printed with the connection's secrets
masked. The exit status is 0 for an answer below 400 and 1 from there on.`,
		Example: `  connhost invoke /me -c acme_connection
  connhost invoke https://api.acme.test/v1/items -c acme_connection -d '{"name":"Tea"}' -H 'Content-Type: application/json'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.invoke(ctx, s, args[0], f) })
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.connection, "connection", "c", "", "the link name of the connection; none for a public call")
	fs.StringVarP(&f.method, "request", "X", "", "the method; GET, or POST with data, unless given")
	fs.StringArrayVarP(&f.headers, "header", "H", nil, "a header, `'Name: value'`; repeats")
	fs.StringArrayVarP(&f.data, "data", "d", nil, "the body, or @FILE, or @- for standard input; several are joined by &")
	fs.BoolVarP(&f.include, "include", "i", false, "print the status and the headers too")
	_ = cmd.RegisterFlagCompletionFunc("connection", p.completeConnections)
	return cmd
}

// request builds the call from the flags, in the manner of curl.
func (f invokeFlags) request(sys *system, url string) (broker.InvokeRequest, error) {
	req := broker.InvokeRequest{Connection: f.connection, Method: strings.ToUpper(f.method), URL: url, Header: http.Header{}}
	for _, line := range f.headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return req, host.Errorf(host.Usage, "-H takes 'Name: value', not %q", line)
		}
		req.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if len(f.data) == 0 {
		if req.Method == "" {
			req.Method = http.MethodGet
		}
		return req, nil
	}
	if req.Method == "" {
		req.Method = http.MethodPost
	}
	var parts [][]byte
	for _, d := range f.data {
		part, err := readData(sys, d)
		if err != nil {
			return req, err
		}
		parts = append(parts, part)
	}
	body := bytes.Join(parts, []byte("&"))
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.ContentLength = int64(len(body))
	req.Body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return req, nil
}

// readData gives the text itself, or what @FILE holds.
func readData(sys *system, d string) ([]byte, error) {
	path, ok := strings.CutPrefix(d, "@")
	switch {
	case !ok:
		return []byte(d), nil
	case path == "-":
		data, err := io.ReadAll(sys.in)
		if err != nil {
			return nil, host.Errorf(host.Failed, "standard input cannot be read").Because(err)
		}
		return data, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, host.Errorf(host.NotFound, "the file %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	return data, nil
}

// answerData is an answer as it is printed with --output json. Body is its
// JSON when it is JSON, its text otherwise.
type answerData struct {
	Status      int               `json:"status"`
	Headers     map[string]string `json:"headers"`
	Body        any               `json:"body"`
	Environment host.Environment  `json:"environment"`
	Refreshed   bool              `json:"refreshed"`
}

// answered is the error of an answer from 400 on.
func answered(status string, included bool) error {
	e := host.Errorf(host.Failed, "the service answered %s", status)
	if included {
		return e.WithHint("see how the connection is: connhost connection list")
	}
	return e.WithHint("the same with -i shows the headers too")
}

func (p *program) invoke(ctx context.Context, s *session, url string, f invokeFlags) error {
	req, err := f.request(p.system, url)
	if err != nil {
		return err
	}
	p.byHand(ctx, s, "connhost invoke", f.connection)
	got, err := s.broker.Invoke(ctx, s.subject, s.settings.env, req)
	if err != nil {
		return err
	}
	defer got.Response.Body.Close()
	if p.flags.output == "json" {
		err = p.printAnswer(got)
	} else {
		if f.include {
			writeHead(p.out, got.Response)
		}
		_, err = io.Copy(p.out, got.Response.Body)
	}
	if err == nil && got.Response.StatusCode >= 400 {
		err = answered(got.Response.Status, f.include)
	}
	return err
}

// byHand records the use of a connection by a command, which counts as a script
// of the default application (design rule 4).
func (p *program) byHand(ctx context.Context, s *session, command, link string) {
	if link != "" {
		p.recorded(s.broker.Used(ctx, s.subject, broker.ScriptUse{Script: command, Environment: s.settings.env, Connections: []string{link}}))
	}
}

func (p *program) printAnswer(got broker.Invoked) error {
	d, err := newAnswerData(got)
	if err != nil {
		return err
	}
	return p.show(d, nil)
}

func newAnswerData(got broker.Invoked) (answerData, error) {
	body, err := io.ReadAll(got.Response.Body)
	d := answerData{Status: got.Response.StatusCode, Headers: map[string]string{}, Environment: got.Environment, Refreshed: got.Refreshed}
	for name, values := range got.Response.Header {
		d.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	switch {
	case json.Valid(body):
		d.Body = json.RawMessage(body)
	case utf8.Valid(body):
		d.Body = string(body)
	default:
		d.Body = body // base64
	}
	return d, err
}

func writeHead(w io.Writer, r *http.Response) {
	fmt.Fprintf(w, "%s %s\n", r.Proto, r.Status)
	var lines []string
	for name, values := range r.Header {
		for _, v := range values {
			lines = append(lines, name+": "+v)
		}
	}
	slices.Sort(lines)
	fmt.Fprintf(w, "%s\n\n", strings.Join(lines, "\n"))
}
