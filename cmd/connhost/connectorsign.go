package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// signatureData is a signature as it is printed.
type signatureData struct {
	Path   string `json:"path"` // of the connector's file
	SHA256 string `json:"sha256"`
	Key    string `json:"key"`
	Signer string `json:"signer,omitempty"` // the operator's name of the key
}

func (p *program) connectorSign() *cobra.Command {
	var keyPath string
	cmd := &cobra.Command{
		Use: "sign FILE", Short: "Sign a connector's file; the signature stands beside it", Args: exactly("FILE"),
		Long: `Sign a connector's file with a private key. The signature stands beside it, in
FILE.sig; publish both. plugins/SIGNING.md tells the format.`,
		Example: "  connhost connector sign acme/acme.wasm --key acme-releases.key",
		RunE: func(_ *cobra.Command, args []string) error {
			if keyPath == "" {
				return host.Errorf(host.Usage, "--key is missing: the file of the private key").
					WithHint("make one: connhost connector keys new NAME")
			}
			key, err := readKey(keyPath)
			if err != nil {
				return err
			}
			file, err := readConnectorFile(args[0])
			if err != nil {
				return err
			}
			s := key.Sign(file)
			path := args[0] + abi.SignatureSuffix
			if err := os.WriteFile(path, s.Encode(), 0o644); err != nil {
				return host.Errorf(host.Unavailable, "the signature %s cannot be written: %s", path, plainFileError(err)).Because(err)
			}
			d := signatureData{args[0], s.SHA256, s.Key, ""}
			return p.show(d, func(w io.Writer) { fmt.Fprintf(w, "signed %s with key %s: %s\n", args[0], s.Key, path) })
		},
	}
	cmd.Flags().StringVar(&keyPath, "key", "", "the `FILE` of the private key")
	return cmd
}

// readKey reads a private key, which nobody else may be able to read.
func readKey(path string) (abi.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return abi.PrivateKey{}, host.Errorf(host.NotFound, "the key file %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	// Windows keeps access lists instead, and its modes say nothing.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return abi.PrivateKey{}, host.Errorf(host.Refused, "the key file %s can be read by other users (mode %04o)", path, mode).
			WithHint("chmod 600 %s", path)
	}
	data, err := readSmall(path, maxSecret)
	if err != nil {
		return abi.PrivateKey{}, host.Errorf(host.Failed, "the key file %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	key, err := abi.ParsePrivateKey(data)
	if err != nil {
		return key, host.Errorf(host.Failed, "the file %s is %v", path, err).WithHint("make a key: connhost connector keys new NAME")
	}
	return key, nil
}

// readConnectorFile reads a file that a signature may stand for: a connector
// that could be installed, and not a folder, which has no bytes of its own.
func readConnectorFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, host.Errorf(host.NotFound, "there is no file %s", path).Because(err)
	}
	if info.IsDir() {
		return nil, host.Errorf(host.Usage, "%s is a folder, and a signature is for a file", path).
			WithHint("build it first: connhost connector build %s", path)
	}
	file, err := readSmall(path, abi.MaxFile+1)
	if err != nil {
		return nil, host.Errorf(host.Failed, "%s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	report, err := build.Inspect(file)
	if err != nil {
		return nil, err
	}
	return file, installable(path, report)
}

func (p *program) connectorVerify() *cobra.Command {
	var public string
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "Check the signature beside a connector's file", Args: exactly("FILE"),
		Long: `Check the signature beside a connector's file, against one public key or the
trusted ones of the configuration file. Nothing is installed or run.`,
		Example: `  connhost connector verify acme/acme.wasm
  connhost connector verify acme/acme.wasm --key ed25519:BASE64`,
		RunE: func(_ *cobra.Command, args []string) error {
			keys, err := p.verifiers(public)
			if err != nil {
				return err
			}
			d, err := verify(args[0], keys)
			if err != nil {
				return err
			}
			return p.show(d, func(w io.Writer) { fmt.Fprintf(w, "ok: %s is signed by %s (key %s)\n", d.Path, d.Signer, d.Key) })
		},
	}
	cmd.Flags().StringVar(&public, "key", "", "the `PUBLIC` key; the trusted ones unless given")
	return cmd
}

// verifiers are the keys that a signature may be by.
func (p *program) verifiers(public string) (map[string]abi.PublicKey, error) {
	if public != "" {
		k, err := abi.ParsePublicKey(public)
		if err != nil {
			return nil, host.Errorf(host.Usage, "--key: %v", err)
		}
		return map[string]abi.PublicKey{"the key given": k}, nil
	}
	set, err := p.settings(&p.flags)
	if err == nil && len(set.trusted) == 0 {
		err = host.Errorf(host.Usage, "there is no key to verify with").
			WithHint("give one with --key PUBLIC, or put it into trusted_keys of the configuration file")
	}
	return set.trusted, err
}

// verify is the whole check of a file. That it fails is the answer to what was
// asked, and not a policy's refusal.
func verify(path string, keys map[string]abi.PublicKey) (signatureData, error) {
	file, err := readSmall(path, abi.MaxFile+1)
	if err != nil {
		return signatureData{}, host.Errorf(host.NotFound, "%s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	signature, err := readSignature(path)
	if err != nil {
		return signatureData{}, err
	}
	if signature == nil {
		return signatureData{}, host.Errorf(host.NotFound, "there is no signature %s", path+abi.SignatureSuffix).
			WithHint("sign it: connhost connector sign %s --key FILE", path)
	}
	signed, err := broker.CheckSignature(keys, file, signature)
	if e, ok := errors.AsType[*host.Error](err); ok && e.Code == host.Refused {
		failed := *e
		failed.Code = host.Failed
		return signatureData{}, &failed
	}
	return signatureData{path, abi.Hash(file), signed.Key, signed.Name}, err
}

// signedBy tells who signed a file, as far as this host can know: the name of
// a trusted key, or that there is a signature by a stranger.
func (p *program) signedBy(path string) string {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return ""
	}
	signature, err := readSignature(path)
	if err != nil || signature == nil {
		return ""
	}
	s, err := abi.ParseSignature(signature)
	if err != nil {
		return "a signature that cannot be read"
	}
	set, err := p.settings(&p.flags)
	if err != nil || len(set.trusted) == 0 {
		return "key " + s.Key + ", not checked: no key is trusted here"
	}
	d, err := verify(path, set.trusted)
	if err != nil {
		return "key " + s.Key + ", refused: " + err.Error()
	}
	return d.Signer + " (key " + d.Key + ")"
}
