//go:build linux || darwin || freebsd

package store

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// A header is the first copy of the header of SQLite's WAL index
// (sqlite.org/walformat.html, section 2.1), in its words.
type header [12]uint32

// walVersion stands first in it.
const walVersion = 3007000

// A glance looks at the header in memory that all processes with the store open
// share. SQLite itself finds out in this way whether anything was committed: a
// reader whose copy of the header is the same has nothing new to read. It tells
// that nothing has changed, and never what has.
type glance struct{ words *header }

// glances are those of the process, by file. A file is opened once and never
// closed: closing it would end the locks that SQLite holds on it in this process
// (POSIX says so), whoever opened it. The number is bounded; beyond it, and where
// anything is in the way, SQLite is asked each time.
var glances struct {
	sync.Mutex
	known map[inode]glance
}

type inode struct{ device, number uint64 }

const maxGlances = 32

// openGlance maps the WAL index of a store that is open. Without one it gives the
// zero value, which never sees anything.
func openGlance(path string) glance {
	glances.Lock()
	defer glances.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return glance{}
	}
	of, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return glance{}
	}
	id := inode{uint64(of.Dev), uint64(of.Ino)}
	if g, ok := glances.known[id]; ok {
		return g
	}
	if len(glances.known) >= maxGlances {
		return glance{}
	}
	if glances.known == nil {
		glances.known = map[inode]glance{}
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return glance{}
	}
	var g glance
	var opened syscall.Stat_t
	if syscall.Fstat(fd, &opened) == nil && uint64(opened.Dev) == id.device && uint64(opened.Ino) == id.number && opened.Size >= int64(os.Getpagesize()) {
		if memory, err := syscall.Mmap(fd, 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED); err == nil {
			g.words = (*header)(unsafe.Pointer(&memory[0]))
		}
	}
	glances.known[id] = g // also one that sees nothing: the file stays open
	return g
}

// look reads the header, and whether it is one.
func (g glance) look() (h header, ok bool) {
	if g.words == nil {
		return h, false
	}
	for i := range h {
		h[i] = atomic.LoadUint32(&g.words[i])
	}
	return h, h[0] == walVersion
}
