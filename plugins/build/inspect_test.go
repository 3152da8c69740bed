package build_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

const small = `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"none"},"base_url":"https://a.test","test":{"path":"/"},"hooks":["test"]}`

func appended(module, manifest string) []byte {
	file, err := abi.Append([]byte(module), []byte(manifest))
	if err != nil {
		panic(err)
	}
	return file
}

func TestInspect(t *testing.T) {
	file := appended(guest{imports: []string{"wasi_snapshot_preview1.proc_exit"}, exports: []string{"ch_test"}}.wasm(), small)
	r, err := build.Inspect(file)
	if err != nil || !r.Valid() || len(r.Problems) > 0 {
		t.Fatalf("%v %v", err, r.Problems)
	}
	if r.Hash != abi.Hash(file) || r.Size != len(file) || string(r.ManifestJSON) != small || r.Manifest.ID != "a" {
		t.Errorf("%+v", r)
	}
	var sections []string
	for _, s := range r.Sections {
		sections = append(sections, s.Name)
	}
	for _, c := range []struct{ got, want string }{
		{strings.Join(sections, ", "), "type, import, function, memory, export, code, custom connhost.v1"},
		{fmt.Sprint(r.Imports), "[{wasi_snapshot_preview1 proc_exit func (i32) -> i32}]"},
		{fmt.Sprint(r.Exports), "[{ch_test func (i32) -> i32} {memory memory }]"},
		{fmt.Sprint(r.Functions, r.Memories, r.Tables, r.Capabilities), "1 [{1 <nil>}] [] []"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestCapabilities(t *testing.T) {
	const manifest = `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"basic"},"base_url":"https://a.test","hooks":["action"],"actions":[{"name":"do"}],"reveal_secrets":["password"]}`
	most := uint32(16)
	file := appended(guest{imports: []string{"connhost.http", "connhost.secret", "wasi_snapshot_preview1.fd_write"}, exports: []string{"ch_action"}, params: 2, pages: &most}.wasm(), manifest)
	r, err := build.Inspect(file)
	if err != nil || !r.Valid() {
		t.Fatalf("%v %v", err, r.Problems)
	}
	want := "[{http sends requests of its own, to a.test} {secret reads, where an administrator grants it: password}]"
	if got := fmt.Sprint(r.Capabilities); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if len(r.Memories) != 1 || r.Memories[0].Min != 1 || *r.Memories[0].Max != most || r.Functions != 1 {
		t.Errorf("%+v, %d functions", r.Memories, r.Functions)
	}
}

func TestInspectProblems(t *testing.T) {
	header := "\x00asm\x01\x00\x00\x00"
	for _, c := range []struct{ name, file, want string }{
		{"no manifest", header, "a WebAssembly file without a manifest"},
		{"two manifests", string(appended(header, small)) + string(appended(header, small))[8:], "a WebAssembly file with two manifests"},
		{"a later manifest", header + part(0, nil) + "\x00\x0d" + text("connhost.v2") + "{", `the file is made for "connhost.v2"; this host speaks connhost.v1`},
		{"invalid manifest", string(appended(header, `{"connhost":1}`)), `the key "id" is missing`},
		{"hook without code", string(appended(header, small)), "hooks are declared and there is no code"},
		{"a type of unknown form", header + "\x01\x02\x01\x5e", "the module is malformed: the section at byte 8: a type of unknown form 0x5e"},
		{"a count of 2^32-1", header + "\x0a\x05\xff\xff\xff\xff\x0f", "the module is malformed: it announces 0 functions and 4294967295 function bodies"},
		{"a count of tables", header + "\x04\x05\xff\xff\xff\xff\x0f", "the module is malformed: the section at byte 8: 4294967295 tables, at most 1000"},
		{"a table of another kind", header + "\x04\x04\x01\x64\x00\x00", "the module is malformed: the section at byte 8: a table of unknown form 0x64"},
		{"a shared memory", header + "\x05\x04\x01\x03\x01\x01", "the module is malformed: the section at byte 8: a shared or 64-bit memory or table"},
		{"a count of imports", header + "\x02\x05\xff\xff\xff\xff\x0f", "the module is malformed: the section at byte 8: 4294967295 imports, at most 1000"},
		{"a count of types", header + "\x01\x02\x88\x27", "the module is malformed: the section at byte 8: it ends too early"},
		{"a number without an end", header + "\x01\x80\x80\x80\x80\x80\x00", "the module is malformed: the section at byte 8 leaves the file"},
		{"an unknown section", header + "\x20\x00", "the module is malformed: the section at byte 8: it has the unknown kind 32"},
		{"a name that is not UTF-8", header + "\x07\x05\x01\x01\xff\x00\x00", "the module is malformed: the section at byte 8: a name that is too long or not UTF-8"},
	} {
		r, err := build.Inspect([]byte(c.file))
		if err != nil || len(r.Problems) == 0 || r.Problems[0].Msg != c.want || r.Valid() {
			t.Errorf("%s: got %v %v", c.name, err, r.Problems)
		}
	}
	for _, file := range []string{"", "\x00asm", "PK\x03\x04 and more", "\x00asm\x02\x00\x00\x00", "\x00asm\x0d\x00\x01\x00"} {
		if _, err := build.Inspect([]byte(file)); err == nil {
			t.Errorf("%q: no error", file)
		}
	}
}

// FuzzInspect: any bytes give a report or a sentence, every problem has its
// code, and a report that is valid is of a manifest that is.
func FuzzInspect(f *testing.F) {
	f.Add(appended(guest{imports: []string{"connhost.input"}, exports: []string{"ch_test"}}.wasm(), small))
	f.Add(appended("\x00asm\x01\x00\x00\x00", small))
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x0a\x05\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := build.Inspect(file)
		if err != nil {
			if e, ok := errors.AsType[*host.Error](err); !ok || e.Msg == "" || e.Hint == "" {
				t.Fatalf("no sentence and hint: %v", err)
			}
			return
		}
		for _, p := range r.Problems {
			if _, known := abi.Explain(p.Code); !known || p.Msg == "" {
				t.Fatalf("a problem without a code or a sentence: %+v", p)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		if r.Valid() {
			if _, err := abi.Parse(r.ManifestJSON); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzRead: every mistake has a place in the file, and what is accepted is
// read again from its own JSON, which is YAML too.
func FuzzRead(f *testing.F) {
	f.Add(acme)
	f.Add("a: &a [b]\nc: {d}\n")
	f.Add("? [x]\n: !t 0x1\n<<: *y\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := build.Read("f", []byte(text))
		for _, d := range s.Diagnostics {
			d.Render()
			if d.Line < 1 || d.Column < 1 || d.Msg == "" {
				t.Fatalf("%+v", d)
			}
		}
		if s.Failed() {
			return
		}
		if again := build.Read("f", s.JSON); again.Failed() || string(again.JSON) != string(s.JSON) {
			t.Fatalf("%s\n%s\n%v", s.JSON, again.JSON, again.Diagnostics)
		}
	})
}
