package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/host/hosttest/peers"
)

// TestPeers drives the program against servers that nobody here wrote: a folder
// of scripts for each.
func TestPeers(t *testing.T) {
	t.Run("httpbin", func(t *testing.T) { against(t, "httpbin", map[string]string{"SERVER": peers.HTTPBin(t)}) })
	t.Run("oauth1", func(t *testing.T) { against(t, "oauth1", map[string]string{"SERVER": peers.OAuth1(t)}) })
	t.Run("mail", func(t *testing.T) {
		smtp, mails := peers.Mailpit(t, "ada", "swordfish-91")
		against(t, "mail", map[string]string{"SMTP_PORT": portOf(smtp), "MAILS": mails})
	})
}

// against runs a folder of scripts. The words are what "fill" replaces in files,
// and those that are URLs are opened.
func against(t *testing.T, folder string, words map[string]string) {
	var pairs, open []string
	for word, value := range words {
		addr, url := strings.CutPrefix(value, "http://")
		pairs = append(pairs, word, addr)
		if url {
			addr, _, _ = strings.Cut(addr, "/")
			open = append(open, "127.0.0.1/32:"+portOf(addr))
		}
	}
	fill := func(ts *testscript.TestScript, _ bool, names []string) {
		for _, name := range names {
			text := strings.NewReplacer(pairs...).Replace(ts.ReadFile(name))
			ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/peer/" + folder,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := env.WorkDir + "/home"
			env.Setenv("HOME", home)
			env.Setenv("XDG_CONFIG_HOME", home+"/config")
			env.Setenv("XDG_DATA_HOME", home+"/data")
			env.Setenv("CONNHOST_ALLOW_CIDR", strings.Join(open, ","))
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "fill": fill, "consent": consent},
	})
}
