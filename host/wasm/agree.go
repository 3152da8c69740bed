package wasm

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/host/wasm/meter"
	"github.com/connhost/connhost/plugins/abi"
)

// agree compares what a module needs and offers with the ABI and with what its
// manifest declares.
func agree(r meter.Report, d declared) error {
	hooks := d.Hooks
	for _, i := range r.Imports {
		if i.Kind != meter.Function {
			return refused("import", "the import %q of %q is a %s, and a host has functions only", i.Name, i.Module, i.Kind)
		}
		f, ok := imported(i.Module, i.Name)
		if !ok {
			return refused("import", "the module imports %q of %q, which no host that speaks %s has",
				i.Name, i.Module, abi.SectionName)
		}
		if i.Type != (meter.Type{Params: string(f.params), Results: string(f.results)}) {
			return refused("import", "the module imports %q of %q with another signature than the host's", i.Name, i.Module)
		}
		if err := d.allows(i); err != nil {
			return err
		}
	}
	if len(hooks) > 0 && !exported(r.Exports, abi.ExportMemory, meter.Memory) {
		return refused("export", "the module exports no memory named %q", abi.ExportMemory)
	}
	return agreeHooks(r.Exports, hooks)
}

// allows refuses an import that the manifest does not speak of: what a
// connector can do is read in its manifest.
func (d declared) allows(i meter.Import) error {
	switch {
	case i.Module != abi.ImportModule:
	case i.Name == abi.ImportHTTP && !slices.Contains(d.Hooks, abi.HookAction):
		return refused("import", "the module imports %q, and the manifest declares no hook %q", i.Name, abi.HookAction)
	case i.Name == abi.ImportSecret && len(d.RevealSecrets) == 0:
		return refused("import", "the module imports %q, and the manifest lists nothing in reveal_secrets", i.Name)
	}
	return nil
}

func exported(exports []meter.Export, name string, kind meter.Kind) bool {
	return slices.ContainsFunc(exports, func(e meter.Export) bool { return e.Name == name && e.Kind == kind })
}

func agreeHooks(exports []meter.Export, hooks []string) error {
	for _, hook := range hooks {
		if !exported(exports, abi.HookPrefix+hook, meter.Function) {
			return refused("hook", "the manifest declares the hook %q, and the module exports no function %s%s",
				hook, abi.HookPrefix, hook)
		}
	}
	for _, e := range exports {
		hook, ok := strings.CutPrefix(e.Name, abi.HookPrefix)
		switch {
		case ok && !slices.Contains(hooks, hook):
			return refused("hook", "the module exports %s, and the manifest declares no hook %q", e.Name, hook)
		case ok && e.Type != (meter.Type{Params: string(i32), Results: string(i32)}):
			return refused("hook", "the hook %s takes or gives something else than one i32", e.Name)
		case e.Name == abi.ExportInitialize && (e.Kind != meter.Function || e.Type != meter.Type{}):
			return refused("export", "%s is no function that takes and gives nothing", e.Name)
		}
	}
	return nil
}
