package build

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// An adviser gathers what could be better in a connector that is valid.
type adviser struct {
	m     abi.Manifest
	found []abi.Problem
}

func (a *adviser) advise(code abi.Code, path, msg, hint string) {
	a.found = append(a.found, abi.Problem{Code: code, Path: path, Msg: msg, Hint: hint, Severity: abi.Warning})
}

// advice is what could be better in a valid manifest.
func advice(m abi.Manifest) []abi.Problem {
	a := &adviser{m: m}
	a.missing()
	a.hosts()
	a.calls()
	for i, p := range m.Parameters {
		a.parameter(abi.ItemPath("parameters", i), p)
		a.condition(abi.KeyPath(abi.ItemPath("parameters", i), "visible_when"), p)
	}
	for i, action := range m.Actions {
		if action.Text == "" {
			a.advise("L108", abi.ItemPath("actions", i), "nothing says what the action "+quote(action.Name)+" does", "add: text: ...")
		}
	}
	return a.found
}

// missing names the keys without which a connector is harder to live with.
func (a *adviser) missing() {
	m := a.m
	if m.Test == nil {
		a.advise("L101", "", "there is no test, so nobody sees that a connection does not work", "add for example: test: {path: /me}")
	}
	if m.Docs == "" && m.Auth.Type != abi.AuthNone {
		a.advise("L102", "", "nothing says where a person gets the credential", "add: docs: https://...")
	}
	if strings.HasPrefix(m.Docs, "http://") {
		a.advise("L103", "docs", "the page is not reached over https, so anyone on the way can change what it asks for", "write https://...")
	}
	if m.Description == "" {
		a.advise("L104", "", "lists show nothing but the name", "add: description: one sentence")
	}
	named := m.Identity != nil || m.Test != nil && m.Test.Answer != nil || slices.Contains(m.Hooks, abi.HookTest)
	if m.Auth.Type == abi.AuthOAuth2 && !named {
		a.advise("L105", "", "nothing says whose an authorization is, so two accounts look alike", "add for example: identity: {path: /me, answer: {key: /id, label: /email}}")
	}
}

// hosts finds those that leave open whose machine it is.
func (a *adviser) hosts() {
	for i, h := range a.m.Hosts {
		a.host(abi.ItemPath("hosts", i), h)
	}
	if _, rest, ok := strings.Cut(a.m.BaseURL, "://"); ok && !strings.HasPrefix(a.m.BaseURL, "{") {
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			rest = rest[:end]
		}
		a.host("base_url", rest)
	}
}

// host advises against a place that stands for the domain itself: {x}.com and
// {x} may be anyone's, {x}.example.com is the service's. A parameter of kind
// host or with an enum is meant so.
func (a *adviser) host(path, template string) {
	const open = "\x00"
	filled, err := abi.Expand(template, func(place abi.Place) (string, error) {
		if p, ok := a.m.Parameter(place.Name); ok && (p.Kind == abi.KindHost || len(p.Enum) > 0) {
			return "example.com", nil
		}
		return open, nil
	})
	if err != nil {
		return
	}
	name, _, _ := strings.Cut(filled, ":")
	labels := strings.Split(name, ".")
	if strings.Contains(strings.Join(labels[max(len(labels)-2, 0):], "."), open) {
		a.advise("L106", path, quote(template)+" may be a host of anyone: a parameter stands for its domain", "write the service's domain behind it, or give the parameter kind: host")
	}
}

// calls finds the requests that would be refused because nothing declares their
// host. Where a place stands in one, only the call can tell.
func (a *adviser) calls() {
	requests := map[string]*abi.Request{"test": a.m.Test, "identity": a.m.Identity}
	if a.m.Choose != nil {
		requests["choose"] = &a.m.Choose.Request
	}
	for i := range a.m.Actions {
		requests[abi.ItemPath("actions", i)] = &a.m.Actions[i].Request
	}
	declared := a.m.DeclaredHosts()
	open := strings.Contains(strings.Join(declared, ""), "{") || strings.HasPrefix(a.m.BaseURL, "{")
	for _, path := range slices.Sorted(maps.Keys(requests)) {
		r := requests[path]
		if r == nil || r.URL == "" || open {
			continue
		}
		at, _ := abi.Expand(r.URL, func(abi.Place) (string, error) { return "x", nil })
		u, err := url.Parse(at)
		if err != nil || !strings.Contains(r.URL, u.Host) || slices.ContainsFunc(declared, func(h string) bool { return abi.MatchHost(h, u) }) {
			continue
		}
		a.advise("L116", abi.KeyPath(path, "url"), "no credential goes to "+quote(u.Host)+", so every such call is refused", "add it to hosts, if it is the service's")
	}
}

var secretWord = regexp.MustCompile(`(?i)(^|_)(secret|password|passwd|passphrase|pass|pwd|token|api_?key|access_?key|private_?key|pin|credential)s?$`)

func (a *adviser) parameter(path string, p abi.Parameter) {
	if !p.Secret && p.Kind != abi.KindHost && len(p.Enum) == 0 && secretWord.MatchString(p.Key) {
		a.advise("L107", path, "the parameter "+quote(p.Key)+" looks like a secret and is shown and stored as plain text", "add: secret: true")
	}
	// What an auth type asks for by itself has a label without being given one.
	if f, _ := a.m.Field(p.Key); f.Label == p.Key && p.Label == "" {
		a.advise("L109", path, "a person is asked for "+quote(p.Key)+", which is no word of theirs", "add: label: ...")
	}
}

// condition looks at what decides whether a person is asked for a parameter:
// they have to be asked for that, and to know what they may answer.
func (a *adviser) condition(path string, p abi.Parameter) {
	for _, key := range slices.Sorted(maps.Keys(p.VisibleWhen)) {
		decider, _ := a.m.Field(key)
		if !decider.Required && decider.Default == "" {
			a.advise("L114", abi.KeyPath(path, key), "nobody is asked for "+quote(key)+", so nobody is asked for "+quote(p.Key)+" either", "make "+quote(key)+" required, or give it a default")
		}
		if len(decider.Enum) == 0 {
			a.advise("L115", abi.KeyPath(path, key), quote(key)+" may be any text, so a typing mistake decides too", "give "+quote(key)+" an enum")
		}
	}
}

// advice is what could be better in the code of a valid connector.
func (m module) advice(declared abi.Manifest) []abi.Problem {
	a := &adviser{m: declared}
	imports := func(name string) bool {
		return slices.ContainsFunc(m.imports, func(i Import) bool { return i.Module == abi.ImportModule && i.Name == name })
	}
	if len(declared.Hooks) == 0 {
		a.advise("L110", "hooks", "no hook is declared, so the code is never called", "declare the hooks, or leave the code out")
	}
	reads := slices.ContainsFunc(declared.Hooks, func(h string) bool {
		return h != abi.HookAuthorize && h != abi.HookCallback && h != abi.HookToken && h != abi.HookPrepare
	})
	if imports("body") && !reads && len(declared.Hooks) > 0 {
		a.advise("L111", "hooks", `the code imports "body", and none of its hooks gets a body`, "do not import it")
	}
	if len(declared.RevealSecrets) > 0 && !imports(abi.ImportSecret) {
		a.advise("L112", "reveal_secrets", `the manifest asks for secrets, and the code does not import "secret"`, "leave reveal_secrets out: people need not grant it")
	}
	if slices.Contains(declared.Hooks, abi.HookAction) && !imports(abi.ImportHTTP) {
		a.advise("L113", "hooks", `the hook "action" is declared, and the code does not import "http" to call the service`, "describe the action by a path, if one request is all")
	}
	return a.found
}
