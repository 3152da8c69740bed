package build

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// An Opened is a connector's file and what was noticed while it was made.
type Opened struct {
	File     []byte
	Built    bool // made now from a folder, and written nowhere
	Warnings []Diagnostic
}

// Open gives the connector at path: a .wasm file as it is, or a folder (or its
// connector.yaml) built in memory. An error is an *Invalid with places, or a
// *host.Error.
func Open(ctx context.Context, path string) (Opened, error) {
	dir, err := folderOf(path)
	if err != nil {
		return Opened{}, err
	}
	if dir == "" {
		file, err := readFile(path)
		return Opened{File: file}, err
	}
	m, err := Compile(ctx, dir)
	return Opened{File: m.File, Built: true, Warnings: m.Warnings}, err
}

// folderOf is the folder that path names, itself or by its connector.yaml; ""
// where path is another file.
func folderOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", cannot("read", path, err)
	}
	switch ext := filepath.Ext(path); {
	case info.IsDir():
		return path, nil
	case ext == ".yaml" || ext == ".yml":
		if filepath.Base(path) != ManifestFile {
			return "", host.Errorf(host.Failed, "a manifest is called %s, not %q", ManifestFile, filepath.Base(path))
		}
		return filepath.Dir(path), nil
	}
	return "", nil
}

// readFile reads a file of at most abi.MaxFile bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cannot("read", path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, abi.MaxFile+1))
	if err != nil {
		return nil, cannot("read", path, err)
	}
	if len(data) > abi.MaxFile {
		return nil, host.Errorf(host.Refused, "%s has more than %d bytes (limit plugin file)", path, abi.MaxFile)
	}
	return data, nil
}

// cannot is the sentence for a file that cannot be read or written.
func cannot(do, path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist) && filepath.Base(path) == ManifestFile:
		return host.Errorf(host.NotFound, "there is no %s in %s", ManifestFile, filepath.Dir(path)).Because(err).
			WithHint("begin one with: connhost connector new NAME")
	case errors.Is(err, fs.ErrNotExist):
		return host.Errorf(host.NotFound, "there is no file or folder %s", path).Because(err)
	}
	reason := err.Error()
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		reason = e.Err.Error()
	}
	return host.Errorf(host.Failed, "cannot %s %s: %s", do, path, strings.ToLower(reason)).Because(err)
}
