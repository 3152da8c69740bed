package main

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
	"github.com/connhost/connhost/plugins/build"
)

// A connectorSource is a connector's file with where it came from.
type connectorSource struct {
	arg       string // as it was typed
	file      []byte
	signature []byte // nil without
	origin    string // an absolute path, or a URL
}

func isURL(arg string) bool {
	scheme, _, ok := strings.Cut(arg, "://")
	return ok && !strings.ContainsAny(scheme, `/\.`)
}

// openSource reads a file, builds a folder in memory or downloads from a URL;
// the last needs a session.
func (p *program) openSource(ctx context.Context, s *session, arg string) (connectorSource, error) {
	if isURL(arg) {
		got, err := s.broker.Download(ctx, s.subject, arg)
		return connectorSource{got.Source, got.File, got.Signature, got.Source}, err
	}
	return p.openLocal(ctx, arg)
}

// openLocal reads a file, with the signature beside it, or builds a folder.
func (p *program) openLocal(ctx context.Context, arg string) (connectorSource, error) {
	src := connectorSource{arg: arg, origin: arg}
	if abs, err := filepath.Abs(arg); err == nil {
		src.origin = abs
	}
	opened, err := build.Open(ctx, arg)
	if err != nil {
		return src, p.invalid(err)
	}
	p.warn(opened.Warnings)
	src.file = opened.File
	if !opened.Built {
		src.signature, err = readSignature(arg)
	}
	return src, err
}

// readSignature reads the signature beside a file; nil where there is none.
func readSignature(path string) ([]byte, error) {
	data, err := readSmall(path+abi.SignatureSuffix, abi.MaxSignature+1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, host.Errorf(host.Failed, "the signature %s cannot be read: %s", path+abi.SignatureSuffix, plainFileError(err)).Because(err)
	}
	return data, nil
}

// readSmall reads at most so many bytes of a file.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// check holds a file against the hash that it must have ("" for any) and says
// whether it can be installed.
func (src connectorSource) check(want string) error {
	if got := abi.Hash(src.file); want != "" && got != want {
		return host.Errorf(host.Refused, "%s is not the file that was asked for: its sha256 is %s, not %s", src.arg, got, want).
			WithHint("fetch it again, or ask its author which hash is right")
	}
	report, err := build.Inspect(src.file)
	if err != nil {
		return err
	}
	return installable(src.arg, report)
}

// parseHash reads a SHA-256 as people paste it.
func parseHash(flag, text string) (string, error) {
	hash := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "sha256:")
	if hash != "" && (len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "") {
		return "", host.Errorf(host.Usage, "%s takes a SHA-256 of 64 hexadecimal digits", flag)
	}
	return hash, nil
}
