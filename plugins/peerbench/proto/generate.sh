#!/bin/sh
# Writes what the generator of knqyf263/go-plugin, at the version in go.mod,
# makes of guest.proto into the folder OUT. It needs protoc (Debian: apt-get
# install protobuf-compiler).
#
#	sh generate.sh OUT
set -eu
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"
generator=$(mktemp -d)
trap 'rm -rf "$generator"' EXIT
go build -o "$generator" github.com/knqyf263/go-plugin/cmd/protoc-gen-go-plugin
protoc --plugin="$generator/protoc-gen-go-plugin" --go-plugin_out="$out" --go-plugin_opt=paths=source_relative guest.proto
gofmt -w "$out"/guest*.pb.go
