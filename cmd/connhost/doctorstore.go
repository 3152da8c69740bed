package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
)

// stored looks at the store and its key, and at what is in the store. Its error
// is that who acts may not, or is not there, or that it was interrupted.
func (d *doctor) stored(ctx context.Context) error {
	path, err := store.Locate(d.set.store)
	if err != nil {
		d.Fail("store", err)
		return nil
	}
	how := d.decided(d.flags.store, "--store", "CONNHOST_STORE")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		d.nothing(path, how)
		return nil
	}
	if err == nil && !info.Mode().IsRegular() { // what would be said of it would be wrong, such as to change its mode
		d.Bad("store", "name the right one with --store", "%s (%s) is not a file", path, how)
		d.Skip("stored data", "there is no store")
		return nil
	}
	d.guard(guarded{"store file", path, "--store", false})
	d.guardKey()
	d.cache()
	d.room(path)
	st, err := store.Open(ctx, d.set.store, store.Options{Look: true, BuiltIn: d.set.builtIn})
	if err != nil {
		d.Fail("store", err)
		d.readKey()
		d.Skip("stored data", "the store cannot be opened")
		return ctx.Err()
	}
	defer func() { _ = st.Close() }()
	d.Well("store", "%s (%s)", path, how)
	return d.opened(ctx, st)
}

// nothing is the whole of what is told of the store where there is none.
func (d *doctor) nothing(path, how string) {
	if _, err := os.Stat(d.set.keyFile); err == nil {
		d.guardKey()
		d.readKey()
		d.Bad("store", "say where it is: --store, CONNHOST_STORE; or put it back from a backup", "there is a key, and no store %s (%s)", path, how)
		return
	}
	d.Warn("store", "the first command makes it, and its key, such as: connhost user add LOGIN --role super_admin",
		"there is no store %s (%s) and no key yet", path, how)
}

// guardKey looks at the key file from the outside, if there is one. What is no
// file, such as a pipe, has nobody to be guarded from.
func (d *doctor) guardKey() {
	if info, err := os.Stat(d.set.keyFile); err == nil && info.Mode().IsRegular() {
		d.guard(guarded{"key file", d.set.keyFile, "--key-file", true})
	}
}

// readKey looks whether the key file is one, where no store says which key it
// has to hold.
func (d *doctor) readKey() {
	how := d.decided(d.flags.keyFile, "--key-file", "CONNHOST_KEY_FILE")
	k, err := seal.Read(d.set.keyFile)
	if err != nil {
		d.Fail("key", hintless(err, "put the key file back, or name it with --key-file"))
		return
	}
	d.Well("key", "%s (%s) has %s", d.set.keyFile, how, k.KeyID())
}

// opened goes on where the file is a store of ours.
func (d *doctor) opened(ctx context.Context, st *store.Store) error {
	switch version, newest, err := st.Version(ctx); {
	case err != nil:
		d.Fail("schema", err)
	case version == 0:
		d.Bad("schema", "put it back from a backup, if anything was in it", "the file is empty, and the next command makes a new store of it")
		d.Skip("stored data", "nothing is stored")
		return nil
	case version < newest:
		d.Warn("schema", "the next command brings it up to date, such as: connhost connection list", "it has version %d of %d", version, newest)
		d.Skip("stored data", "the store is not up to date")
		return nil
	default:
		d.Well("schema", "version %d is current", version)
	}
	if err := st.Writable(ctx); err != nil {
		d.Fail("writing", err)
	} else {
		d.Well("writing", "nobody holds the store back")
	}
	d.integrity(ctx, st)
	if err := d.unlock(ctx, st); err != nil {
		d.Fail("key", err)
	}
	return d.inside(ctx, st)
}

// integrity has SQLite look at the whole file.
func (d *doctor) integrity(ctx context.Context, st *store.Store) {
	const check = "integrity"
	damages, err := st.Check(ctx)
	switch {
	case err != nil:
		d.Fail(check, err)
	case len(damages) > 0:
		d.Bad(check, "put the store back from a backup; what can be read still: connhost export", "SQLite finds damage: %s", damages[0])
	default:
		d.Well(check, "SQLite finds no damage")
	}
}

// unlock gives the store its key, as every command does, and makes none.
func (d *doctor) unlock(ctx context.Context, st *store.Store) error {
	want, err := st.KeyID(ctx)
	if err != nil {
		return err
	}
	if want == "" {
		d.Warn("key", "the next command makes it, or reads it, such as: connhost connection list", "nothing is sealed yet")
		return nil
	}
	if err := unlock(ctx, st, d.set.keyFile); err != nil {
		return err
	}
	d.Well("key", "%s (%s) opens the store", d.set.keyFile, d.decided(d.flags.keyFile, "--key-file", "CONNHOST_KEY_FILE"))
	return nil
}

// inside has the broker look at what is stored.
func (d *doctor) inside(ctx context.Context, st *store.Store) error {
	b := broker.New(broker.Parts{Store: st, Redactor: d.mask, Now: time.Now, TrustedKeys: d.set.trusted, Residency: d.set.residency})
	sub, err := b.Subject(ctx, d.set.as)
	if code := host.CodeOf(err); code == host.NotFound || ctx.Err() != nil {
		return err
	}
	if err != nil {
		if e, ok := errors.AsType[*host.Error](err); ok && e.Code == host.Internal {
			err = host.Errorf(host.Failed, "%s", e.Msg).WithHint("put the store back from a backup, or see who was altered: connhost audit verify")
		}
		d.Fail("users", err)
		d.Skip("stored data", "nobody is there who may look at it")
		return nil
	}
	return b.Diagnose(ctx, sub, d.Findings)
}

// megabytes is a size for people.
func megabytes(n int64) string {
	if n < 10<<20 {
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	}
	return strconv.FormatInt(n>>20, 10) + " MB"
}
