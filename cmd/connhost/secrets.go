package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/connhost/connhost/host"
)

// maxSecret bounds what is read as one secret, in bytes.
const maxSecret = 1 << 20

// secretFlags are the ways to give a secret: never as an argument.
type secretFlags struct {
	stdin string
	files []string
	envs  []string
	json  string
}

func (f *secretFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&f.stdin, "secret-stdin", "", "read all of standard input as the secret `KEY`")
	fs.StringArrayVar(&f.files, "secret-file", nil, "read the secret from a file, `KEY=PATH`; repeats")
	fs.StringArrayVar(&f.envs, "secret-env", nil, "read the secret from an environment variable, `KEY=VAR`; repeats")
	fs.StringVar(&f.json, "secrets-json", "", "read secrets as a JSON object from a `FILE`, or from standard input for -")
}

// read gathers the secrets by their keys.
func (f *secretFlags) read(sys *system) (map[string]host.Secret, error) {
	out := map[string]host.Secret{}
	if err := f.readJSON(sys, out); err != nil {
		return nil, err
	}
	for _, pair := range f.files {
		key, path, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, host.Errorf(host.Usage, "--secret-file takes KEY=PATH")
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, host.Errorf(host.NotFound, "the secret file for %q cannot be read: %s", key, plainFileError(err)).Because(err)
		}
		out[key] = trimmed(data)
	}
	for _, pair := range f.envs {
		key, name, ok := strings.Cut(pair, "=")
		if !ok || key == "" || name == "" {
			return nil, host.Errorf(host.Usage, "--secret-env takes KEY=VAR")
		}
		value := sys.getenv(name)
		if value == "" {
			return nil, host.Errorf(host.Usage, "the environment variable %s for the secret %q is not set", name, key).
				WithHint("set it in front of the command, as in %s=... connhost ..., or give the secret with --secret-stdin %s", name, key)
		}
		out[key] = host.NewSecret(value)
	}
	if f.stdin != "" {
		if f.json == "-" {
			return nil, host.Errorf(host.Usage, "standard input can be read once: choose --secret-stdin or --secrets-json -")
		}
		data, err := io.ReadAll(io.LimitReader(sys.in, maxSecret))
		if err != nil {
			return nil, host.Errorf(host.Failed, "standard input cannot be read").Because(err)
		}
		out[f.stdin] = trimmed(data)
	}
	return out, nil
}

func (f *secretFlags) readJSON(sys *system, out map[string]host.Secret) error {
	if f.json == "" {
		return nil
	}
	var in = sys.in
	if f.json != "-" {
		file, err := os.Open(f.json)
		if err != nil {
			return host.Errorf(host.NotFound, "the secrets file %s cannot be read: %s", f.json, plainFileError(err)).Because(err)
		}
		defer file.Close()
		in = file
	}
	values := map[string]string{}
	if err := json.NewDecoder(io.LimitReader(in, maxSecret)).Decode(&values); err != nil {
		return host.Errorf(host.Usage, "--secrets-json takes one JSON object of texts").
			WithHint(`write it as {"key": "value"}`)
	}
	for key, value := range values {
		out[key] = host.NewSecret(value)
	}
	return nil
}

// trimmed removes one final newline, which editors and echo add.
func trimmed(data []byte) host.Secret {
	s := strings.TrimSuffix(string(data), "\n")
	return host.NewSecret(strings.TrimSuffix(s, "\r"))
}

// ask asks a person at the terminal, without echo for a secret.
func (s *system) ask(ctx context.Context, label string, secret bool) (string, error) {
	fmt.Fprintf(s.err, "%s: ", label)
	if !secret {
		return readLine(s.in)
	}
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", host.Errorf(host.Failed, "the terminal cannot be asked").Because(err)
	}
	answer := make(chan []byte, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		if err == nil {
			answer <- text
		}
		close(answer)
	}()
	select {
	case text, ok := <-answer:
		fmt.Fprintln(s.err)
		if !ok {
			return "", host.Errorf(host.Interrupted, "interrupted")
		}
		return string(text), nil
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		fmt.Fprintln(s.err)
		return "", host.Errorf(host.Interrupted, "interrupted").Because(ctx.Err())
	}
}

// readLine reads up to a newline, a byte at a time so that nothing behind it
// is lost.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
			continue
		}
		if n == 0 && err != nil && len(line) == 0 {
			return "", host.Errorf(host.Interrupted, "interrupted").Because(err)
		}
		return strings.TrimSuffix(string(line), "\r"), nil
	}
}

// confirm asks yes or no; without a terminal only --yes is yes.
func (s *system) confirm(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	if !s.askable {
		return host.Errorf(host.Usage, "%s", question).WithHint("say so with --yes")
	}
	answer, err := s.ask(ctx, question+" [y/N]", false)
	if err != nil {
		return err
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return host.Errorf(host.Interrupted, "nothing was changed")
	}
	return nil
}

// pairs reads repeated KEY=VALUE flags.
func pairs(flag string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range list {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, host.Errorf(host.Usage, "%s takes KEY=VALUE, not %q", flag, pair)
		}
		out[key] = value
	}
	return out, nil
}
