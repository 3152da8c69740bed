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
	t.Run("httpbin", func(t *testing.T) { against(t, peers.HTTPBin(t), "testdata/peer/httpbin") })
	t.Run("oauth1", func(t *testing.T) { against(t, peers.OAuth1(t), "testdata/peer/oauth1") })
}

func against(t *testing.T, url, dir string) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := env.WorkDir + "/home"
			addr := strings.TrimPrefix(url, "http://")
			env.Setenv("HOME", home)
			env.Setenv("XDG_CONFIG_HOME", home+"/config")
			env.Setenv("XDG_DATA_HOME", home+"/data")
			env.Setenv("PEER", addr)
			env.Setenv("CONNHOST_ALLOW_CIDR", "127.0.0.1/32:"+portOf(addr))
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "fill": fill, "consent": consent},
	})
}

// fill replaces SERVER in files by the peer's address.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "SERVER", ts.Getenv("PEER"))
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
