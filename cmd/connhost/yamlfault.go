package main

import (
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

// What the YAML library says of a key that a struct does not have, and of one
// that stands twice.
var (
	unknownKey  = regexp.MustCompile(`^field (\S+) not found in type`)
	repeatedKey = regexp.MustCompile(`^field (\S+) already set in type|^mapping key "([^"]+)" already defined`)
)

// yamlFault says what is wrong with a YAML file that people write, with its
// line, in words of ours: the library's speak of its Go types.
func yamlFault(err error) string {
	one, ok := errors.AsType[*yaml.LoadError](err)
	if all, several := errors.AsType[*yaml.LoadErrors](err); several && len(all.Errors) > 0 {
		one, ok = all.Errors[0], true
	}
	if !ok {
		return "it is not YAML"
	}
	what := "it is not YAML: " + one.Message
	if m := unknownKey.FindStringSubmatch(one.Message); m != nil {
		what = "unknown key " + quote(m[1])
	} else if m := repeatedKey.FindStringSubmatch(one.Message); m != nil {
		what = "the key " + quote(m[1]+m[2]) + " stands twice"
	} else if one.Stage == yaml.ConstructorStage || one.Stage == yaml.ResolverStage {
		what = "a value is of another kind than its key takes"
	}
	if one.Mark.Line > 0 {
		return fmt.Sprintf("line %d: %s", one.Mark.Line, plain(what))
	}
	return plain(what)
}
