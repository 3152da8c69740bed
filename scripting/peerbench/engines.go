package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/d5/tengo/v2"
	"github.com/d5/tengo/v2/stdlib"
	"github.com/dop251/goja"
	lua "github.com/yuin/gopher-lua"
	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/connhost/connhost/scripting"
)

// An engine compiles a script once and gives what runs it: the text of its
// result. Input is the variable text of the script.
type engine struct {
	name    string
	compile func(script, input string) (run func() (string, error), err error)
}

// engines are all, ours first.
func engines() []engine {
	return []engine{
		{"connhost", deluge}, {"goja", javascript}, {"starlark-go", star}, {"gopher-lua", luaScript}, {"tengo", tengoScript},
	}
}

func deluge(script, input string) (func() (string, error), error) {
	limits := scripting.Limits{Steps: 1 << 40, Memory: 1 << 33}
	p, found := scripting.Compile(scripting.Source{Name: "bench.dg", Text: script}, scripting.Options{Limits: limits})
	if p == nil {
		return nil, fmt.Errorf("%v", found)
	}
	args := map[string]any{"text": input}
	return func() (string, error) {
		r, err := p.Run(context.Background(), scripting.Env{Args: args})
		return r.Text, err
	}, nil
}

func javascript(script, input string) (func() (string, error), error) {
	vm := goja.New()
	if err := vm.Set("text", input); err != nil {
		return nil, err
	}
	if _, err := vm.RunString(script); err != nil {
		return nil, err
	}
	run, ok := goja.AssertFunction(vm.Get("run"))
	if !ok {
		return nil, fmt.Errorf("no function run")
	}
	return func() (string, error) {
		v, err := run(goja.Undefined())
		if err != nil {
			return "", err
		}
		return v.String(), nil
	}, nil
}

func star(script, input string) (func() (string, error), error) {
	thread := &starlark.Thread{Name: "bench"}
	given := starlark.StringDict{"text": starlark.String(input), "json": json.Module}
	opts := &syntax.FileOptions{While: true, TopLevelControl: true, Recursion: true}
	globals, err := starlark.ExecFileOptions(opts, thread, "bench.star", script, given)
	if err != nil {
		return nil, err
	}
	return func() (string, error) {
		v, err := starlark.Call(thread, globals["run"], nil, nil)
		if err != nil {
			return "", err
		}
		return strings.Trim(v.String(), `"`), nil
	}, nil
}

func luaScript(script, input string) (func() (string, error), error) {
	state := lua.NewState()
	state.SetGlobal("text", lua.LString(input))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	return func() (string, error) {
		if err := state.CallByParam(lua.P{Fn: state.GetGlobal("run"), NRet: 1, Protect: true}); err != nil {
			return "", err
		}
		v := state.Get(-1)
		state.Pop(1)
		return v.String(), nil
	}, nil
}

func tengoScript(script, input string) (func() (string, error), error) {
	s := tengo.NewScript([]byte(script))
	s.SetImports(stdlib.GetModuleMap("json", "text"))
	if err := s.Add("input", input); err != nil {
		return nil, err
	}
	if err := s.Add("out", ""); err != nil {
		return nil, err
	}
	compiled, err := s.Compile()
	if err != nil {
		return nil, err
	}
	return func() (string, error) {
		if err := compiled.Run(); err != nil {
			return "", err
		}
		return compiled.Get("out").String(), nil
	}, nil
}
