package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/connhost/connhost/host"
)

// maxKeyFile bounds what is read as a key file; one key takes 300 bytes.
const maxKeyFile = 1 << 20

// Open reads the key file at path. want is the id of the key that the store
// was sealed with: a file without that key is refused, and a missing one too,
// because a new key would open nothing. An empty want means a new store, for
// which a missing file is made; of several processes that make it at once one
// wins, and all use its key.
//
// Every refusal is an Unavailable *host.Error.
func Open(path, want string) (*Keyset, error) {
	k, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if want != "" {
			return nil, host.Errorf(host.Unavailable, "the store was sealed with the key %s, and there is no key file %s", want, path).
				WithHint("put the key file back, or name it with --key-file; nothing else opens the stored secrets")
		}
		if err := create(path); err != nil {
			return nil, host.Errorf(host.Unavailable, "the key file %s cannot be made", path).
				WithHint("check the permissions of %s, or name another place with --key-file", filepath.Dir(path)).Because(err)
		}
		k, err = read(path)
	}
	if err != nil {
		return nil, refusal(path, err)
	}
	if ids := k.KeyIDs(); want != "" && !slices.Contains(ids, want) {
		e := host.Errorf(host.Unavailable, "the store was sealed with the key %s, and the key file %s has %s", want, path, strings.Join(ids, ", "))
		if _, err := os.Stat(keptPath(path, want)); err == nil {
			return nil, e.WithHint("that key was kept when the file's was changed; name it: --key-file %s", keptPath(path, want))
		}
		return nil, e.WithHint("name the key file that belongs to this store with --key-file")
	}
	return k, nil
}

// Read reads the key file at path and makes none: a missing one is NotFound.
func Read(path string) (*Keyset, error) {
	k, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, host.Errorf(host.NotFound, "there is no key file %s", path)
	}
	if err != nil {
		return nil, refusal(path, err)
	}
	return k, nil
}

// refusal is the sentence for a key file that is there and cannot be read.
func refusal(path string, err error) error {
	if e, ok := errors.AsType[*host.Error](err); ok {
		return e
	}
	return host.Errorf(host.Unavailable, "the key file %s cannot be read", path).
		WithHint("check that it is a file of yours: ls -l %s", path).Because(err)
}

// read gives the keyset in the file. A file that is a symbolic link is
// judged by what it points to.
func read(path string) (*Keyset, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// Windows keeps access lists instead, and its modes say nothing.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && info.Mode().IsRegular() && runtime.GOOS != "windows" {
		return nil, host.Errorf(host.Unavailable, "the key file %s can be read by other users (mode %04o)", path, mode).
			WithHint("chmod 600 %s", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, err
	}
	k, err := parse(text)
	if err == nil {
		k.path = path
	}
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "the file %s is not a connhost key file, or it is damaged", path).
			WithHint("name the right one with --key-file, or put it back from a backup").Because(err)
	}
	return k, nil
}

func parse(text []byte) (*Keyset, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	return newKeyset("", h)
}

// create writes a new key to path unless a file is there already. The key is
// complete and durable under another name before it gets its own by a hard
// link, which fails if the name is taken: nobody reads half a key, and nobody
// replaces one.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = writeTo(tmp, h)
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// writeTo writes a keyset and waits for the disk.
func writeTo(f *os.File, h *keyset.Handle) error {
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(f)); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	return f.Sync()
}

// syncDir makes the name durable. Windows does not open directories and
// journals names by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
