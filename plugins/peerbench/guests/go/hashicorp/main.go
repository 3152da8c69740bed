//go:build !wasip1

// Command hashicorp is the guest in Go for hashicorp/go-plugin: a program of
// this machine.
package main

import (
	"context"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/connhost/connhost/plugins/peerbench/process"
)

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: process.Handshake,
		Plugins:         map[string]plugin.Plugin{process.Name: process.Plugin{Serves: guest{}}},
		GRPCServer:      plugin.DefaultGRPCServer,
		Logger:          hclog.NewNullLogger(),
	})
}

type guest struct{}

func (guest) Noop(context.Context, []byte) ([]byte, error) { return []byte("{}"), nil }

func (guest) Echo(_ context.Context, in []byte) ([]byte, error) { return in, nil }
