// Package process is what host and guest of hashicorp/go-plugin share: the
// handshake and a gRPC service with the two functions of the benchmark. Its
// messages are google.protobuf.BytesValue, so that nothing is generated.
package process

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Name is what the plugin is dispensed by.
const Name = "guest"

// Handshake is what both sides expect of each other.
var Handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "PEERBENCH", MagicCookieValue: "guest"}

// A Guest has the two functions of the benchmark.
type Guest interface {
	Noop(ctx context.Context, in []byte) ([]byte, error)
	Echo(ctx context.Context, in []byte) ([]byte, error)
}

// Plugin serves a Guest in its process, and gives one in the host's.
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	Serves Guest
}

// GRPCServer registers the service.
func (p Plugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&service, p.Serves)
	return nil
}

// GRPCClient gives a Guest that calls the service.
func (Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return client{c}, nil
}

var service = grpc.ServiceDesc{
	ServiceName: "peerbench.Guest",
	HandlerType: (*Guest)(nil),
	Methods: []grpc.MethodDesc{
		method("Noop", Guest.Noop),
		method("Echo", Guest.Echo),
	},
}

func method(name string, call func(Guest, context.Context, []byte) ([]byte, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := new(wrapperspb.BytesValue)
		if err := decode(in); err != nil {
			return nil, err
		}
		out, err := call(srv.(Guest), ctx, in.GetValue())
		return wrapperspb.Bytes(out), err
	}}
}

type client struct{ conn *grpc.ClientConn }

func (c client) Noop(ctx context.Context, in []byte) ([]byte, error) { return c.call(ctx, "Noop", in) }
func (c client) Echo(ctx context.Context, in []byte) ([]byte, error) { return c.call(ctx, "Echo", in) }

func (c client) call(ctx context.Context, method string, in []byte) ([]byte, error) {
	out := new(wrapperspb.BytesValue)
	err := c.conn.Invoke(ctx, "/peerbench.Guest/"+method, wrapperspb.Bytes(in), out)
	return out.GetValue(), err
}
