package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/host/hosttest/peers"
)

// TestPeers drives the program against servers that nobody here wrote.
func TestPeers(t *testing.T) {
	bin := peers.HTTPBin(t)
	smtp, mails := peers.Mailpit(t, "ada", "swordfish-91")
	mails = strings.TrimPrefix(mails, "http://")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/peer",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := env.WorkDir + "/home"
			addr := strings.TrimPrefix(bin, "http://")
			env.Setenv("HOME", home)
			env.Setenv("XDG_CONFIG_HOME", home+"/config")
			env.Setenv("XDG_DATA_HOME", home+"/data")
			env.Setenv("BIN", addr)
			env.Setenv("SMTP_PORT", portOf(smtp))
			env.Setenv("MAILS", mails)
			env.Setenv("CONNHOST_ALLOW_CIDR", "127.0.0.1/32:"+portOf(addr)+",127.0.0.1/32:"+portOf(strings.TrimSuffix(mails, "/api/v1")))
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "fill": fill},
	})
}

// fill replaces SERVER, SMTP_PORT and MAILS in files by the peers' addresses.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.NewReplacer("SERVER", ts.Getenv("BIN"), "SMTP_PORT", ts.Getenv("SMTP_PORT"), "MAILS", ts.Getenv("MAILS")).Replace(ts.ReadFile(name))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
