package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// actionFlags are the options of action.
type actionFlags struct {
	params  []string
	json    string
	all     bool
	most    int
	include bool
}

func (p *program) actionCommand() *cobra.Command {
	var f actionFlags
	cmd := &cobra.Command{
		Use: "action CONNECTION NAME", Short: "Do a named action of a connection's connector", Args: exactly("CONNECTION", "NAME"),
		Long: `Do a named action of a connection's connector. "connhost connector show ID" lists
the actions, and with --action NAME the parameters of one with their kinds. What
the service answers is printed with the connection's secrets masked, every page on
a line of its own with --all. The exit status is 0 for an answer below 400 and 1
from there on.

--param takes a text, a number, true or false, or JSON, as the parameter's kind
says.

The actions of a custom connector are refused unless a super admin has published
it with --actions.`,
		Example: `  connhost action acme_connection list_items --all
  connhost action acme_connection create_order --param item=Teapot --param quantity=2`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			req := broker.ActionRequest{Connection: args[0], Action: args[1], All: f.all, Most: f.most}
			err := checkPages(f.all, f.most)
			if err != nil {
				return err
			}
			if req.Parameters, err = f.parameters(p.system); err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.act(ctx, s, req, f.include) })
		},
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&f.params, "param", nil, "a parameter of the action, `NAME=VALUE`; repeats")
	fs.StringVar(&f.json, "params", "", "the parameters as a JSON `OBJECT`, or @FILE, or @- for standard input")
	fs.BoolVar(&f.all, "all", false, "every page, each on a line of its own")
	fs.IntVar(&f.most, "pages", 0, "with --all: at most so many pages")
	fs.BoolVarP(&f.include, "include", "i", false, "print the status and the headers too")
	return cmd
}

// parameters are those of --params with those of --param over them.
func (f actionFlags) parameters(sys *system) (json.RawMessage, error) {
	values := map[string]any{}
	if f.json != "" {
		text, err := readData(sys, f.json)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &values); err != nil || values == nil {
			return nil, host.Errorf(host.Usage, "--params is not a JSON object").WithHint(`write for example: --params '{"item":"Teapot"}'`)
		}
	}
	for _, pair := range f.params {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, host.Errorf(host.Usage, "--param takes NAME=VALUE, not %q", pair).
				WithHint("see the parameters: connhost connector show ID")
		}
		values[name] = value
	}
	return json.Marshal(values)
}

// pageData is one answer of an action as it is printed with --output json.
type pageData struct {
	Page int `json:"page"`
	answerData
}

// checkPages refuses a number of pages that says nothing.
func checkPages(all bool, most int) error {
	if most < 0 || most > 0 && !all {
		return host.Errorf(host.Usage, "--pages is a number above 0 and goes with --all").WithHint("write for example: --all --pages 5")
	}
	return nil
}

func (p *program) act(ctx context.Context, s *session, req broker.ActionRequest, include bool) error {
	p.byHand(ctx, s, "connhost action", req.Connection)
	return p.printPages(req.All, include, func(f func(broker.Page) error) error {
		return s.broker.Act(ctx, s.subject, s.settings.env, req, f)
	})
}

// printPages prints pages as they come.
func (p *program) printPages(all, include bool, each func(func(broker.Page) error) error) error {
	var pages []pageData
	status := ""
	err := each(func(page broker.Page) error {
		if page.Response != nil {
			defer page.Response.Body.Close()
			if page.Response.StatusCode >= 400 {
				status = page.Response.Status
			}
		}
		if p.flags.output == "json" {
			d, err := newPageData(page)
			pages = append(pages, d)
			return err
		}
		return p.writePage(page, all, include)
	})
	if p.flags.output == "json" && (err == nil || len(pages) > 0) {
		if shown := p.show(pages, nil); shown != nil {
			return shown
		}
	}
	if err == nil && status != "" {
		err = answered(status, include)
	}
	return err
}

func newPageData(page broker.Page) (pageData, error) {
	d := pageData{Page: page.Number, answerData: answerData{Status: 200, Headers: map[string]string{}, Environment: page.Environment, Refreshed: page.Refreshed}}
	if page.Response == nil {
		d.Body = page.Result
		return d, nil
	}
	var err error
	d.answerData, err = newAnswerData(broker.Invoked{Response: page.Response, Environment: page.Environment, Refreshed: page.Refreshed})
	return d, err
}

func (p *program) writePage(page broker.Page, all, include bool) error {
	if page.Response == nil {
		_, err := fmt.Fprintf(p.out, "%s\n", page.Result)
		return err
	}
	if include {
		writeHead(p.out, page.Response)
	}
	_, err := io.Copy(p.out, page.Response.Body)
	if all && err == nil {
		_, err = fmt.Fprintln(p.out)
	}
	return err
}
