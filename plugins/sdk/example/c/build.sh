#!/bin/sh
# Compiles the hooks in C: clang and its linker lld (Debian: apt-get install
# clang lld), no C library.
#
#	sh build.sh [OUT [SOURCE]]
#
# OUT is ../hook.wasm unless given: beside connector.yaml, where
# `connhost connector build` takes it. CLANG names another compiler.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../hook.wasm}
exec "${CLANG:-clang}" --target=wasm32 -std=c11 -Os -flto -Wall -Wextra -Wno-unused-function -Werror \
	-ffreestanding -nostdlib -I "$here" \
	-Wl,--no-entry -Wl,--strip-all -Wl,--stack-first -Wl,-z,stack-size=65536 \
	-o "$out" "${2:-$here/hook.c}"
