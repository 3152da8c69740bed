package abi_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// custom is a custom section as bytes; short contents only.
func custom(name, content string) string {
	return "\x00" + string(rune(1+len(name)+len(content))) + string(rune(len(name))) + name + content
}

const empty = "\x00asm\x01\x00\x00\x00"

func TestSection(t *testing.T) {
	for _, c := range []struct {
		name, file, want string
		err              error
	}{
		{"one", empty + custom("connhost.v1", "{}"), "{}", nil},
		{"among others", empty + custom("name", "x") + custom("connhost.v1", "{}") + "\x01\x01\x00", "{}", nil},
		{"empty manifest", empty + custom("connhost.v1", ""), "", nil},
		{"a size with leading zeros", empty + "\x00\x8e\x80\x00\x0bconnhost.v1{}", "{}", nil},
		{"nothing", "", "", abi.ErrNotModule},
		{"text", "connhost: 1\n", "", abi.ErrNotModule},
		{"short", "\x00asm\x01\x00\x00", "", abi.ErrNotModule},
		{"version 2", "\x00asm\x02\x00\x00\x00", "", abi.ErrNotModule},
		{"component", "\x00asm\x0d\x00\x01\x00", "", abi.ErrComponent},
		{"none", empty, "", abi.ErrNoManifest},
		{"another name", empty + custom("connhost", "{}"), "", abi.ErrNoManifest},
		{"two", empty + custom("connhost.v1", "{}") + custom("connhost.v1", "{}"), "", abi.ErrTwoManifests},
		{"two versions", empty + custom("connhost.v1", "{}") + custom("connhost.v2", "{}"), "", abi.ErrTwoManifests},
		{"no size", empty + "\x00", "", abi.ErrMalformed},
		{"a size past the end", empty + "\x01\x05\x00", "", abi.ErrMalformed},
		{"a huge size", empty + "\x01\xff\xff\xff\xff\x0f", "", abi.ErrMalformed},
		{"a size over 32 bits", empty + "\x01\xff\xff\xff\xff\x1f\x00", "", abi.ErrMalformed},
		{"a size of six bytes", empty + "\x01\x80\x80\x80\x80\x80\x00", "", abi.ErrMalformed},
		{"no name", empty + "\x00\x00", "", abi.ErrMalformed},
		{"a name past its section", empty + "\x00\x02\x05a" + "bcde", "", abi.ErrMalformed},
		{"a name that is not UTF-8", empty + "\x00\x02\x01\xff", "", abi.ErrMalformed},
	} {
		got, err := abi.Section([]byte(c.file))
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func TestSectionNewer(t *testing.T) {
	_, err := abi.Section([]byte(empty + custom("connhost.v2", "{}")))
	newer, ok := errors.AsType[*abi.VersionError](err)
	if !ok || newer.Name != "connhost.v2" || !strings.Contains(err.Error(), "this host speaks connhost.v1") {
		t.Errorf("got %v", err)
	}
}

func TestSectionSizes(t *testing.T) {
	file, err := abi.Append(abi.Empty(), make([]byte, abi.MaxManifest))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := abi.Section(file); err != nil {
		t.Errorf("the largest manifest: %v", err)
	}
	if _, err := abi.SectionWithin(file, len(file)); err != nil {
		t.Errorf("the largest file: %v", err)
	}
	if _, err := abi.SectionWithin(file, len(file)-1); !errors.Is(err, abi.ErrFileSize) {
		t.Errorf("a file over the limit: %v", err)
	}
	if _, err := abi.Append(abi.Empty(), make([]byte, abi.MaxManifest+1)); !errors.Is(err, abi.ErrManifestSize) {
		t.Errorf("appending a large manifest: %v", err)
	}
	large := append([]byte(empty+"\x00\x8d\x80\x10\x0bconnhost.v1"), make([]byte, abi.MaxManifest+1)...)
	if _, err := abi.Section(large); !errors.Is(err, abi.ErrManifestSize) {
		t.Errorf("reading a large manifest: %v", err)
	}
}

func TestAppendRefusesASecond(t *testing.T) {
	file, err := abi.Append(abi.Empty(), []byte(`{"connhost":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := empty + custom("connhost.v1", `{"connhost":1}`); string(file) != want {
		t.Errorf("got %q, want %q", file, want)
	}
	if _, err := abi.Append(file, []byte("{}")); !errors.Is(err, abi.ErrTwoManifests) {
		t.Errorf("a second one: %v", err)
	}
	bare, err := abi.Strip(file)
	if err != nil || !bytes.Equal(bare, abi.Empty()) {
		t.Errorf("stripped: %q, %v", bare, err)
	}
}

func TestHash(t *testing.T) {
	const want = "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476" // FIPS 180-4 over the 8 bytes
	if got := abi.Hash(abi.Empty()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzSection holds that an error is one of ours, and that a manifest found
// in a file is found again after it was taken out and put back.
func FuzzSection(f *testing.F) {
	f.Add([]byte(empty + custom("connhost.v1", "{}")))
	f.Add([]byte(empty + custom("name", "x") + custom("connhost.v2", "{}") + "\x01\x01\x00"))
	f.Add([]byte(empty + "\x00\x8e\x80\x00\x0bconnhost.v1{}"))
	f.Add([]byte(empty + "\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, file []byte) {
		manifest, err := abi.Section(file)
		if err != nil {
			if !ours(err) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		bare, err := abi.Strip(file)
		if err != nil {
			t.Fatal(err)
		}
		again, err := abi.Append(bare, manifest)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := abi.Section(again); err != nil || !bytes.Equal(got, manifest) {
			t.Fatalf("got %q, %v, want %q", got, err, manifest)
		}
	})
}

func ours(err error) bool {
	if _, ok := errors.AsType[*abi.VersionError](err); ok {
		return true
	}
	for _, kind := range []error{abi.ErrNotModule, abi.ErrComponent, abi.ErrMalformed, abi.ErrNoManifest,
		abi.ErrTwoManifests, abi.ErrFileSize, abi.ErrManifestSize} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
