package wasm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/connhost/connhost/host"
)

// A disk keeps compiled code between processes: a folder for each module, in
// it what the compiler wrote and a seal over that.
//
// The seal is there because the compiler trusts its files. Cut or flipped,
// one is an error for ever at best; a flipped count takes all memory and a
// flipped offset jumps into the middle of a function. Against somebody who may
// write there a seal is no help, and the folder's mode is.
type disk struct {
	dir string // empty: no disk
}

const (
	diskFolder = "connhost-code"
	sealFile   = "seal"
)

// openDisk makes the folder of compiled code below dir. Where none can be made,
// as beside a store that may only be read, there is no disk: that costs
// compilations, and nothing else.
func openDisk(dir string) (disk, error) {
	if dir == "" {
		return disk{}, nil
	}
	dir = filepath.Join(dir, diskFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return disk{}, nil
	}
	if err := private(dir); err != nil {
		return disk{}, err
	}
	return disk{dir: dir}, nil
}

// CheckCache says what is wrong with the folder of compiled code below dir,
// without making one. One that is not there is NotFound.
func CheckCache(dir string) error {
	dir = filepath.Join(dir, diskFolder)
	err := private(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return host.Errorf(host.NotFound, "there is no folder of compiled code %s", dir)
	}
	return err
}

// private refuses a folder that others may use.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the folder of compiled code: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return host.Errorf(host.Refused, "the folder of compiled code %s may be used by others", dir).
			WithHint("chmod 700 %s", dir)
	}
	return nil
}

// open gives the folder of a key: with the code that was sealed there, or
// absent.
func (d disk) open(key string) string {
	if d.dir == "" {
		return ""
	}
	folder := filepath.Join(d.dir, key)
	want, err := os.ReadFile(filepath.Join(folder, sealFile))
	if err == nil {
		if got, err := sum(folder); err == nil && got == string(want) {
			return folder
		}
	}
	d.remove(folder)
	return folder
}

// seal records what a folder holds, once. A seal that cannot be written costs
// the next process a compilation, and nothing else.
func (d disk) seal(folder string) {
	path := filepath.Join(folder, sealFile)
	if _, err := os.Stat(path); folder == "" || !errors.Is(err, fs.ErrNotExist) {
		return
	}
	got, err := sum(folder)
	if err != nil {
		return
	}
	if os.WriteFile(path+".new", []byte(got), 0o600) == nil {
		_ = os.Rename(path+".new", path)
	}
}

// remove forgets a folder. What cannot be removed is not used either: it has
// no seal that fits.
func (d disk) remove(folder string) { _ = os.RemoveAll(folder) }

// sum is a hash over the names and contents of a folder, without its seal.
func sum(folder string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == folder {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is not a file", path)
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		fmt.Fprintf(h, "%q\n", entry.Name())
		n, err := io.Copy(h, f)
		fmt.Fprintf(h, "\n%d\n", n)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
