package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/plugins/abi"
)

// flags are the global flags as they were given.
type flags struct {
	store, keyFile, config, as, env, output string
	limits, allow                           []string
	preset                                  string // of limits, where a command has it
}

func (f *flags) register(fs *pflag.FlagSet) {
	fs.StringVar(&f.store, "store", "", "the store's file (CONNHOST_STORE)")
	fs.StringVar(&f.keyFile, "key-file", "", "the file of the key that seals secrets (CONNHOST_KEY_FILE)")
	fs.StringVar(&f.config, "config", "", "the configuration file (CONNHOST_CONFIG)")
	fs.StringVar(&f.as, "as", "", "the login of who acts (CONNHOST_AS); the first super admin unless given")
	fs.StringVar(&f.env, "env", "", "the environment: development, stage or production (CONNHOST_ENV)")
	fs.StringVar(&f.output, "output", "text", "how data is printed: text or json; sarif too where there are findings")
	fs.StringArrayVar(&f.limits, "limit", nil, "a limit for this command, NAME=VALUE; repeats")
	fs.StringArrayVar(&f.allow, "allow-cidr", nil, "a private network or address that may be called, with or without a port (CONNHOST_ALLOW_CIDR); repeats")
}

// settings are what the operator has decided: flags over environment over
// configuration file over defaults.
type settings struct {
	store, keyFile string
	as             string
	env            host.Environment
	limits         limits
	allow          []string
	callback       callbackPlace
	trusted        map[string]abi.PublicKey // who may sign connectors; none: nobody is asked
	residency      string                   // the region that data are to stay in; empty: any
	smtp           *smtpFile                // nil without a mail server
	webhook        *webhookFile             // nil without one
	tape           *cassette.Tape           // that calls are recorded on; nil for none
	builtIn        host.Catalogue           // the connectors that are part of the program
}

// file is the configuration file. Unknown keys are errors.
type file struct {
	Limits    map[string]string `yaml:"limits"`
	AllowCIDR []string          `yaml:"allow_cidr"`
	Trusted   map[string]string `yaml:"trusted_keys"`
	Callback  struct {
		Port *int   `yaml:"port"`
		URL  string `yaml:"url"`
	} `yaml:"callback"`
	Residency string       `yaml:"residency"`
	SMTP      *smtpFile    `yaml:"smtp"`
	Webhook   *webhookFile `yaml:"webhook"`
}

// defaultPort is the callback's port unless configured.
const defaultPort = 8976

// settings reads them all.
// Where the store and its key are does not depend on the configuration file, and
// is there beside an error too.
func (s *system) settings(f *flags) (settings, error) {
	out := settings{
		store:    cmp.Or(f.store, s.getenv("CONNHOST_STORE"), under(s.dataDir, "connhost.db")),
		keyFile:  cmp.Or(f.keyFile, s.getenv("CONNHOST_KEY_FILE"), under(s.configDir, "key.json")),
		as:       cmp.Or(f.as, s.getenv("CONNHOST_AS")),
		limits:   defaultLimits(),
		callback: callbackPlace{port: defaultPort},
		builtIn:  s.builtIn,
	}
	conf, err := s.configFile(f)
	if err != nil {
		return out, err
	}
	if out.env, err = host.ParseEnvironment(cmp.Or(f.env, s.getenv("CONNHOST_ENV"), string(host.Development))); err != nil {
		return out, err
	}
	for name, value := range conf.Limits {
		if err := out.limits.set(name, value); err != nil {
			return out, err
		}
	}
	if err := out.limits.preset(f.preset); err != nil {
		return out, err
	}
	for _, pair := range f.limits {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return out, host.Errorf(host.Usage, "--limit takes NAME=VALUE, not %q", pair).WithHint("names: %s", limitNames())
		}
		if err := out.limits.set(name, value); err != nil {
			return out, err
		}
	}
	out.allow = append(out.allow, conf.AllowCIDR...)
	out.allow = append(out.allow, strings.FieldsFunc(s.getenv("CONNHOST_ALLOW_CIDR"), func(r rune) bool { return r == ',' || r == ' ' })...)
	out.allow = append(out.allow, f.allow...)
	if p := conf.Callback.Port; p != nil {
		if *p < 0 || *p > 65535 {
			return out, host.Errorf(host.Usage, "callback.port is %d and must be 0 to 65535", *p).
				WithHint("write it into the configuration file: callback: {port: 8976}")
		}
		out.callback.port = *p
	}
	if out.callback.url = conf.Callback.URL; out.callback.url != "" {
		if u, err := url.Parse(out.callback.url); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return out, host.Errorf(host.Usage, "callback.url must be an https URL without a query").
				WithHint("write it into the configuration file: callback: {url: https://connhost.example/callback}")
		}
	}
	if out.residency = conf.Residency; out.residency != "" && !abi.IsRegion(out.residency) {
		return out, host.Errorf(host.Usage, "residency is %q and must be a region, as connectors write it", out.residency).
			WithHint("write it into the configuration file: residency: eu")
	}
	out.smtp = conf.SMTP
	if _, err = conf.SMTP.server(); err != nil {
		return out, err
	}
	out.webhook = conf.Webhook
	if err := conf.Webhook.check(); err != nil {
		return out, err
	}
	out.trusted, err = trustedKeys(conf.Trusted)
	return out, err
}

// trustedKeys reads the public keys of those whose connectors may be
// installed. One that cannot be read is an error and never left out: it would
// open what was meant to be closed.
func trustedKeys(texts map[string]string) (map[string]abi.PublicKey, error) {
	keys := map[string]abi.PublicKey{}
	for name, text := range texts {
		k, err := abi.ParsePublicKey(text)
		if err == nil {
			err = host.CheckName(name)
		}
		if err != nil {
			return nil, host.Errorf(host.Usage, "the trusted key %q of the configuration file cannot be used: %v", name, err)
		}
		keys[name] = k
	}
	return keys, nil
}

// configPlace gives where the configuration file is, and whether somebody has
// named it.
func (s *system) configPlace(f *flags) (path string, named bool) {
	path = cmp.Or(f.config, s.getenv("CONNHOST_CONFIG"))
	return cmp.Or(path, under(s.configDir, "config.yaml")), path != ""
}

// configFile reads the configuration file; the default one may be missing.
func (s *system) configFile(f *flags) (file, error) {
	var conf file
	path, named := s.configPlace(f)
	if path == "" {
		return conf, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && !named {
		return conf, nil
	}
	if err != nil {
		return conf, host.Errorf(host.Usage, "the configuration file %s cannot be read: %s", path, plainFileError(err)).Because(err).
			WithHint("name one that can be read: --config FILE, or CONNHOST_CONFIG")
	}
	return parseConfig(path, data)
}

func parseConfig(path string, data []byte) (conf file, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&conf); err != nil && !errors.Is(err, io.EOF) {
		return conf, host.Errorf(host.Usage, "the configuration file %s is not valid: %s", path, yamlFault(err)).
			WithHint("it may hold: limits, allow_cidr, callback, trusted_keys, smtp, residency, webhook").Because(err)
	}
	return conf, nil
}

// under joins a file to a directory that may not be known.
func under(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// plainFileError says what is wrong with a file without its path.
func plainFileError(err error) string {
	var p *os.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, os.ErrPermission):
		return "permission denied"
	case errors.As(err, &p):
		return fmt.Sprint(p.Err)
	}
	return "it cannot be read"
}
