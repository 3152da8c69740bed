package plugintest_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/plugintest"
)

const life = person + me + items + "revoke: {url: \"https://acme.example/revoke\"}\n"

func flow(t *testing.T, text string) plugintest.FlowResult {
	t.Helper()
	f, err := plugintest.ReadFlow("cases/life.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Run(t.Context(), plugintest.Suite{File: connector(t, life, nil)})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A flow walks through the whole life of a connection.
func TestFlow(t *testing.T) {
	got := flow(t, `
name: the life of a connection
flow:
  - {do: call, path: /items, error: needs_auth, connection: not_connected, saw: []}
  - {do: connect, answer: {/account: {key: acc_1, label: Ada Lovelace}}, saw: [authorize, token, test]}
  - test
  - {do: action, action: items, status: 200, answer: {/ok: true}}
  - {do: advance, for: 2h}
  - {do: call, path: /items, saw: [refresh, "action:items"]}
  - {do: fault, faults: [{fault: status, status: 404, on: call}]}
  - {do: call, method: POST, path: /orders, body: {item: tea}, status: 404, answer: {/error: server_error, /nothing: null}}
  - expire
  - {do: test, status: 200, answer: {/account/key: acc_1}, saw: [test, refresh, test]}
  - {do: refresh, answer: {/outcome: renewed}}
  - end
  - {do: test, error: needs_auth, connection: needs_reauthorization}
  - connect
  - {do: revoke, answer: {/upstream: revoked}, connection: not_connected}
`)
	if !got.OK() || len(got.Steps) != 15 {
		t.Errorf("after %d steps: %s, %+v", len(got.Steps), got.Failed, got.Saw)
	}
}

// A flow that goes another way says at which step, and why.
func TestFlowFails(t *testing.T) {
	for text, want := range map[string]string{
		"flow: [test]": `step 1, test: it gave the error needs_auth: connection "acme_connection" is not authorized`,
		"flow: [connect, {do: test, error: failed}]":                                                     "step 2, test: it gave no error, want failed",
		"flow: [connect, {do: test, status: 201}]":                                                       "step 2, test: the service answered 200, want 201",
		"flow: [connect, {do: test, saw: [refresh]}]":                                                    "step 2, test: the service saw [test], want [refresh]",
		"flow: [{do: connect, connection: expiring}]":                                                    "step 1, connect: the connection is connected, want expiring",
		"flow: [{do: connect, answer: {/account/key: ada}}]":                                             `step 1, connect: answer/account/key: got "acc_1", want "ada"`,
		"flow: [connect, {do: test, answer: {/id: 7}}]":                                                  "step 2, test: answer/id: it is missing, want 7",
		"flow: [connect, {do: action, action: itmes}]":                                                   `step 2, action: it gave the error not_found: connector "acme" has no action named "itmes"`,
		"flow: [connect, test]\nfaults: [{fault: fire}]":                                                 `fault 1: there is no fault named "fire"`,
		"flow: [connect, {do: fault, faults: [{on: moon}]}]":                                             `step 2, fault: it gave the error usage: fault 1: there is no fault named ""`,
		"flow: [{do: connect}, {do: test}]\nfaults: [{fault: status, on: test, status: 500, times: -1}]": "step 2, test: the service answered 500",
	} {
		if got := flow(t, text); !strings.HasPrefix(got.Failed, want) {
			t.Errorf("%s:\n got %s\nwant %s", text, got.Failed, want)
		}
	}
}

func TestReadFlowMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"flow: connect":                         "x.yaml:1:1: a flow is a list of steps",
		"flow: []":                              "x.yaml:1:1: a flow is a list of steps",
		"flow:\n- [connect]":                    "x.yaml:2:3: a step is a word or an object",
		"flow:\n- conect":                       `x.yaml:2:3: a step cannot do "conect"`,
		"flow:\n- {do: test, path: /me}":        `x.yaml:2:14: the step test has no key "path"`,
		"flow:\n- {do: call}":                   `x.yaml:2:3: the step call needs the key "path"`,
		"flow:\n- {do: action}":                 `x.yaml:2:3: the step action needs the key "action"`,
		"flow:\n- {do: advance, for: soon}":     `x.yaml:2:3: "soon" is no time to go on by`,
		"flow:\n- {do: test, error: needs_aut}": `x.yaml:2:14: there is no error "needs_aut"`,
		"flow:\n- {do: test, answer: {id: 7}}":  `x.yaml:2:14: "id" is no JSON pointer`,
		"flow:\n- {do: test, status: ok}":       `x.yaml:2:14: the key "status" has a value of another kind`,
		"flow: [test]\nfaults: [{fualt: slow}]": `x.yaml:2:1: this is no list of faults: it has no key "fualt"`,
		"flow: [test]\nvalues: 7":               `x.yaml:2:1: the key "values" has a value of another kind`,
		"flow: [test]\nwho: me":                 `x.yaml:2:1: unknown key "who"`,
	} {
		if _, err := plugintest.ReadFlow("x.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestReadSettingMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[]":                "lab.yaml:1:1: the file is an object with faults and values",
		"fault: []":         `lab.yaml:1:1: unknown key "fault"`,
		"values: []":        `lab.yaml:1:1: the key "values" has a value of another kind`,
		"faults: {a: b}":    "lab.yaml:1:1: this is no list of faults: it may not be of the kind object",
		"faults: [{on: 7}]": "lab.yaml:1:1: this is no list of faults: on may not be of the kind number",
	} {
		if _, err := plugintest.ReadSetting("lab.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// --update changes what steps look at, and leaves the rest as it is written.
func TestFlowUpdated(t *testing.T) {
	got := flow(t, `# the life
flow:
  # a person consents
  - connect
  - {do: test, status: 201, answer: {/account/key: ada}, saw: [refresh]} # who it is
  - test
`)
	text, err := got.Updated()
	if err != nil {
		t.Fatal(err)
	}
	want := `# the life
flow:
  # a person consents
  - connect
  - {do: test, status: 200, saw: [test], answer: {/account/key: acc_1}} # who it is
  - test
`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if again := flow(t, string(text)); !again.OK() {
		t.Errorf("it fails still: %s", again.Failed)
	}
}
