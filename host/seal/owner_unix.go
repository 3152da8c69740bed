//go:build unix

package seal

import (
	"os"
	"syscall"
)

// keepOwner gives a file to the owner of the one that it replaces: root may
// change the key of a service that is not root.
func keepOwner(f *os.File, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil // it is a new one
	}
	was, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(was.Uid) == os.Geteuid() {
		return nil
	}
	return f.Chown(int(was.Uid), int(was.Gid))
}
