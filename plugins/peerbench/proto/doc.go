// Package proto is what knqyf263/go-plugin makes of guest.proto.
package proto

//go:generate sh generate.sh .
