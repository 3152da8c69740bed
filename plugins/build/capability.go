package build

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Capability is one thing that the code of a connector can do beyond
// computing an answer from its input. Name is that of the import.
type Capability struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// capabilities are what the imports of a module give it. Nothing else reaches
// out of a guest: WASI is answered without files, environment or network.
func capabilities(imports []Import, m abi.Manifest) []Capability {
	list := []Capability{}
	for _, c := range []Capability{
		{abi.ImportHTTP, "sends requests of its own, to " + strings.Join(host.CapabilitiesOf(m).Hosts, ", ")},
		{abi.ImportSecret, "reads, where an administrator grants it: " + strings.Join(m.RevealSecrets, ", ")},
		{"crypto", "signs and checks with the connection's secrets, without reading them"},
		{"body", "reads large bodies"},
		{"random", "gets random bytes"},
		{"now", "reads the clock"},
		{"log", "writes to the operator's log"},
	} {
		if slices.ContainsFunc(imports, func(i Import) bool { return i.Module == abi.ImportModule && i.Name == c.Name }) {
			list = append(list, c)
		}
	}
	return list
}
