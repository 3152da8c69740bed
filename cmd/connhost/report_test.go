package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// FuzzReport: whatever a file holds, what is printed of it is text in lines
// that a terminal obeys nothing of, and each section has one line.
func FuzzReport(f *testing.F) {
	manifest := []byte(`{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"oauth2","authorize":{"path":"/"},"token":{"path":"/"}},"base_url":"https://a.test","scopes":["a\u202eb"]}`)
	good, err := abi.Append(abi.Empty(), manifest)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(append([]byte("\x00asm\x01\x00\x00\x00\x00\x06\x05\x1b[2J\n\x05\x03\x01\x00\x01\x07\x09\x01\x05\x1b]0;\n\x02\x00"), good[8:]...))
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x0a\x05\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := build.Inspect(file)
		if err != nil {
			return
		}
		var out bytes.Buffer
		writeReport(&out, r)
		text := out.String()
		if i := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }); i >= 0 {
			t.Fatalf("%q at byte %d", text, i)
		}
		if !strings.HasPrefix(text, "sha256:") || len(r.Problems) > 0 && strings.Count(text, "\nproblems:\n") != 1 {
			t.Fatal(text)
		}
		_, table, _ := strings.Cut(text, "\nsections:\n")
		table, _, _ = strings.Cut(table, "\n\n")
		if lines := strings.Count(strings.TrimRight(table, "\n"), "\n"); lines != len(r.Sections) {
			t.Fatalf("%d sections, %d lines:\n%s", len(r.Sections), lines, table)
		}
	})
}
