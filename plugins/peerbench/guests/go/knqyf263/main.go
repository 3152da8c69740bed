//go:build wasip1

// Command knqyf263 is the guest in Go for knqyf263/go-plugin.
package main

import (
	"context"

	"github.com/connhost/connhost/plugins/peerbench/proto"
)

func main() {}

func init() { proto.RegisterGuest(guest{}) }

type guest struct{}

func (guest) Noop(context.Context, *proto.Bytes) (*proto.Bytes, error) {
	return &proto.Bytes{Data: []byte("{}")}, nil
}

func (guest) Echo(_ context.Context, in *proto.Bytes) (*proto.Bytes, error) {
	return &proto.Bytes{Data: in.GetData()}, nil
}
