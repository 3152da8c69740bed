package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/plugins/abi"
)

// version is the program's: that of its module when it was installed as one,
// "dev" when it was built from a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// versionData is what version prints.
type versionData struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	ABI     int    `json:"abi"`
	System  string `json:"system"`
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the program's version and the connector ABI that it speaks", Example: "  connhost version", Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			d := versionData{version(), runtime.Version(), abi.Version, runtime.GOOS + "/" + runtime.GOARCH}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "connhost %s, connector ABI connhost.v%d, %s, %s\n", d.Version, d.ABI, d.Go, d.System)
			})
		},
	}
}
