package main

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	compilers "github.com/connhost/connhost/host/hosttest/guests"
	"github.com/connhost/connhost/host/hosttest/peers"
)

// TestPeers drives the program against servers that nobody here wrote: a folder
// of scripts for each.
func TestPeers(t *testing.T) {
	t.Run("httpbin", func(t *testing.T) { against(t, "httpbin", map[string]string{"SERVER": peers.HTTPBin(t)}, nil) })
	t.Run("oauth1", func(t *testing.T) { against(t, "oauth1", map[string]string{"SERVER": peers.OAuth1(t)}, nil) })
	t.Run("oidc", func(t *testing.T) { againstOIDC(t) })
	t.Run("qbittorrent", func(t *testing.T) {
		against(t, "qbittorrent", map[string]string{"SERVER": peers.QBittorrent(t, 3*time.Second)}, nil)
	})
	t.Run("kit", func(t *testing.T) { againstCompilers(t) })
	t.Run("zitadel", func(t *testing.T) { againstZitadel(t) })
	t.Run("mail", func(t *testing.T) {
		smtp, mails := peers.Mailpit(t, "ada", "swordfish-91")
		against(t, "mail", map[string]string{"SMTP_PORT": portOf(smtp), "MAILS": mails}, nil)
	})
}

// againstCompilers runs the scripts that need a compiler of another language than
// Go.
func againstCompilers(t *testing.T) {
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs the compilers of other languages: set CONNHOST_PEERS=1 to use them")
	}
	against(t, "kit", map[string]string{"NODE_MODULES": compilers.NodeModules()}, nil)
}

// commands are more of what a script may say.
type commands map[string]func(*testscript.TestScript, bool, []string)

// against runs a folder of scripts. The words are what "fill" replaces in files,
// and those that are URLs are opened. Those that are paths of files are words of
// the environment.
func against(t *testing.T, folder string, words map[string]string, more commands) {
	var pairs, open []string
	for word, value := range words {
		addr, url := strings.CutPrefix(value, "http://")
		if secure, ok := strings.CutPrefix(value, "https://"); ok {
			addr, url = secure, true
		}
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
	all := commands{"status": status, "fill": fill, "consent": consent}
	maps.Copy(all, more)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/peer/" + folder,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := env.WorkDir + "/home"
			env.Setenv("HOME", home)
			env.Setenv("GORACE", os.Getenv("GORACE")) // where the program is built with the race detector
			env.Setenv("XDG_CONFIG_HOME", home+"/config")
			env.Setenv("XDG_DATA_HOME", home+"/data")
			env.Setenv("CONNHOST_ALLOW_CIDR", strings.Join(open, ","))
			for word, value := range words {
				if strings.HasPrefix(value, "/") {
					env.Setenv(word, value)
				}
			}
			return os.MkdirAll(home, 0o700)
		},
		Cmds: all,
	})
}

// waitFor gives what a background command prints into a file.
func waitFor(ts *testscript.TestScript, file string, what *regexp.Regexp) string {
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(ts.MkAbs(file))
		if found := what.FindSubmatch(data); found != nil {
			return string(found[1])
		}
	}
	ts.Fatalf("%s does not say %s", file, what)
	return ""
}

var (
	printedPage = regexp.MustCompile(`(?m)^(https?://\S+)$`)
	wholePage   = regexp.MustCompile(`entered already:\n(https?://\S+)\n`)
)

// answerOf reads the words behind a file: deny, user=NAME.
func answerOf(args []string) (a peers.Answer) {
	for _, word := range args {
		if word == "deny" {
			a.Deny = true
		}
		if name, ok := strings.CutPrefix(word, "user="); ok {
			a.User = name
		}
	}
	return a
}

// visit ends an authorization in a browser: it opens the callback that a
// consent leads to.
func visit(ts *testscript.TestScript, callback string) {
	resp, err := http.Get(callback)
	ts.Check(err)
	ts.Check(resp.Body.Close())
}

// againstOIDC runs the scripts against oidc-provider. "login FILE [deny]" goes
// through its pages from the URL in the file (with iss=X that stands in the
// callback), "enter FILE" through those of the
// device flow, and "seen CLIENT GRANT N" holds its log against a number of
// requests that succeeded.
func againstOIDC(t *testing.T) {
	server := peers.OIDC(t, peers.OIDCOptions{AccessTokenLife: 4 * time.Second, Connectors: []string{"iss", "other", "signed"}})
	keys := t.TempDir()
	write := func(name string, parts ...string) string {
		path := filepath.Join(keys, name)
		if err := os.WriteFile(path, []byte(strings.Join(parts, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	against(t, "oidc", map[string]string{
		"SERVER": server.URL, "PORT": portOf(strings.TrimPrefix(server.URL, "http://")), "SECURE": server.TLSURL, "SSL_CERT_FILE": server.CAFile,
		"ES256_PEM": write("es256.pem", server.ES256.PEM), "RS256_PEM": write("rs256.pem", server.RS256.PEM),
		"TLS_PEM":   write("tls.pem", read(server.TLSClient.CertFile), read(server.TLSClient.KeyFile)),
		"SELF_PEM":  write("self.pem", read(server.SelfSigned.CertFile), read(server.SelfSigned.KeyFile)),
		"ES256_KID": server.ES256.ID, "RS256_KID": server.RS256.ID,
	}, commands{
		"login": func(ts *testscript.TestScript, _ bool, args []string) {
			back := server.Consent(ts, waitFor(ts, args[0], printedPage), answerOf(args[1:]))
			for _, word := range args[1:] {
				if iss, ok := strings.CutPrefix(word, "iss="); ok {
					q := back.Query()
					q.Del("iss")
					if iss != "" {
						q.Set("iss", iss)
					}
					back.RawQuery = q.Encode()
				}
			}
			visit(ts, back.String())
		},
		"enter": func(ts *testscript.TestScript, _ bool, args []string) {
			server.ApproveDevice(ts, waitFor(ts, args[0], wholePage), answerOf(args[1:]))
		},
		"seen": func(ts *testscript.TestScript, _ bool, args []string) {
			requests, _ := server.Log(ts)
			n := 0
			for _, r := range requests {
				if r.ClientID == args[0] && r.GrantType == args[1] && r.OK {
					n++
				}
			}
			if want := args[2]; strconv.Itoa(n) != want {
				ts.Fatalf("%s got %d tokens by %s, want %s", args[0], n, args[1], want)
			}
		},
	})
}

// againstZitadel runs the scripts against zitadel's server. "token FILE" writes
// an access token of ada's.
func againstZitadel(t *testing.T) {
	server := peers.Zitadel(t, "http://127.0.0.1/callback/zitadel")
	key := filepath.Join(t.TempDir(), "service.pem")
	if err := os.WriteFile(key, server.ServiceKey, 0o600); err != nil {
		t.Fatal(err)
	}
	against(t, "zitadel", map[string]string{"SERVER": server.URL, "ISSUER": server.Issuer, "SERVICE_PEM": key}, commands{
		"token": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(server.Token(ts, "ada")), 0o600))
		},
		"login": func(ts *testscript.TestScript, _ bool, args []string) {
			visit(ts, server.Consent(ts, waitFor(ts, args[0], printedPage), "ada").String())
		},
	})
}
