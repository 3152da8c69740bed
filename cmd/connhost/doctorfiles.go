package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// modesTell says that the modes of files mean something: Windows keeps access
// lists instead.
const modesTell = runtime.GOOS != "windows"

// A guarded file is one that other users must keep from, with its folder.
type guarded struct {
	check, path, flag string
	secret            bool // reading it is enough to do harm
}

// guard looks at owner and mode of a file, of those beside it, and of its
// folder. Those of a link are beside what it leads to.
func (d *doctor) guard(g guarded) {
	real, err := filepath.EvalSymlinks(g.path)
	if err != nil {
		real = g.path // kept tells why
	}
	well := d.kept(g, g.path)
	for _, beside := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(real + beside); err == nil && !g.secret {
			well = d.kept(g, real+beside) && well
		}
	}
	dir, leads := filepath.Dir(g.path), filepath.Dir(real)
	well = d.folder(g, dir) && well
	if !sameFile(dir, leads) {
		well = d.folder(g, leads) && well
	}
	if well {
		d.Well(g.check, "only this user can get at %s", g.path)
	}
}

// sameFile reports whether two names, which may lead through links, are of one
// file.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// kept reports whether a file is this user's alone, and adds why not.
func (d *doctor) kept(g guarded, path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		d.Bad(g.check, "ls -l "+path, "%s: %s", path, plainFileError(err))
		return false
	}
	if owner, other := strangeOwner(info); other {
		d.Bad(g.check, "run connhost as its owner, or: chown "+d.userName+" "+path, "%s belongs to another user (uid %d)", path, owner)
		return false
	}
	mode := info.Mode().Perm()
	if !modesTell || mode&0o077 == 0 {
		return true
	}
	hint := "chmod 600 " + path
	if g.secret || mode&0o022 != 0 {
		d.Bad(g.check, hint, "%s can be %s by other users (mode %04o)", path, readOrChanged(mode), mode)
	} else {
		d.Warn(g.check, hint, "%s can be read by other users (mode %04o): names, hosts and logins stand open in it", path, mode)
	}
	return false
}

func readOrChanged(mode fs.FileMode) string {
	if mode&0o022 != 0 {
		return "changed"
	}
	return "read"
}

// folder does the same for a folder: who may write there can put another file
// in the place of this one.
func (d *doctor) folder(g guarded, dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !modesTell {
		return err == nil
	}
	hint := "chmod 700 " + dir
	if _, other := strangeOwner(info); other || info.Mode()&fs.ModeSticky != 0 || ofSystem(dir) {
		hint = "move it into a folder of its own, and name it there with " + g.flag
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o077 == 0:
		return true
	case mode&0o022 != 0 && info.Mode()&fs.ModeSticky == 0:
		d.Bad(g.check, hint, "other users can replace what is in the folder %s (mode %04o)", dir, mode)
	default:
		d.Warn(g.check, hint, "other users can look into the folder %s (mode %04o)", dir, mode)
	}
	return false
}

// ofSystem reports whether a folder is the root or right below it, such as /etc:
// closing it to others would stop the machine.
func ofSystem(dir string) bool {
	up := filepath.Dir(dir)
	return filepath.Dir(up) == up
}

// cache looks at the folder of compiled code, which is run as it is.
func (d *doctor) cache() {
	const check = "compiled code"
	switch err := wasm.CheckCache(d.set.cacheDir()); {
	case host.CodeOf(err) == host.NotFound:
		d.Well(check, "none is kept yet")
	case err != nil:
		d.Fail(check, err)
	default:
		d.Well(check, "its folder is this user's")
	}
}

const (
	littleRoom = 256 << 20 // bytes; less than this, or than the store's own size, is soon nothing
	noRoom     = 16 << 20
)

// room looks at the disk of the store.
func (d *doctor) room(path string) {
	free, ok := freeBytes(filepath.Dir(path))
	info, err := os.Stat(path)
	if !ok || err != nil {
		return
	}
	d.List = append(d.List, judgeRoom(free, info.Size()))
}

// judgeRoom says whether a store of a size has room to grow. A change of the key
// writes every secret anew, so what is free should be more than what is there.
func judgeRoom(free, size int64) host.Finding {
	f := host.Finding{Check: "disk", State: host.Well, Text: megabytes(free) + " are free for the store of " + megabytes(size)}
	switch {
	case free < noRoom:
		f.State, f.Text = host.Problem, "only "+f.Text
	case free < max(littleRoom, size):
		f.State, f.Text = host.Warning, "only "+f.Text
	default:
		return f
	}
	f.Hint = "free some space on the disk of the store: df -h"
	return f
}
