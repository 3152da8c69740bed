package abi

import "slices"

// hooks checks the declared hooks, and that each has something to be called
// for.
func (c *checker) hooks() {
	if !c.few("hooks", len(c.m.Hooks), keyOf(manifestKeys, "hooks")) {
		return
	}
	for i, h := range c.m.Hooks {
		at := ItemPath("hooks", i)
		switch {
		case !slices.Contains(Hooks(), h):
			c.fault("M701", at, "a hook is named without ch_", "unknown hook %q%s", h, meant(h, Hooks()))
		case slices.Contains(c.m.Hooks[:i], h):
			c.fault("M703", at, "", "the hook %q is declared twice", h)
		default:
			c.idle(at, h)
		}
	}
}

// idle refuses a hook that would never be called.
func (c *checker) idle(at, hook string) {
	requests, imperative := c.countActions()
	switch hook {
	case HookToken, HookAuthorize, HookCallback:
		switch {
		case c.m.Auth.Type != AuthOAuth2 && (hook != HookToken || c.m.Auth.Type != AuthSession):
			c.fault("M704", at, "", "the hook %q belongs to oauth2 only", hook)
		case hook != HookToken && !c.m.ByBrowser():
			c.fault("M704", at, "", "the hook %q is about a person's consent in a browser, and the grant %s has none", hook, c.m.Auth.GrantOr())
		}
	case HookTest:
		if c.m.Test == nil {
			c.fault("M705", at, "add the request: test: {path: /me}", `the hook "test" reads the answer of the key "test", which is missing`)
		}
	case HookPrepare, HookPage:
		if requests == 0 {
			c.fault("M706", at, "add actions with a path", "the hook %q is called for actions that have a path or a URL, and there are none", hook)
		}
	case HookAction:
		if imperative == 0 {
			c.fault("M706", at, "add an action without path and url", `the hook "action" does the actions without a path or a URL, and there are none`)
		}
	}
}

// reveal checks the secrets that the code may read.
func (c *checker) reveal() {
	if !c.few("reveal_secrets", len(c.m.RevealSecrets), keyOf(manifestKeys, "reveal_secrets")) {
		return
	}
	if len(c.m.RevealSecrets) > 0 && len(c.m.Hooks) == 0 {
		c.fault("M720", "reveal_secrets", "leave it out", `"reveal_secrets" says what hooks may read, and none is declared`)
	}
	for i, name := range c.m.RevealSecrets {
		at := ItemPath("reveal_secrets", i)
		f, field := c.fields[name]
		client := name == "client_secret" && c.m.Auth.Type == AuthOAuth2
		switch {
		case slices.Contains(c.m.RevealSecrets[:i], name):
			c.fault("M721", at, "", "%q stands twice in reveal_secrets", name)
		case !client && (!field || !f.Secret):
			c.fault("M722", at, "name a secret parameter", "%q is no secret that could be revealed%s", name, meant(name, c.secretNames()))
		default:
			c.used[name] = true
		}
	}
}

func (c *checker) secretNames() []string {
	var names []string
	for _, f := range c.m.Fields() {
		if f.Secret {
			names = append(names, f.Key)
		}
	}
	if c.m.Auth.Type == AuthOAuth2 {
		names = append(names, "client_secret")
	}
	return names
}
