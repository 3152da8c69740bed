package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/plugins/abi"
)

func (p *program) connectorSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of connector.yaml, for editors", Args: exactly(),
		Long: `Print the JSON Schema (draft 2020-12) of a connector's manifest. Editors that use
yaml-language-server complete and check connector.yaml with it when its first
line names the file:

  # yaml-language-server: $schema=./manifest.schema.json`,
		Example: "  connhost connector schema > acme/manifest.schema.json",
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(p.out, abi.Schema())
			return err
		},
	}
}
