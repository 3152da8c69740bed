package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/plugins/plugintest"
)

// recordFlags say what is done while it is recorded.
type recordFlags struct {
	action actionFlags
	name   string // of the action
	call   string // METHOD URL
	data   string
	header []string
}

func (p *program) connectorRecord() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use: "record LINK_NAME FILE", Short: "Record a case of a connector through a live connection", Args: exactly("LINK_NAME", "FILE"),
		Long: `Do something through a connection, and write the requests, the answers and what
came of it into a case: the connector's test call, an action with --action, or any
call with --call. "connhost connector test" then does it again without the service.

No credential stands in a case, and every secret of the connection is masked by its
value. What the service answered does stand there: read it before you show it.`,
		Example: `  connhost connector record acme_connection acme/cases/me.yaml
  connhost connector record acme_connection acme/cases/items.yaml --action list_items --param shelf=tea --all
  connhost connector record acme_connection acme/cases/order.yaml --call 'POST /orders' --data '{"item":"tea"}' -H 'Content-Type: application/json'`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.deed(p.system)
			if err != nil {
				return err
			}
			return p.recordCase(cmd.Context(), args[0], args[1], c)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.name, "action", "", "do this `ACTION`")
	fs.StringArrayVar(&f.action.params, "param", nil, "a parameter of the action, `NAME=VALUE`; repeats")
	fs.StringVar(&f.action.json, "params", "", "the parameters as a JSON `OBJECT`, or @FILE, or @- for standard input")
	fs.BoolVar(&f.action.all, "all", false, "every page of the action")
	fs.StringVar(&f.call, "call", "", "make this call, `'METHOD URL'` or a URL alone for GET")
	fs.StringVarP(&f.data, "data", "d", "", "with --call: the body, or @FILE, or @- for standard input")
	fs.StringArrayVarP(&f.header, "header", "H", nil, "with --call: a header, `'Name: value'`; repeats")
	return cmd
}

// deed is what the flags describe.
func (f recordFlags) deed(sys *system) (plugintest.Deed, error) {
	var d plugintest.Deed
	ofAction, ofCall := len(f.action.params) > 0 || f.action.json != "" || f.action.all, f.data != "" || len(f.header) > 0
	switch {
	case f.name != "" && (f.call != "" || ofCall), f.name == "" && ofAction, f.call == "" && ofCall:
		return d, host.Errorf(host.Usage, "--param, --params and --all go with --action, --data and --header with --call, and only one of the two is done").
			WithHint("record one thing a case: see connhost connector record --help")
	case f.name != "":
		given, err := f.action.parameters(sys)
		d.Action, d.All = f.name, f.action.all
		if string(given) != "{}" {
			d.Parameters = plugintest.Document(given)
		}
		return d, err
	case f.call == "":
		return d, nil
	}
	d.Call = &plugintest.WebCall{URL: f.call}
	if method, url, two := strings.Cut(f.call, " "); two {
		d.Call.Method, d.Call.URL = strings.ToUpper(method), strings.TrimSpace(url)
	}
	for _, line := range f.header {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return d, host.Errorf(host.Usage, "-H takes 'Name: value', not %q", line)
		}
		if d.Call.Header == nil {
			d.Call.Header = map[string]string{}
		}
		d.Call.Header[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	body, err := readData(sys, f.data)
	d.Call.Body = cassette.Body(body)
	return d, err
}

func (p *program) recordCase(ctx context.Context, link, path string, deed plugintest.Deed) error {
	if _, err := os.Lstat(path); err == nil {
		return host.Errorf(host.Conflict, "the file %s exists", path).WithHint("name a new one, or remove it")
	}
	tape := cassette.NewTape(p.mask.Text)
	s, err := p.openTaped(ctx, tape)
	if err != nil {
		return err
	}
	defer s.close()
	v, err := s.broker.Connection(ctx, s.subject, link)
	if err != nil {
		return err
	}
	p.byHand(ctx, s, "connhost connector record", link)
	c := plugintest.TapeCase{Deed: deed}
	c.Outcome, err = deed.Do(ctx, s.broker, s.subject, s.settings.env, link)
	c.Exchanges = tape.Cassette().Exchanges
	if err != nil && len(c.Exchanges) == 0 {
		return err
	}
	if err != nil { // the service was asked, and the error is what came of it
		c.Outcome = plugintest.Outcome{Error: host.CodeOf(err)}
		p.tell(err, p.mask)
	}
	c.Values = standing(c.Exchanges, valuesOf(v, s.settings.env))
	if err := c.Write(path); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "recorded %s in %s\nnext: read it, then: connhost connector test DIR\n", plural(len(c.Exchanges), "request"), path)
	return nil
}

// valuesOf are the values of a connection that are no secrets.
func valuesOf(v broker.View, env host.Environment) map[string]string {
	values := maps.Clone(v.Connection.Params)
	if values == nil {
		values = map[string]string{}
	}
	if a := v.Place(env).Authorization; a != nil {
		maps.Copy(values, a.Params)
	}
	return values
}

// standing are the values that stand in what was recorded: the others need not
// be told.
func standing(list []cassette.Exchange, values map[string]string) map[string]string {
	text, _ := json.Marshal(list)
	out := map[string]string{}
	for key, value := range values {
		if value != "" && strings.Contains(string(text), value) {
			out[key] = value
		}
	}
	return out
}
