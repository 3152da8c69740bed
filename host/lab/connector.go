package lab

import (
	"embed"
	"io/fs"
)

// The pattern takes connector.yaml and the built hook, and not its source.
//
//go:embed connector/*.[yw]a*
var connector embed.FS

// Connector is the folder of the connector "lab", which talks to this service:
// its connector.yaml and its built hook.
func Connector() fs.FS {
	folder, err := fs.Sub(connector, "connector")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return folder
}
