package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
)

// The scripts that the demo runs.
//
//go:embed demo/*.dg
var demoScripts embed.FS

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Show the whole story on this machine, and leave nothing behind", Args: exactly(),
		Long: `Show the whole story in one process, against the lab, a fake service on this
machine: a connector is built and installed, a connection created, authorized and
tested, scripts run through it, its token is refreshed, a leak is refused, and
the authorization revoked. Each step is the command that you would type, with its
real output. The store is temporary and removed at the end.`,
		Example: "  connhost demo",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context()) },
	}
}

// demoLife is how long the lab's tokens live: long enough for a step, short
// enough to wait for.
const demoLife = 2 * time.Second

// A demo is the story under way.
type demo struct {
	*system // with the environment of the demo's commands
	fake    *lab.Lab
	ctx     context.Context
	steps   int
}

func (p *program) demo(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "connhost-demo-")
	if err != nil {
		return host.Errorf(host.Unavailable, "no temporary folder can be made: %s", plainFileError(err)).Because(err)
	}
	defer os.RemoveAll(dir)
	before, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	defer func() { _ = os.Chdir(before) }()
	return p.story(ctx, dir)
}

func (p *program) story(ctx context.Context, dir string) error {
	fake := lab.New(lab.Options{TokenLife: demoLife})
	server, err := fake.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	d := &demo{system: p.demoSystem(dir, server), fake: fake, ctx: ctx}

	d.say("The lab starts: a fake service, as strict as they come")
	d.typed("connhost lab --addr 127.0.0.1:0 --token-life 2s --connector lab")
	if err := writeLabConnector("lab"); err != nil {
		return err
	}
	writeLab(&program{system: d.system}, server, "lab")

	if err := d.connect(server); err != nil {
		return err
	}
	if err := d.scripts(); err != nil {
		return err
	}
	fmt.Fprintln(p.out, "\nThat was all. Nothing is left behind.")
	return nil
}

// connect builds and installs the connector, and makes a connection.
func (d *demo) connect(server *lab.Server) error {
	d.say("A connector is built from its manifest and its hook, inspected and installed")
	for _, line := range []string{"connector build lab", "connector inspect lab/lab.wasm", "connector install lab/lab.wasm"} {
		if err := d.run(host.Code(""), line); err != nil {
			return err
		}
	}
	d.say("A connection is created, authorized in the browser (the lab consents by itself) and tested")
	for _, line := range []string{
		"credential add lab --quick --client-id " + lab.ClientID + " --secret-env client_secret=LAB_SECRET",
		"connection create lab --param server=" + server.Addr,
		"connection authorize lab_connection",
		"connection test lab_connection",
	} {
		if err := d.run(host.Code(""), line); err != nil {
			return err
		}
	}
	return nil
}

// scripts runs scripts through the connection while it lives, and after.
func (d *demo) scripts() error {
	d.say("A script reads the stock and places orders through the connection, without seeing a secret")
	if err := d.write("orders.dg"); err != nil {
		return err
	}
	if err := d.run("", "run orders.dg --function order_all --arg quantity=5"); err != nil {
		return err
	}
	d.say("The token expires; the next call renews it, once")
	if err := d.write("stock.dg"); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "(waiting %s, the life of a token)\n", demoLife)
	if err := d.wait(demoLife); err != nil {
		return err
	}
	before := d.fake.Refreshes()
	if err := d.run("", "run stock.dg --trace"); err != nil {
		return err
	}
	seen := d.fake.Refreshes() - before
	fmt.Fprintf(d.out, "(the lab saw %s)\n", plural(seen, "refresh request"))
	if seen != 1 {
		return host.Errorf(host.Failed, "the demo expected one refresh")
	}
	d.say("A script that would send the credential elsewhere is refused")
	if err := d.write("leak.dg"); err != nil {
		return err
	}
	if err := d.run(host.Refused, "run leak.dg"); err != nil {
		return err
	}
	d.say("Revoked, and the next run says what to do")
	if err := d.run("", "connection revoke lab_connection"); err != nil {
		return err
	}
	return d.run(host.NeedsAuth, "run stock.dg")
}

// demoSystem is the system of the demo's commands: their store and key are in
// the temporary folder, only the lab is opened, and the browser is a plain
// client.
func (p *program) demoSystem(dir string, server *lab.Server) *system {
	env := map[string]string{
		"CONNHOST_STORE":      filepath.Join(dir, "connhost.db"),
		"CONNHOST_KEY_FILE":   filepath.Join(dir, "key.json"),
		"CONNHOST_ALLOW_CIDR": "127.0.0.1/32:" + portOf(server.Addr),
		"LAB_SECRET":          lab.ClientSecret,
	}
	sys := *p.system
	sys.in, sys.err, sys.askable = strings.NewReader(""), p.out, false
	sys.getenv = func(name string) string { return env[name] }
	sys.dataDir, sys.configDir = dir, dir
	sys.browse = func(page string) {
		resp, err := http.Get(page)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
	return &sys
}

func (d *demo) say(text string) {
	d.steps++
	fmt.Fprintf(d.out, "\n%d. %s\n\n", d.steps, text)
}

func (d *demo) typed(line string) { fmt.Fprintf(d.out, "$ %s\n", line) }

// run executes one command and holds its exit status against the story's.
func (d *demo) run(want host.Code, line string) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	d.typed("connhost " + line)
	status := execute(d.ctx, d.system, strings.Fields(line))
	if status != 0 {
		fmt.Fprintf(d.out, "[exit status %d]\n", status)
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if status != exitStatus[want] {
		return host.Errorf(host.Failed, "the demo ended at: connhost %s", line)
	}
	return nil
}

// write puts a script into the folder and shows it.
func (d *demo) write(name string) error {
	text, err := demoScripts.ReadFile("demo/" + name)
	if err != nil {
		return err
	}
	d.typed("cat " + name)
	fmt.Fprintln(d.out, strings.TrimRight(string(text), "\n"))
	fmt.Fprintln(d.out)
	return os.WriteFile(name, text, 0o600)
}

func (d *demo) wait(life time.Duration) error {
	t := time.NewTimer(life)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-d.ctx.Done():
		return d.ctx.Err()
	}
}
