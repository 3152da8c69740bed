package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var (
	labOpened = regexp.MustCompile(`export CONNHOST_ALLOW_CIDR=(\S+)`)
	labURL    = regexp.MustCompile(`listens at (http://\S+);`)
	labTyped  = regexp.MustCompile(`(?m)^  ((?:connhost|printf) .*)$`)
)

// openedLab waits for a lab that writes into a file, opens its address, and writes
// what it says to type into another: all but what needs a browser, and what
// follows that.
func openedLab(ts *testscript.TestScript, _ bool, args []string) {
	text := labOutput(ts, args[0])
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+","+labOpened.FindStringSubmatch(text)[1])
	script := "set -e\n"
	for _, line := range labTyped.FindAllStringSubmatch(text, -1) {
		if strings.Contains(line[1], "connection authorize") && !strings.Contains(line[1], "--secrets-json") {
			break
		}
		script += line[1] + "\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(script), 0o600))
}

// imaginedLab waits for a lab that writes into a file, opens its address, takes it
// for the one at $LAB from then on, and copies what it has said. $LABS are all.
func imaginedLab(ts *testscript.TestScript, _ bool, args []string) {
	text := labOutput(ts, args[0])
	ts.Setenv("CONNHOST_ALLOW_CIDR", labOpened.FindStringSubmatch(text)[1])
	ts.Setenv("LAB", strings.TrimPrefix(labURL.FindStringSubmatch(text)[1], "http://"))
	ts.Setenv("LABS", ts.Getenv("LABS")+" "+ts.Getenv("LAB"))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// control posts to the lab that writes into a file.
func control(ts *testscript.TestScript, neg bool, args []string) {
	url := labURL.FindStringSubmatch(labOutput(ts, args[0]))[1]
	resp, err := http.Post(url+"/control", "application/json", strings.NewReader(args[1]))
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	_ = resp.Body.Close()
	if ok := resp.StatusCode == http.StatusOK; ok == neg {
		ts.Fatalf("the lab answered %d: %s", resp.StatusCode, body)
	}
}

// labOutput is all that a lab prints when it has begun.
func labOutput(ts *testscript.TestScript, file string) string {
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(ts.MkAbs(file))
		if text := string(data); strings.Contains(text, "  faults: ") {
			return text
		}
	}
	ts.Fatalf("no lab has begun and written into %s", file)
	return ""
}
