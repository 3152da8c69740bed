package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/seal"
)

func open(t *testing.T, path, want string) *seal.Keyset {
	t.Helper()
	k, err := seal.Open(path, want)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return k
}

func TestOpenMakesAFileForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config", "connhost", "key.json")
	k := open(t, path, "")
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, %v; want %04o", p, info.Mode().Perm(), err, want)
		}
	}
	if again := open(t, path, k.KeyID()); again.KeyID() != k.KeyID() {
		t.Errorf("got key %s the second time, want %s", again.KeyID(), k.KeyID())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSealedOpensInItsPlaceOnly(t *testing.T) {
	k := open(t, filepath.Join(t.TempDir(), "key"), "")
	sealed, err := k.Seal([]byte("hunter2 hunter2"), []byte("here"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("hunter2")) {
		t.Error("the sealed text holds the secret")
	}
	if plain, err := k.Open(sealed, []byte("here")); err != nil || string(plain) != "hunter2 hunter2" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := k.Open(sealed, []byte("there")); err == nil {
		t.Error("opened in another place")
	}
	for bit := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		if _, err := k.Open(flipped, []byte("here")); err == nil {
			t.Errorf("opened with bit %d flipped", bit)
		}
	}
}

func TestOpenAtOnceGivesOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key")
	ids := make([]string, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			if k, err := seal.Open(path, ""); err != nil {
				t.Error(err)
			} else {
				ids[i] = k.KeyID()
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("got different keys: %v", ids)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	own := open(t, at("own"), "")
	other := open(t, at("other"), "")
	loose := at("loose")
	open(t, loose, "")
	for _, err := range []error{
		os.Chmod(loose, 0o640),
		os.WriteFile(at("garbage"), []byte("not a key"), 0o600),
		os.WriteFile(at("empty"), nil, 0o600),
		os.WriteFile(at("json"), []byte(`{"primaryKeyId":1,"key":[]}`), 0o600),
		os.Mkdir(at("folder"), 0o700),
		os.Symlink(at("nowhere"), at("dangling")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		file, want string
		says, hint string
	}{
		"missing":  {"missing", own.KeyID(), "sealed with the key " + own.KeyID() + ", and there is no key file", "--key-file"},
		"wrong":    {"other", own.KeyID(), "sealed with the key " + own.KeyID() + ", and the key file " + at("other") + " has " + other.KeyID(), "--key-file"},
		"loose":    {"loose", "", "can be read by other users (mode 0640)", "chmod 600 " + loose},
		"garbage":  {"garbage", "", "is not a connhost key file", "--key-file"},
		"empty":    {"empty", "", "is not a connhost key file", "--key-file"},
		"no key":   {"json", "", "is not a connhost key file", "--key-file"},
		"folder":   {"folder", "", "cannot be read", "ls -l"},
		"dangling": {"dangling", "", "cannot be read", "ls -l"},
		"no place": {"own/below", "", "cannot be read", "ls -l"},
	}
	for name, tt := range tests {
		_, err := seal.Open(at(tt.file), tt.want)
		e, ok := err.(*host.Error)
		if !ok || e.Code != host.Unavailable || !strings.Contains(e.Msg, tt.says) || !strings.Contains(e.Hint, tt.hint) {
			t.Errorf("%s: got %#v", name, err)
		}
	}
	if _, err := os.Stat(at("missing")); err == nil {
		t.Error("made a new key for an old store")
	}
}

func TestOpenFollowsASymbolicLink(t *testing.T) {
	dir := t.TempDir()
	k := open(t, filepath.Join(dir, "key"), "")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("key", link); err != nil {
		t.Fatal(err)
	}
	if got := open(t, link, k.KeyID()); got.KeyID() != k.KeyID() {
		t.Errorf("got key %s, want %s", got.KeyID(), k.KeyID())
	}
}

func BenchmarkOpen(b *testing.B) {
	k, err := seal.Open(filepath.Join(b.TempDir(), "key"), "")
	if err != nil {
		b.Fatal(err)
	}
	sealed, err := k.Seal(bytes.Repeat([]byte("x"), 200), []byte("place"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := k.Open(sealed, []byte("place")); err != nil {
			b.Fatal(err)
		}
	}
}
