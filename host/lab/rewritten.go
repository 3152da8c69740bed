package lab

import (
	"encoding/json"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// Rewritten gives a copy of a manifest whose service is a lab at an address of
// this machine, over plain http: https://api.acme.test/v1 becomes
// http://127.0.0.1:9100/api.acme.test/v1. The host stands before the path, so
// that several hosts of a service stay apart; what is signed is signed for the
// URL that is called. Nothing else is changed.
func Rewritten(m abi.Manifest, addr string) abi.Manifest {
	m = copied(m)
	move := func(template string) string {
		scheme, rest, ok := strings.Cut(template, "://")
		if !ok || strings.ContainsAny(scheme, "{}") {
			return template // of a captured URL, which is the lab's anyway
		}
		return "http://" + addr + "/" + rest
	}
	m.BaseURL, m.Auth.Issuer = move(m.BaseURL), move(m.Auth.Issuer)
	for _, r := range requestsOf(&m) {
		r.URL = move(r.URL)
	}
	if len(m.Hosts) > 0 {
		m.Hosts = nil
		if abi.URLHost(m.BaseURL) == "" {
			m.Hosts = []string{addr}
		}
	}
	return m
}

// copied shares nothing with the manifest that it is made of.
func copied(m abi.Manifest) abi.Manifest {
	text, err := json.Marshal(m)
	var out abi.Manifest
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic(err) // a manifest is JSON
	}
	return out
}
