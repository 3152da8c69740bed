package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
)

// A lockFile lists an installation so that it can be made again, byte for
// byte: connectors in the order of their ids, versions of one in the order of
// their installation.
type lockFile struct {
	Format     int      `yaml:"connhost_lock" json:"-"` // 1
	Connectors []locked `yaml:"connectors" json:"connectors"`
}

// locked is one version of a connector. Its hash decides; the rest says where
// to get the file, and what an administrator had made of it.
type locked struct {
	ID      string              `yaml:"id" json:"id"`
	Version string              `yaml:"version" json:"version"`
	SHA256  string              `yaml:"sha256" json:"sha256"`
	Source  string              `yaml:"source" json:"source"` // a URL, or a path: from the lock file's folder unless absolute
	Signer  string              `yaml:"signer,omitempty" json:"signer,omitempty"`
	Stage   host.ConnectorStage `yaml:"stage" json:"stage"`
	Current bool                `yaml:"current,omitempty" json:"current"`
}

const (
	defaultLock = "connhost.lock.yaml"
	lockFormat  = 1
	maxLock     = 4 << 20
)

// newLockFile is the lock file of an installation, to be written into dir.
func newLockFile(list []host.Connector, dir string) lockFile {
	lock := lockFile{Format: lockFormat, Connectors: []locked{}}
	for _, c := range list {
		lock.Connectors = append(lock.Connectors, locked{
			c.ID, c.Version(), c.Hash, lockedSource(c.Source, dir), c.Signer, c.Stage, c.Current,
		})
	}
	slices.SortStableFunc(lock.Connectors, func(a, b locked) int { return strings.Compare(a.ID, b.ID) })
	return lock
}

// lockedSource writes a path below the lock file's folder from there, so that
// the folder can be moved and shared.
func lockedSource(source, dir string) string {
	if isURL(source) {
		return source
	}
	if rel, err := filepath.Rel(dir, source); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return source
}

// source is where the file is, for a lock file that stands in dir.
func (l locked) source(dir string) string {
	if isURL(l.Source) || filepath.IsAbs(l.Source) {
		return l.Source
	}
	return filepath.Join(dir, filepath.FromSlash(l.Source))
}

// write replaces a lock file as a whole.
func (lock lockFile) write(path string) error {
	text, err := lock.encode(filepath.Base(path))
	if err == nil {
		err = replaceFile(path, text)
	}
	if err != nil {
		return host.Errorf(host.Unavailable, "the lock file %s cannot be written: %s", path, plainFileError(err)).Because(err)
	}
	return nil
}

// encode is the text of a lock file of that name.
func (lock lockFile) encode(name string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("# Made by: connhost connector lock\n# Install the same with: connhost connector install --lock " + name + "\n")
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	err := errors.Join(enc.Encode(lock), enc.Close())
	return text.Bytes(), err
}

// replaceFile never leaves half a file under the name.
func replaceFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".connhost-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// readLock reads and checks a lock file.
func readLock(path string) (lockFile, error) {
	data, err := readSmall(path, maxLock)
	if errors.Is(err, os.ErrNotExist) {
		return lockFile{}, host.Errorf(host.NotFound, "there is no lock file %s", path).WithHint("write one: connhost connector lock %s", path)
	}
	if err != nil {
		return lockFile{}, host.Errorf(host.Failed, "the lock file %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	return parseLock(path, data)
}

func parseLock(path string, data []byte) (lockFile, error) {
	var lock lockFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&lock); err != nil && !errors.Is(err, io.EOF) {
		return lock, badLock(path, yamlFault(err))
	}
	if lock.Format != lockFormat {
		return lock, badLock(path, "it must begin with connhost_lock: 1")
	}
	return lock, lock.check(path)
}

// check refuses what no installation could have written.
func (lock lockFile) check(path string) error {
	seen, drafts, current := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, l := range lock.Connectors {
		name := l.ID + " " + l.Version
		hash, err := parseHash("sha256", l.SHA256)
		switch {
		case l.ID == "" || l.Version == "" || l.Source == "":
			return badLock(path, "each connector needs id, version, sha256, source and stage")
		case strings.ContainsFunc(name+l.Source+l.Signer, func(r rune) bool { return !unicode.IsPrint(r) }):
			return badLock(path, "a text in it has characters that cannot be printed")
		case err != nil || hash != l.SHA256 || hash == "":
			return badLock(path, "the sha256 of "+name+" is not 64 lower-case hexadecimal digits")
		case seen[hash] || seen[name]:
			return badLock(path, name+" stands in it twice")
		case l.Stage != host.Draft && l.Stage != host.Published && l.Stage != host.DisabledConnector:
			return badLock(path, "the stage of "+name+" must be draft, published or disabled")
		case l.Stage == host.Draft && drafts[l.ID]:
			return badLock(path, l.ID+" has two drafts")
		case l.Current && current[l.ID]:
			return badLock(path, l.ID+" has two current versions")
		}
		seen[hash], seen[name] = true, true
		drafts[l.ID] = drafts[l.ID] || l.Stage == host.Draft
		current[l.ID] = current[l.ID] || l.Current
	}
	return nil
}

func badLock(path, why string) error {
	return host.Errorf(host.Failed, "the lock file %s is not valid: %s", path, why).
		WithHint("write it anew where the connectors are installed: connhost connector lock")
}
