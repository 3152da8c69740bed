package seal

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/connhost/connhost/host"
)

// Add and Drop change the file. Who calls them sees to it that nobody else
// does at the same time: the store does so in an Update.

// Reload reads the file again. A file that cannot be read changes nothing.
func (k *Keyset) Reload() error {
	k.change.Lock()
	defer k.change.Unlock()
	return k.reload()
}

func (k *Keyset) reload() error {
	fresh, err := read(k.path)
	if err != nil {
		return refusal(k.path, err)
	}
	k.keys.Store(fresh.keys.Load())
	return nil
}

// Add puts a new key into the file and makes it the primary one.
func (k *Keyset) Add() (string, error) {
	k.change.Lock()
	defer k.change.Unlock()
	if err := k.reload(); err != nil {
		return "", err
	}
	m := keyset.NewManagerFromHandle(k.keys.Load().handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return "", err
	}
	return keyID(id), k.replace(m)
}

// Drop takes every key but the primary one out of the file. They are kept
// beside it before that: copies of the store that were made earlier need them,
// and so does another store that shares the file.
func (k *Keyset) Drop(forget bool) (kept string, err error) {
	k.change.Lock()
	defer k.change.Unlock()
	if err := k.reload(); err != nil {
		return "", err
	}
	h := k.keys.Load().handle
	if len(k.keys.Load().ids) == 1 && h.Len() == 1 {
		return "", nil
	}
	only, before := keyset.NewManagerFromHandle(h), keyset.NewManagerFromHandle(h)
	var last uint32 // of those before
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return "", err
		}
		if e.IsPrimary() {
			continue
		}
		if err := only.Delete(e.KeyID()); err != nil {
			return "", err
		}
		if e.KeyStatus() == keyset.Enabled {
			last = e.KeyID()
		}
	}
	if !forget && last != 0 {
		primary, err := h.Primary()
		if err == nil {
			err = errors.Join(before.SetPrimary(last), before.Delete(primary.KeyID()))
		}
		if err != nil {
			return "", err
		}
		old, err := before.Handle()
		if err != nil {
			return "", err
		}
		kept = keptPath(k.path, keyID(last))
		if err := replaceKey(kept, k.path, old); err != nil {
			return "", unwritable(kept, err)
		}
	}
	return kept, k.replace(only)
}

// keptPath is where a key stays that was in the file at path.
func keptPath(path, id string) string { return path + "." + id }

// replace writes a changed keyset and takes it.
func (k *Keyset) replace(m *keyset.Manager) error {
	h, err := m.Handle()
	if err != nil {
		return err
	}
	now, err := newKeys(h)
	if err != nil {
		return err
	}
	if err := replaceKey(k.path, k.path, h); err != nil {
		return unwritable(k.path, err)
	}
	k.keys.Store(now)
	return nil
}

func unwritable(path string, err error) error {
	return host.Errorf(host.Unavailable, "the key file %s cannot be written", path).
		WithHint("check the permissions and the space of %s; nothing is lost, and the same command goes on", filepath.Dir(path)).Because(err)
}

// replaceKey puts a keyset in the place of a key file: complete and durable
// under another name before it gets this one, for its owner only. What a
// symbolic link points to is replaced, not the link. The owner is that of like.
func replaceKey(path, like string, h *keyset.Handle) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	dir := filepath.Dir(path)
	sweep(dir)
	tmp, err := os.CreateTemp(dir, ".rekey-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(keepOwner(tmp, like), writeTo(tmp, h), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// sweep removes what killed processes have left: there are keys in it.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, ".rekey-*"))
	for _, name := range left {
		if info, err := os.Lstat(name); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(name)
		}
	}
}
