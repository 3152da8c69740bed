package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
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
	data       []datum
	form       []string
	get        bool
	include    bool
	file       string
	explain    bool
	all        bool
	most       int
	etags      string
}

func (p *program) invokeCommand() *cobra.Command {
	var f invokeFlags
	cmd := &cobra.Command{
		Use: "invoke URL", Short: "Make one HTTP call through a connection", Args: exactly("URL"),
		Long: `Make one HTTP call through a connection, as a script would. The URL is absolute
or a path below the connection's base URL, which it cannot leave; {name} is filled
from the connection's parameters. The body is printed with the connection's
secrets masked. The exit status is 0 for an answer below 400 and 1 from there on.

The options are those of curl. Files and answers of any size go through in small
memory, as far as the limits response_time and download allow. What comes from
standard input is sent once where it is longer than 1 MB. --etag-file keeps an
answer's ETag and Last-Modified in a file and asks with them the next time; where
nothing has changed, nothing is printed or written, and the status is 0. A header that the
connection's credential sets is refused. With -o an answer from 400 on is printed
and the file is left as it is.`,
		Example: `  connhost invoke /me -c acme_connection
  connhost invoke https://api.acme.test/v1/items -c acme_connection -d '{"name":"Tea"}' -H 'Content-Type: application/json'
  connhost invoke /search -c acme_connection -G --data-urlencode 'q=tea & cake'
  connhost invoke /items -c acme_connection --all --pages 10
  connhost invoke /photos -c acme_connection -F title=Tea -F photo=@tea.png
  connhost invoke /export -c acme_connection -o export.zip --limit download=2GB
  connhost invoke /prices -c acme_connection -o prices.json --etag-file prices.etag
  connhost invoke /me -c acme_connection --explain`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.invoke(ctx, s, args[0], f) })
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.connection, "connection", "c", "", "the link name of the connection; none for a public call")
	fs.StringVarP(&f.method, "request", "X", "", "the method; GET, or POST with data, unless given")
	fs.StringArrayVarP(&f.headers, "header", "H", nil, "a header, `'Name: value'`; repeats")
	fs.VarP(dataValue{list: &f.data}, "data", "d", "the body, or @FILE, or @- for standard input; several are joined by &")
	fs.Var(dataValue{list: &f.data, encoded: true}, "data-urlencode", "data that is encoded first: content, name=content, @FILE or name@FILE")
	fs.StringArrayVarP(&f.form, "form", "F", nil, "a part of multipart/form-data, `name=value` or name=@FILE;type=TYPE; repeats")
	fs.BoolVarP(&f.get, "get", "G", false, "put the data into the query and make it a GET")
	fs.BoolVarP(&f.include, "include", "i", false, "print the status and the headers too")
	fs.StringVarP(&f.file, "out-file", "o", "", "write the body of the answer to a `FILE`")
	fs.BoolVar(&f.explain, "explain", false, "send nothing: print the request and where each part comes from")
	fs.StringVar(&f.etags, "etag-file", "", "ask only for what has changed since the call that wrote the `FILE`, and write it again")
	fs.BoolVar(&f.all, "all", false, "every page, each on a line of its own: as the connector's manifest says, or by the header Link")
	fs.IntVar(&f.most, "pages", 0, "with --all: at most so many pages")
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
	b, err := f.body(sys)
	if err != nil {
		return req, err
	}
	if b != nil && f.get {
		query, err := b.query()
		if err != nil {
			return req, err
		}
		req.URL, b = withQuery(url, query), nil
	}
	if b == nil {
		req.Method = or(req.Method, http.MethodGet)
		return req, nil
	}
	req.Method = or(req.Method, http.MethodPost)
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", b.kind)
	}
	req.Body, req.ContentLength, req.Once = b.open, b.length(), b.once
	return req, nil
}

// body is the body that the flags describe, nil for none.
func (f invokeFlags) body(sys *system) (*body, error) {
	switch {
	case len(f.form) > 0 && len(f.data) > 0:
		return nil, host.Errorf(host.Usage, "--form and --data make two different bodies").WithHint("give one of them")
	case len(f.form) > 0 && f.get:
		return nil, host.Errorf(host.Usage, "-G puts data into the query, and a form cannot stand there").WithHint("give --data-urlencode name=value instead of --form")
	case len(f.form) > 0:
		return formBody(sys, f.form)
	case len(f.data) > 0:
		return dataBody(sys, f.data)
	}
	return nil, nil
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
	if f.file != "" && p.flags.output == "json" {
		return host.Errorf(host.Usage, "-o writes the body to a file, and --output json would print it").WithHint("give one of them")
	}
	if f.file != "" && f.all {
		return host.Errorf(host.Usage, "-o writes one answer, and --all brings several").WithHint("let the shell write them: connhost invoke ... --all > FILE")
	}
	if err := checkPages(f.all, f.most); err != nil {
		return err
	}
	req, err := f.request(p.system, url)
	if err != nil {
		return err
	}
	keep := func(*http.Response) error { return nil }
	if f.etags != "" {
		if f.all {
			return host.Errorf(host.Usage, "--etag-file is about one answer, and --all brings several").WithHint("give one of them")
		}
		if keep, err = conditional(f.etags, &req, s.settings.env); err != nil {
			return err
		}
	}
	if f.explain {
		return p.explainCall(ctx, s, req)
	}
	p.byHand(ctx, s, "connhost invoke", f.connection)
	if f.all {
		return p.printPages(true, f.include, func(each func(broker.Page) error) error {
			return s.broker.InvokeAll(ctx, s.subject, s.settings.env, req, f.most, each)
		})
	}
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
		if got.Response.StatusCode == http.StatusNotModified {
			fmt.Fprintln(p.err, "not changed")
		} else if f.file != "" && got.Response.StatusCode < 400 {
			err = writeFile(f.file, got.Response.Body)
		} else {
			_, err = io.Copy(p.out, got.Response.Body)
		}
	}
	if err == nil {
		err = keep(got.Response)
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

// writeFile writes a body beside the file first, so that one that breaks off
// leaves the file as it was.
func writeFile(path string, in io.Reader) error {
	fail := func(err error) error {
		return host.Errorf(host.Failed, "the file %s cannot be written: %s", path, plainFileError(err)).Because(err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // /dev/null, a pipe
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fail(err)
		}
		_, err = io.Copy(f, in)
		return errors.Join(err, f.Close())
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), ".connhost-"+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fail(err)
	}
	defer os.Remove(f.Name())
	if _, err = io.Copy(f, in); err != nil {
		_ = f.Close()
		if errors.As(err, new(*os.PathError)) {
			err = fail(err)
		}
		return err
	}
	if err := f.Close(); err != nil {
		return fail(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fail(err)
	}
	return nil
}

// explainCall prints what would be sent.
func (p *program) explainCall(ctx context.Context, s *session, req broker.InvokeRequest) error {
	got, err := s.broker.Explain(ctx, s.subject, s.settings.env, req)
	if err != nil {
		return err
	}
	return p.show(got, func(w io.Writer) {
		var rows [][]string
		for _, part := range got.Parts {
			rows = append(rows, []string{part.Kind, plain(part.Name), plain(part.Value), part.From})
		}
		table(w, "PART NAME VALUE FROM", rows)
		for _, note := range got.Notes {
			fmt.Fprintf(w, "note: %s\n", note)
		}
		fmt.Fprintln(w, "nothing was sent")
	})
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
