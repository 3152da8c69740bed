package abi

import (
	"slices"
	"strings"
)

// Action is the action of that name.
func (m Manifest) Action(name string) (Action, bool) {
	for _, a := range m.Actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}

// ByHook says whether the hook "action" does it.
func (a Action) ByHook() bool { return a.URL == "" && a.Path == "" }

// Lacks are the scopes that it needs beyond those that were granted.
func (a Action) Lacks(granted []string) []OneOf {
	var missing []OneOf
	for _, s := range a.Scopes {
		if !slices.ContainsFunc(s, func(one string) bool { return slices.Contains(granted, one) }) {
			missing = append(missing, s)
		}
	}
	return missing
}

// PathKeys are its parameters of kind path.
func (a Action) PathKeys() map[string]bool {
	keys := map[string]bool{}
	for _, p := range a.Parameters {
		if p.Kind == KindPath {
			keys[p.Key] = true
		}
	}
	return keys
}

// countActions says how many actions are requests and how many are done by the
// hook.
func (c *checker) countActions() (requests, imperative int) {
	for _, a := range c.m.Actions {
		if a.ByHook() {
			imperative++
		} else {
			requests++
		}
	}
	return requests, imperative
}

func (c *checker) actions() {
	if !c.few("actions", len(c.m.Actions), keyOf(manifestKeys, "actions")) {
		return
	}
	seen := map[string]bool{}
	for i, a := range c.m.Actions {
		at := ItemPath("actions", i)
		switch {
		case a.Name == "":
			c.fault("M014", at, "", `an action needs a "name"`)
		case !actionForm.MatchString(a.Name) || len(a.Name) > keyOf(actionKeys, "name").MaxLength:
			c.fault("M801", KeyPath(at, "name"), "", "the action's name %q must begin with a-z and hold only a-z, 0-9 and '_', at most 50", a.Name)
		case seen[a.Name]:
			c.fault("M802", KeyPath(at, "name"), "", "the action %q is declared twice", a.Name)
		}
		seen[a.Name] = true
		c.words(KeyPath(at, "text"), a.Text)
		c.action(at, a)
	}
}

func (c *checker) action(at string, a Action) {
	u := actionUse
	for _, p := range a.Parameters {
		u.params = append(u.params, p.Key)
	}
	if a.ByHook() {
		u.byHook = true
		c.byHook(at, a)
	}
	c.request(at, &a.Request, u)
	if a.Page != nil && a.ByHook() {
		c.fault("M805", KeyPath(at, "page"), "leave it out, or add a path", `the action %q is done by the hook "action", which makes its requests itself`, a.Name)
	}
	c.paging(KeyPath(at, "page"), a.Page)
	c.spread(at, a)
	c.actionParameters(at, a)
	for i, s := range a.Scopes {
		c.actionScope(ItemPath(KeyPath(at, "scopes"), i), s)
	}
}

// spread looks for the parameter whose members are spread.
func (c *checker) spread(at string, a Action) {
	known := slices.ContainsFunc(a.Parameters, func(p Parameter) bool { return p.Key == a.Spread && p.Kind == KindJSON })
	if a.Spread != "" && !known {
		c.fault("M820", KeyPath(at, "spread"), "write for example: {key: filters, kind: json}", "the action has no parameter %q of kind json", a.Spread)
	}
}

// actionScope checks a scope of an action, or those of which one is enough.
func (c *checker) actionScope(at string, s OneOf) {
	for i, name := range s {
		at := at
		if len(s) > 1 {
			at = ItemPath(at, i)
		}
		if !slices.ContainsFunc(c.m.Scopes, func(known Scope) bool { return known.Name == name }) {
			c.fault("M803", at, "declare it under scopes", "the scope %q is not declared", name)
			return
		}
	}
	if len(s) == 0 {
		c.fault("M803", at, "write the name of a scope, or a list of names", "no scope is named")
	}
}

