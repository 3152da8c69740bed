package main

import (
	"strconv"

	"github.com/spf13/cobra"
)

func (p *program) connectorCommand() *cobra.Command {
	return group("connector", "Make, build, test, install and publish connectors", `  connhost connector new acme --auth api_key
  connhost connector build ./acme
  connhost connector lint ./acme
  connhost connector inspect acme/acme.wasm
  connhost connector install acme/acme.wasm`,
		p.connectorList(), p.connectorSearch(), p.connectorShow(), p.connectorInspect(), p.connectorNew(), p.connectorImport(), p.connectorBuild(),
		p.connectorTest(), p.connectorCall(), p.connectorBench(),
		p.connectorInstall(), p.connectorPublish(), p.connectorDisable(), p.connectorRemove(),
		p.connectorMove(), p.connectorRollback(), p.connectorLock(),
		p.connectorSign(), p.connectorVerify(), p.connectorKeys(), p.connectorLint(), p.connectorSchema(), p.connectorRecord())
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
