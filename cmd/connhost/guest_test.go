package main

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/plugins/abi"
)

// guests are modules whose hook "respond" misbehaves, in hexadecimal: the
// binary format is small enough to be written by hand (WebAssembly 2.0 chapter
// 5). The host's own tests have more of them.
var guests = map[string]string{
	"trap":      "0061736d0100000001060160017f017f0302010005030100010717020a63685f726573706f6e640000066d656d6f727902000a05010300000b",
	"loop":      "0061736d0100000001060160017f017f0302010005030100010717020a63685f726573706f6e640000066d656d6f727902000a0b01090003400c000b41000b",
	"garbage":   "0061736d01000000010c0260027f7f017f60017f017f02130108636f6e6e686f7374066f757470757400000302010105030100010717020a63685f726573706f6e640001066d656d6f727902000a0d010b004100410810001a41000b0b0e010041000b086e6f74206a736f6e",
	"flood":     "0061736d01000000010c0260027f7f017f60017f017f02130108636f6e6e686f7374066f757470757400000302010105040100a0010717020a63685f726573706f6e640001066d656d6f727902000a10010e004100418080c00410001a41000b",
	"violation": "0061736d0100000001060160017f017f0302010005030100010717020a63685f726573706f6e640000066d656d6f727902000a0601040041070b",
}

// guest writes a module or a broken connector: guest KIND FILE.
func guest(ts *testscript.TestScript, _ bool, args []string) {
	manifest := []byte(`{"connhost":1,"id":"odd","name":"Odd","version":"1.0.0","auth":{"type":"none"},"base_url":"https://odd.example"}`)
	file := abi.Empty()
	section := func(name string, content []byte) {
		body := append(append([]byte{byte(len(name))}, name...), content...)
		file = append(append(file, 0, byte(len(body)&0x7f|0x80), byte(len(body)>>7)), body...)
	}
	switch args[0] {
	case "bare":
	case "two":
		section(abi.SectionName, manifest)
		section(abi.SectionName, manifest)
	case "rude": // names that would write to the terminal
		section("\x1b[2J\nsha256: 0", nil)
		section(abi.SectionName, manifest)
	case "tables": // more than the plugin host takes, and otherwise right
		trap, err := hex.DecodeString(guests["trap"])
		ts.Check(err)
		memory := strings.Index(string(trap), "\x05\x03\x01\x00\x01")
		file = slices.Concat(trap[:memory], []byte("\x04\x61\x20"+strings.Repeat("\x70\x00\x00", 32)), trap[memory:])
	case "cut":
		section(abi.SectionName, manifest)
		file = file[:len(file)-10]
	case "random":
		file = []byte("\x00asm\x01\x00\x00\x00")
		for x := uint32(1); len(file) < 2000; x = x*1664525 + 1013904223 { // numbers that look like chance, the same at each run
			file = append(file, byte(x>>24))
		}
	case "json":
		section(abi.SectionName, []byte(`{"connhost":1, this is not JSON`))
	case "newer":
		section("connhost.v2", manifest)
	case "bomb": // 2^32-1 functions in a code section without any
		file = []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x0a\x05\xff\xff\xff\xff\x0f")
		section(abi.SectionName, []byte(strings.Replace(string(manifest), `"auth"`, `"hooks":["respond"],"auth"`, 1)))
	default:
		module, err := hex.DecodeString(guests[args[0]])
		ts.Check(err)
		file = module
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), file, 0o600))
}

// interrupt runs a command until it prints a pattern, then sends what Ctrl-C
// sends, and holds the exit status: interrupt STATUS PATTERN connhost ...
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command(lookPath(ts, args[2]), args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"TMPDIR=" + ts.Getenv("TMPDIR")}
	for _, name := range []string{"HOME", "PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "CONNHOST_ALLOW_CIDR", "LAB_SECRET"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	cmd.Stderr = cmd.Stdout
	ts.Check(cmd.Start())
	pattern := regexp.MustCompile(args[1])
	seen, sent := "", false
	for buf := make([]byte, 4096); ; {
		n, err := out.Read(buf)
		seen += string(buf[:n])
		if !sent && pattern.MatchString(seen) {
			sent = true
			ts.Check(cmd.Process.Signal(syscall.SIGINT))
		}
		if err != nil {
			break
		}
	}
	status := "0"
	if exit, ok := errors.AsType[*exec.ExitError](cmd.Wait()); ok {
		status = strings.TrimPrefix(exit.Error(), "exit status ")
	}
	if !sent || status != args[0] || strings.Contains(seen, "goroutine ") {
		ts.Fatalf("interrupted %t, exit status %s, printed:\n%s", sent, status, seen)
	}
}

func lookPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); fileExists(path) {
			return path
		}
	}
	ts.Fatalf("no %s in PATH", name)
	return ""
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
