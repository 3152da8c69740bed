package wasm

import (
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/plugins/abi"
)

// agree compares what a module needs and offers with the ABI and with what its
// manifest declares.
func agree(s shape, d declared) error {
	hooks := d.Hooks
	for _, i := range s.imports {
		if _, ok := imported(i.module, i.name); !ok {
			return violation("the module imports %q of %q, which no host that speaks %s has",
				i.name, i.module, abi.SectionName)
		}
		if err := d.allows(i); err != nil {
			return err
		}
	}
	if len(hooks) > 0 && (!s.memory || !slices.Contains(s.exports, external{name: abi.ExportMemory, kind: kindMemory})) {
		return violation("the module exports no memory named %q", abi.ExportMemory)
	}
	return agreeHooks(s.exports, hooks)
}

// allows refuses an import that the manifest does not speak of: what a
// connector can do is read in its manifest.
func (d declared) allows(i external) error {
	switch {
	case i.module != abi.ImportModule:
	case i.name == abi.ImportHTTP && !slices.Contains(d.Hooks, abi.HookAction):
		return violation("the module imports %q, and the manifest declares no hook %q", i.name, abi.HookAction)
	case i.name == abi.ImportSecret && len(d.RevealSecrets) == 0:
		return violation("the module imports %q, and the manifest lists nothing in reveal_secrets", i.name)
	}
	return nil
}

func agreeHooks(exports []external, hooks []string) error {
	for _, hook := range hooks {
		if !slices.Contains(exports, external{name: abi.HookPrefix + hook, kind: kindFunction}) {
			return violation("the manifest declares the hook %q, and the module exports no function %s%s",
				hook, abi.HookPrefix, hook)
		}
	}
	for _, e := range exports {
		hook, ok := strings.CutPrefix(e.name, abi.HookPrefix)
		if ok && !slices.Contains(hooks, hook) {
			return violation("the module exports %s, and the manifest declares no hook %q", e.name, hook)
		}
	}
	return nil
}

// agreeTypes compares the signatures, which are known once a module has been
// compiled.
func agreeTypes(code wazero.CompiledModule) error {
	for _, def := range code.ImportedFunctions() {
		module, name, _ := def.Import()
		f, ok := imported(module, name)
		if !ok || !slices.Equal(def.ParamTypes(), f.params) || !slices.Equal(def.ResultTypes(), f.results) {
			return violation("the module imports %q of %q with another signature than the host's", name, module)
		}
	}
	i32 := []api.ValueType{api.ValueTypeI32}
	for name, def := range code.ExportedFunctions() {
		switch {
		case strings.HasPrefix(name, abi.HookPrefix):
			if !slices.Equal(def.ParamTypes(), i32) || !slices.Equal(def.ResultTypes(), i32) {
				return violation("the hook %s takes or gives something else than one i32", name)
			}
		case name == abi.ExportInitialize:
			if len(def.ParamTypes()) > 0 || len(def.ResultTypes()) > 0 {
				return violation("%s takes or gives something", name)
			}
		}
	}
	return nil
}
