package peerbench

import (
	"context"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/connhost/connhost/plugins/peerbench/process"
)

// hashicorp runs a guest as a process of this machine, over gRPC without TLS.
// The operating system bounds it, if anything does.
var hashicorp = Host{Name: "hashicorp", Load: func(_ context.Context, g Guest, _ string) (Plugin, error) {
	p := &hashicorpPlugin{program: g.Hashicorp}
	var err error
	p.client, p.guest, err = p.start()
	return p, err
}}

type hashicorpPlugin struct {
	program string
	client  *plugin.Client
	guest   process.Guest
	old     []*plugin.Client // of Fresh
}

func (p *hashicorpPlugin) start() (*plugin.Client, process.Guest, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  process.Handshake,
		Plugins:          plugin.PluginSet{process.Name: process.Plugin{}},
		Cmd:              exec.Command(p.program),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	conn, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	guest, err := conn.Dispense(process.Name)
	if err != nil {
		client.Kill()
		return nil, nil, err
	}
	return client, guest.(process.Guest), nil
}

func (p *hashicorpPlugin) Call(ctx context.Context, function string, in []byte) ([]byte, error) {
	return callProcess(ctx, p.guest, function, in)
}

// Fresh leaves the process to Close: its end takes longer than its life, and
// is not what is measured.
func (p *hashicorpPlugin) Fresh(ctx context.Context, function string, in []byte) ([]byte, error) {
	client, guest, err := p.start()
	if err != nil {
		return nil, err
	}
	p.old = append(p.old, client)
	return callProcess(ctx, guest, function, in)
}

func callProcess(ctx context.Context, g process.Guest, function string, in []byte) ([]byte, error) {
	if function == Echo {
		return g.Echo(ctx, in)
	}
	return g.Noop(ctx, in)
}

func (p *hashicorpPlugin) Close(context.Context) error {
	for _, client := range append(p.old, p.client) {
		client.Kill()
	}
	return nil
}
