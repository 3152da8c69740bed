package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/host/lab"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"connhost": ledMain})
}

// TestScripts runs the command line, a script a topic. Each has a folder of
// its own as home, and a lab at $LAB that $CONNHOST_ALLOW_CIDR opens.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               setup(t.TempDir()),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"alter":     alter,
			"consent":   consent,
			"control":   control,
			"hold":      hold,
			"silent":    silent,
			"sing":      sing,
			"status":    status,
			"endall":    endAll,
			"expire":    expire,
			"guest":     guest,
			"interrupt": interrupt,
			"issuer":    startIssuer,
			"legs":      startLegs,
			"lock":      lock,
			"location":  location,
			"opened":    openedLab,
			"receive":   receive,
			"serve":     serve,
			"vendor":    startVendor,
		},
	})
}

type labKey struct{}

// setup makes the home of a script. Code is where compiled code is kept, for all
// scripts of a test: the lab's hook takes seconds, and tens of them with the race
// detector.
func setup(code string) func(*testscript.Env) error {
	return func(env *testscript.Env) error { return makeHome(env, code) }
}

func makeHome(env *testscript.Env, code string) error {
	fake := lab.New(lab.Options{TokenLife: time.Hour})
	server, err := fake.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { _ = server.Close() })
	env.Values[labKey{}], env.Values[vendorKey{}] = fake, new(*vendor)
	home := env.WorkDir + "/home"
	env.Setenv("HOME", home)
	env.Setenv("GORACE", os.Getenv("GORACE")) // where the program is built with the race detector
	env.Setenv("GOCACHE", goCache())
	env.Setenv("XDG_CONFIG_HOME", home+"/config")
	env.Setenv("XDG_DATA_HOME", home+"/data")
	catalogue, err := filepath.Abs("../../connectors")
	if err != nil {
		return err
	}
	env.Setenv("CONNECTORS", catalogue)
	env.Setenv("LAB", server.Addr)
	env.Setenv("LAB_SECRET", lab.ClientSecret)
	env.Setenv("LAB_KEY", lab.APIKey)
	env.Setenv("LAB_PASSWORD", lab.BasicSecret)
	env.Setenv("CONNHOST_ALLOW_CIDR", "127.0.0.1/32:"+portOf(server.Addr))
	if err := os.MkdirAll(home+"/data/connhost", 0o700); err != nil {
		return err
	}
	if err := os.Symlink(code, home+"/data/connhost/cache"); err != nil {
		return err
	}
	return writeLabConnector(env.WorkDir + "/lab")
}

// goCache is that of the go command that runs the tests: a script that builds Go
// code does not build the standard library first.
var goCache = sync.OnceValue(func() string {
	out, _ := exec.Command("go", "env", "GOCACHE").Output()
	return strings.TrimSpace(string(out))
})

var authorizeURL = regexp.MustCompile(`(?i)http://\S+/(auth|\w*authorize\w*)\?\S+`)

// consent waits for the URL that a background command prints into a file,
// opens it and follows it to the callback, as a browser does. With a second
// argument it changes the callback's URL: OLD=NEW.
func consent(ts *testscript.TestScript, neg bool, args []string) {
	callback := callbackOf(ts, args[0])
	for _, change := range args[1:] {
		old, next, _ := strings.Cut(change, "=>")
		if !strings.Contains(callback, old) {
			ts.Fatalf("the callback %s has no %q", callback, old)
		}
		callback = strings.Replace(callback, old, next, 1)
	}
	resp, err := http.Get(callback)
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_ = resp.Body.Close()
	if ok := resp.StatusCode == http.StatusOK; ok == neg {
		ts.Fatalf("the callback answered %d: %s", resp.StatusCode, body)
	}
}

// location is consent on another machine: the address that the browser ends at
// is written into a file, with a newline behind it.
func location(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(callbackOf(ts, args[0])+"\n"), 0o600))
}

// callbackOf waits for the URL that a background command prints into a file,
// opens it and gives where that leads.
func callbackOf(ts *testscript.TestScript, file string) string {
	page := ""
	for end := time.Now().Add(60 * time.Second); page == "" && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(ts.MkAbs(file))
		page = authorizeURL.FindString(string(data))
	}
	if page == "" {
		ts.Fatalf("no URL was printed into %s", file)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(page)
	ts.Check(err)
	_ = resp.Body.Close()
	return resp.Header.Get("Location")
}

// status runs a command and holds its exit status: status 5 connhost run x.dg.
func status(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if (got == args[0]) == neg {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// endAll makes the lab end every grant, as people do on the service's own page.
func endAll(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value(labKey{}).(*lab.Lab).EndAll()
}

// expire makes the lab forget every access token.
func expire(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value(labKey{}).(*lab.Lab).Expire()
}
