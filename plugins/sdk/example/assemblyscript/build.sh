#!/bin/sh
# Compiles the hooks in AssemblyScript: node 20 or later, with its npm.
#
#	sh build.sh [OUT [SOURCE]]
#
# OUT is ../hook.wasm unless given: beside connector.yaml, where
# `connhost connector build` takes it.
#
# --runtime stub: memory is never given back, and lives as long as the call.
# --use abort: the compiler's own way to fail is an import that no host has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../hook.wasm}
[ -x "$here/node_modules/.bin/asc" ] || (cd "$here" && npm ci --no-audit --no-fund)
source=${2:-$here/hook.ts}
cd "$(dirname "$source")"
exec "$here/node_modules/.bin/asc" "$(basename "$source")" --lib "$here/lib" -O --noAssert \
	--runtime stub --exportStart _initialize --use abort=~lib/connhost/abort -o "$out"
