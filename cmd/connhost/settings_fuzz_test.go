package main

import (
	"math"
	"testing"

	"github.com/connhost/connhost/host"
)

// Whatever stands in a configuration file: settings, or a sentence of ours.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", "limits: {download: 100MB}", "allow_cidr: [127.0.0.1/32]", "callback: {port: 8976}", "trusted_keys: {a: b}", "smtp: {host: a, port: 25}", "a: &a [*a]", "{", "limits: 1", "\x00", "<<: {}", "a: !!binary x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := parseConfig("config.yaml", data)
		if err == nil {
			return
		}
		if e, ok := err.(*host.Error); !ok || e.Code != host.Usage || e.Hint == "" {
			t.Errorf("got %#v", err)
		}
	})
}

// A limit that is taken is above zero.
func FuzzLimit(f *testing.F) {
	for _, seed := range []string{"1", "0", "-1", "9223372036854775807", "9223372036854775807KB", "1GB", "8589934592GB", "40s", "-1s", "1e3", "1 KB", "KB", "106751991167300d", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name := range limitTable {
			l := limits{}
			err := l.set(name, text)
			if v, ok := l[name]; (err == nil) != ok || ok && (v <= 0 || v > math.MaxInt64) {
				t.Errorf("%s=%q: got %d, %v", name, text, v, err)
			}
			if err != nil && host.CodeOf(err) != host.Usage {
				t.Errorf("%s=%q: got %v", name, text, err)
			}
		}
	})
}
