package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/host/lab"
)

// guided are the built-in connectors that have a guide, with the values of their
// parameters in it that are no secrets.
var guided = map[string]map[string]string{
	"dropbox":     nil,
	"trello":      {"permissions": "read,write", "expiration": "30days"},
	"atlassian":   {"site": "acme", "username": "ada@example.com"},
	"openweather": nil,
}

// Where a guide says to put a secret.
const clientSecretFile, keyFile = "secret.txt", "key.txt"

func guideOf(id string) string { return "../../connectors/" + id + "/README.md" }

// The guides of built-in connectors are typed as they stand, on a machine where
// the connector leads to a lab that answers what was recorded of the service.
func TestGuidesOfConnectors(t *testing.T) {
	for id, values := range guided {
		t.Run(id, func(t *testing.T) {
			service, err := newLedLab(id, values)
			if err != nil {
				t.Fatal(err)
			}
			text := "exec connhost connection list\n" + // makes the store, once for all
				strings.ReplaceAll(tour(t, guideOf(id), 8, " 2>&1"), "your-app-key", service.Credential().ClientID)
			dir, home := t.TempDir(), setup(t.TempDir())
			if err := os.WriteFile(filepath.Join(dir, id+".txtar"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			testscript.Run(t, testscript.Params{
				Dir: dir, RequireExplicitExec: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"consent": consent, "same": same},
				Setup: func(env *testscript.Env) error {
					if err := home(env); err != nil {
						return err
					}
					service.lead(env, id)
					return errors.Join(freePort(env), writeSecrets(env, service.Credential()))
				},
			})
		})
	}
}

// writeSecrets puts what the vendor would have shown where a guide says.
func writeSecrets(env *testscript.Env, given lab.Credential) error {
	files := map[string]string{clientSecretFile: given.ClientSecret}
	for _, secret := range given.Secrets {
		files[keyFile] = secret
	}
	var errs []error
	for name, secret := range files {
		errs = append(errs, os.WriteFile(filepath.Join(env.WorkDir, name), []byte(secret+"\n"), 0o600))
	}
	return errors.Join(errs...)
}

// freePort lets callbacks come to a port that nobody has, at $CALLBACK.
func freePort(env *testscript.Env) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	env.Setenv("CALLBACK", addr)
	dir := filepath.Join(env.Getenv("XDG_CONFIG_HOME"), "connhost")
	return errors.Join(l.Close(), os.MkdirAll(dir, 0o700),
		os.WriteFile(filepath.Join(dir, "config.yaml"), []byte("callback: {port: "+portOf(addr)+"}\n"), 0o600))
}

// A guide tells every action of its connector, the page where the vendor gives
// what is asked for, and where a callback comes.
func TestGuidesTellTheirConnectors(t *testing.T) {
	for id := range guided {
		text := readPage(t, guideOf(id))
		built, _ := connectors.Find(id)
		c := built.Manifest
		wanted := []string{"](" + c.Docs + ")"}
		for _, a := range c.Actions {
			wanted = append(wanted, "| `"+a.Name+"` |")
		}
		if c.ByBrowser() {
			wanted = append(wanted, fmt.Sprintf("http://127.0.0.1:%d/callback/%s", defaultPort, id))
		}
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not tell %s", guideOf(id), want)
			}
		}
	}
}
