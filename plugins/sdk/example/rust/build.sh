#!/bin/sh
# Compiles the hooks in Rust: rustc 1.63 or later with the target
# wasm32-unknown-unknown (Debian: apt-get install rustc lld
# libstd-rust-dev-wasm32; rustup: rustup target add wasm32-unknown-unknown).
#
#	sh build.sh [OUT [SOURCE]]
#
# OUT is ../hook.wasm unless given: beside connector.yaml, where
# `connhost connector build` takes it. RUSTC names another compiler.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../hook.wasm}
exec "${RUSTC:-rustc}" --target wasm32-unknown-unknown --edition 2021 --crate-type cdylib --crate-name hook \
	-C opt-level=s -C lto=fat -C codegen-units=1 -C panic=abort -C strip=symbols \
	-C link-arg=-zstack-size=65536 \
	-o "$out" "${2:-$here/hook.rs}"
