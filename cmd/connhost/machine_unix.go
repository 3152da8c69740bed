//go:build linux || darwin || freebsd

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// strangeOwner gives the owner of a file, and whether that is another user than
// who runs this.
func strangeOwner(info fs.FileInfo) (uid uint32, other bool) {
	of, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return of.Uid, int(of.Uid) != os.Geteuid()
}

// freeBytes is what this user can still write on the disk of a folder.
func freeBytes(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