// byHook refuses the parts of a request that nobody would send.
func (c *checker) byHook(at string, a Action) {
	if !slices.Contains(c.m.Hooks, HookAction) {
		c.fault("M804", at, "give it a path, or declare the hook action", `the action %q has no "path" or "url", and the hook "action" is not declared`, a.Name)
		return
	}
	for _, k := range []struct {
		key   string
		given bool
	}{
		{"method", a.Method != ""}, {"query", a.Query != nil}, {"headers", a.Headers != nil}, {"form", a.Form != nil}, {"json", !a.JSON.IsZero()},
		{"spread", a.Spread != ""},
	} {
		if k.given {
			c.fault("M805", KeyPath(at, k.key), "leave it out, or add a path", `the action %q is done by the hook "action", which makes its requests itself`, a.Name)
		}
	}
}

func (c *checker) actionParameters(at string, a Action) {
	if !c.few(KeyPath(at, "parameters"), len(a.Parameters), keyOf(actionKeys, "parameters")) {
		return
	}
	for i, p := range a.Parameters {
		item := ItemPath(KeyPath(at, "parameters"), i)
		_, field := c.fields[p.Key]
		switch {
		case !nameForm.MatchString(p.Key) || len(p.Key) > keyOf(parameterKeys, "key").MaxLength || p.Key == "none":
			c.fault("M301", KeyPath(item, "key"), "", "the parameter key %q must begin with a letter and hold only letters, digits and '_', at most 50", p.Key)
		case slices.ContainsFunc(a.Parameters[:i], func(q Parameter) bool { return q.Key == p.Key }):
			c.fault("M302", KeyPath(item, "key"), "", "the parameter %q is declared twice", p.Key)
		case field || c.m.Captured(p.Key):
			c.fault("M806", KeyPath(item, "key"), "choose another key", "%q is a parameter of the connection already", p.Key)
		case slices.Contains(c.reservedInActions(), p.Key):
			c.fault("M303", KeyPath(item, "key"), "choose another key", "%q is the host's own name and cannot be a parameter", p.Key)
		case p.Secret:
			c.fault("M807", KeyPath(item, "secret"), "make it a parameter of the connection", "a parameter of an action cannot be secret: whoever calls it knows it")
		case p.Kind == KindHost:
			c.fault("M807", KeyPath(item, "kind"), "make it a parameter of the connection", "a parameter of an action cannot be a host")
		default:
			c.parameterValues(item, p)
			c.visible(item, p, a.Parameters[:i])
			c.slashes(KeyPath(item, "kind"), a, p)
		}
		c.words(KeyPath(item, "label"), p.Label)
		c.words(KeyPath(item, "help"), p.Help)
	}
}

// slashes wants a parameter of kind path to stand for whole segments of the
// action's path: beside other text its first and its last segment would be
// others than were given. What follows it may be a verb, as in {path}:copy.
func (c *checker) slashes(at string, a Action, p Parameter) {
	if p.Kind != KindPath || a.ByHook() {
		return
	}
	const mark = "\x00"
	path, err := Expand(pathOf(a.URL+a.Path), func(place Place) (string, error) {
		if place.Name == p.Key {
			return mark, nil
		}
		return "-", nil
	})
	if err != nil {
		return // a problem already
	}
	parts := strings.Split(path, mark)
	for i, part := range parts[1:] {
		if !strings.HasSuffix(parts[i], "/") || part != "" && part[0] != '/' && part[0] != ':' {
			c.fault("M809", at, "put it between slashes: /files/{"+p.Key+"}", "{%s} is of kind path and does not stand for whole segments of it", p.Key)
			return
		}
	}
	if len(parts) == 1 {
		c.fault("M809", at, "leave the kind out", "the parameter %q is of kind path and does not stand in the action's path", p.Key)
	}
}

// pathOf is the path of the template of a URL or of a path.
func pathOf(template string) string {
	if scheme, rest, ok := strings.Cut(template, "://"); ok && !strings.ContainsAny(scheme, "{}") {
		template = rest[len(URLHost(template)):]
	}
	path, _, _ := strings.Cut(template, "?")
	return path
}
