package abi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// What may be wrong with a file before its manifest is read. Errors of this
// file wrap one of these, or are a *VersionError.
var (
	ErrNotModule    = errors.New("not a WebAssembly module")
	ErrComponent    = errors.New("a WebAssembly component, not a core module")
	ErrMalformed    = errors.New("a malformed WebAssembly file")
	ErrNoManifest   = errors.New("a WebAssembly file without a manifest")
	ErrTwoManifests = errors.New("a WebAssembly file with two manifests")
	ErrFileSize     = errors.New("a file over the size limit")
	ErrManifestSize = errors.New("a manifest over the size limit")
)

// A VersionError is a file made for an ABI that this host does not speak.
type VersionError struct {
	Name string // of the custom section, such as connhost.v2
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the file is made for %q; this host speaks %s", e.Name, SectionName)
}

// A core module begins with the magic number and version 1, WebAssembly 2.0
// section 5.5.16. A component has the same magic number and, where a module
// has the upper half of its version, layer 1.
var (
	preamble       = []byte("\x00asm\x01\x00\x00\x00")
	componentLayer = []byte{0x01, 0x00}
)

const customSection = 0

// Section finds the manifest in a connector's file of at most MaxFile bytes.
// It walks the sections and compiles nothing. The answer is part of file and
// not yet checked to be a manifest.
func Section(file []byte) ([]byte, error) { return SectionWithin(file, MaxFile) }

// SectionWithin is Section for an operator's own limit of the file's size.
func SectionWithin(file []byte, maxFile int) ([]byte, error) {
	if len(file) > maxFile {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrFileSize, len(file), maxFile)
	}
	manifest, found := []byte(nil), 0
	var other string
	err := eachSection(file, func(s section) error {
		switch {
		case s.name == SectionName:
			manifest = s.content
			found++
		case strings.HasPrefix(s.name, SectionPrefix):
			other = s.name
			found++
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case found == 0:
		return nil, ErrNoManifest
	case found > 1:
		return nil, ErrTwoManifests
	case other != "":
		return nil, &VersionError{Name: other}
	case len(manifest) > MaxManifest:
		return nil, manifestSize(manifest)
	}
	return manifest, nil
}

// Append gives module with the manifest as its last section. A module that
// has one already is refused; see Strip.
func Append(module, manifest []byte) ([]byte, error) {
	if len(manifest) > MaxManifest {
		return nil, manifestSize(manifest)
	}
	err := eachSection(module, func(s section) error {
		if strings.HasPrefix(s.name, SectionPrefix) {
			return fmt.Errorf("%w: %s stands in it before one is added", ErrTwoManifests, s.name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	body := append(appendU32(nil, uint32(len(SectionName))), SectionName...)
	body = append(body, manifest...)
	file := append(bytes.Clone(module), customSection)
	file = appendU32(file, uint32(len(body)))
	return append(file, body...), nil
}

// Strip gives file without any manifest, of any version.
func Strip(file []byte) ([]byte, error) {
	module := Empty()
	err := eachSection(file, func(s section) error {
		if !strings.HasPrefix(s.name, SectionPrefix) {
			module = append(module, s.raw...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return module, nil
}

// Empty is the module of a connector that has no code.
func Empty() []byte { return bytes.Clone(preamble) }

// Hash is the identity of a connector's file: its SHA-256 in lower-case
// hexadecimal digits.
func Hash(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

func manifestSize(manifest []byte) error {
	return fmt.Errorf("%w: %d bytes, at most %d", ErrManifestSize, len(manifest), MaxManifest)
}

// A section is one section of a module.
type section struct {
	name    string // of a custom section
	content []byte // after the name
	raw     []byte // with its id and size
}

// eachSection visits the sections of a module in order. Ids are not checked:
// what code may stand in a module is the plugin host's matter.
func eachSection(file []byte, visit func(section) error) error {
	if err := checkPreamble(file); err != nil {
		return err
	}
	for at := len(preamble); at < len(file); {
		id := file[at]
		size, width := readU32(file[at+1:])
		begin := at + 1 + width
		if width == 0 || uint64(size) > uint64(len(file)-begin) {
			return fmt.Errorf("%w: the section at byte %d leaves the file", ErrMalformed, at)
		}
		end := begin + int(size)
		s := section{content: file[begin:end:end], raw: file[at:end:end]}
		if id == customSection {
			n, width := readU32(s.content)
			if width == 0 || uint64(n) > uint64(len(s.content)-width) || !utf8.Valid(s.content[width:width+int(n)]) {
				return fmt.Errorf("%w: the custom section at byte %d has no name", ErrMalformed, at)
			}
			s.name = string(s.content[width : width+int(n)])
			s.content = s.content[width+int(n):]
		}
		if err := visit(s); err != nil {
			return err
		}
		at = end
	}
	return nil
}

func checkPreamble(file []byte) error {
	switch {
	case bytes.HasPrefix(file, preamble):
		return nil
	case len(file) < len(preamble) || !bytes.HasPrefix(file, preamble[:4]):
		return ErrNotModule
	case bytes.Equal(file[6:8], componentLayer):
		return ErrComponent
	}
	return fmt.Errorf("%w: the version %x is not that of a core module", ErrNotModule, file[4:8])
}

// readU32 reads an unsigned LEB128 number of at most 32 bits (WebAssembly 2.0
// section 5.2.2) and says how many bytes it took: 0 where there is none.
func readU32(b []byte) (uint32, int) {
	var v uint64
	for i := 0; i < len(b) && i < 5; i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			if v > math.MaxUint32 {
				return 0, 0
			}
			return uint32(v), i + 1
		}
	}
	return 0, 0
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
