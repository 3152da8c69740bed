package abi

import _ "embed"

//go:generate go test ./reference -run TestGenerated -update

//go:embed manifest.schema.json
var schema string

// Schema is the JSON Schema of a manifest, draft 2020-12, for editors and other
// tools. What it refuses Check refuses too; Check refuses more.
func Schema() string { return schema }
