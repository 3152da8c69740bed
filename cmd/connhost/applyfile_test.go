package main

import (
	"bytes"
	"testing"

	"github.com/connhost/connhost/host"
)

// Whatever stands in a file for apply: the error is a sentence of ours, and what
// is accepted is written and read again as the same.
func FuzzApplyFile(f *testing.F) {
	f.Add([]byte("connhost_apply: 1\nusers:\n  - {login: grace, role: developer}\nconnections:\n  - {link_name: a, connector: b, params: {x: y}}\n"))
	f.Add([]byte("connhost_apply: 1\ncredentials:\n  - {name: A, connector: b, client_id: c, client_secret: {env: X}}\n"))
	f.Add([]byte("connhost_apply: 1\nconnectors: [{source: x, stage: draft, actions: false}]"))
	f.Add([]byte("connhost_apply: 1\napplications:\n  - {name: billing, denied: [a, b]}\n  - {name: default}\n"))
	f.Add([]byte("connhost_apply: 2"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("connhost_apply: 1\nusers: &a\n  - *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseApply("x.yaml", data)
		if err != nil {
			if host.CodeOf(err) != host.Failed {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		text, err := file.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseApply("x.yaml", text)
		if err != nil {
			t.Fatalf("read again: %v\n%s", err, text)
		}
		if second, err := again.encode(); err != nil || !bytes.Equal(second, text) {
			t.Errorf("written again as\n%s\nafter\n%s%v", second, text, err)
		}
	})
}
