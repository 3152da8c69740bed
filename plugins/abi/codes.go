package abi

// A Code names a kind of finding about a connector. Codes are stable: tools
// filter by them, and one that is not used any more is never given to another.
// M is for the manifest, C for the code and the file, L for advice of
// "connector lint" that stops nothing.
type Code string

// A CodeInfo says what a code is about.
type CodeInfo struct {
	Code     Code
	Severity Severity
	Meaning  string // one sentence without a full stop
}

// Codes are all findings about a connector, sorted. MANIFEST.md has them as a
// table.
func Codes() []CodeInfo { return codes }

// Explain is what a code is about.
func Explain(code Code) (CodeInfo, bool) {
	for _, c := range codes {
		if c.Code == code {
			return c, true
		}
	}
	return CodeInfo{}, false
}

var codes = []CodeInfo{
	{"C101", Fault, "hooks are declared and there is no code"},
	{"C102", Fault, "the code imports what no host has"},
	{"C104", Fault, "the code imports a function of the host with another signature"},
	{"C105", Fault, "the code imports something that is no function"},
	{"C106", Fault, "the code exports no memory"},
	{"C107", Fault, "a declared hook is not exported"},
	{"C108", Fault, "a hook has another signature than (i32) -> i32"},
	{"C109", Fault, "an exported hook is not declared"},
	{"C110", Fault, "the module is malformed"},
	{"C111", Fault, "the file holds no manifest"},
	{"C112", Fault, "the file holds more than one manifest"},
	{"C113", Fault, "the file is made for another version of the agreement"},
	{"C114", Fault, "the file or its manifest is over the size limit"},
	{"C115", Warning, "hook.wasm is used, and the Go code beside it is not built"},
	{"C116", Fault, "the Go compiler refuses the code"},
	{"C117", Fault, "the code imports what its manifest does not speak of"},
	{"C120", Fault, "the plugin host refuses the shape of the module; a word behind the code, as in C120/functions, names the limit or the feature"},

	{"L101", Warning, "there is no test request"},
	{"L102", Warning, "docs does not say where a person gets the credential"},
	{"L103", Warning, "docs is not an https URL"},
	{"L104", Warning, "there is no description"},
	{"L105", Warning, "nothing says whose an authorization is"},
	{"L106", Warning, "a parameter stands for the domain of a host"},
	{"L107", Warning, "a parameter looks like a secret and is not marked as one"},
	{"L108", Warning, "an action has no text"},
	{"L109", Warning, "a parameter has no label"},
	{"L110", Warning, "there is code and no hook is declared"},
	{"L111", Warning, "the code imports what its hooks cannot use"},
	{"L112", Warning, "reveal_secrets asks for more than the code reads"},
	{"L113", Warning, "the hook action is declared and the code cannot call"},

	{"M001", Fault, "the manifest is no JSON object of an allowed size"},
	{"M002", Fault, "the manifest is written for a later host"},
	{"M003", Fault, "a key is not known"},
	{"M004", Fault, "a key belongs to the full agreement and this host does not use it yet"},
	{"M005", Fault, "a key stands twice"},
	{"M006", Fault, "a value is of another kind than its key wants"},
	{"M007", Warning, "a value means the same as leaving its key out"},
	{"M008", Fault, "a text is empty where something must stand"},
	{"M009", Fault, "a key does not belong to the auth type"},
	{"M010", Fault, "a word is none of those that its key may have"},
	{"M011", Fault, "a list is too long"},
	{"M012", Fault, "a text for people holds what cannot be printed"},
	{"M013", Fault, "a text holds a line break or a control character"},
	{"M014", Fault, "a key that is needed is missing"},
	{"M015", Fault, "a text has a form or a length that its key does not allow"},
	{"M016", Fault, "an item stands twice in a list"},
	{"M020", Fault, "connector.yaml is not YAML"},
	{"M021", Fault, "connector.yaml is empty"},
	{"M022", Fault, "connector.yaml holds more than one document"},
	{"M023", Fault, "YAML anchors and aliases are not taken"},
	{"M024", Fault, "YAML merge keys are not taken"},
	{"M025", Fault, "YAML tags are not taken"},
	{"M026", Fault, "a key is not text"},
	{"M027", Fault, "a number is not written in decimal digits"},
	{"M028", Fault, "the manifest is nested too deeply"},
	{"M029", Fault, "connector.yaml is too large"},

	{"M101", Fault, "connhost is not the version of the agreement"},
	{"M102", Fault, "the id has a form that is not allowed"},
	{"M103", Fault, "the name has a form that is not allowed"},
	{"M104", Fault, "the version is no semantic version"},
	{"M105", Fault, "the description is too long"},
	{"M106", Fault, "docs is not the URL of a page"},
	{"M107", Fault, "there is neither base_url nor hosts"},
	{"M108", Fault, "base_url has a query or a fragment"},
	{"M109", Fault, "a host is declared twice"},
	{"M110", Fault, "a host is no host or host:port"},
	{"M111", Fault, "something follows a parameter that is a whole host name"},
	{"M112", Fault, "a data centre is declared twice"},
	{"M113", Fault, "a data centre has a value for what is no parameter, or a secret one"},
	{"M114", Fault, "a value of a data centre does not fit its parameter"},

	{"M201", Fault, "the auth type is not known"},
	{"M202", Fault, "the auth type is not supported yet"},
	{"M204", Fault, "the header or query parameter of the credential has no name"},
	{"M205", Fault, "no secret stands in the credential"},
	{"M206", Fault, "auth.value does not name {access_token}"},
	{"M207", Warning, "a public client does without PKCE"},
	{"M208", Fault, "client_id_pattern is not a regular expression"},
	{"M209", Fault, "a parameter that protects the authorization is replaced"},
	{"M210", Fault, "the auth type custom stands without the hook sign"},
	{"M211", Fault, "a credential in the path has a form that is not allowed"},
	{"M212", Fault, "a part of a token that is the host's is given"},
	{"M213", Fault, "a request of oauth1 stands without the others"},
	{"M214", Fault, "a key has no meaning with the grant"},
	{"M215", Fault, "a client's token does not go with how it authenticates"},
	{"M216", Fault, "a proof by certificate stands without the client_auth mtls"},

	{"M301", Fault, "the key of a parameter has a form that is not allowed"},
	{"M302", Fault, "a parameter is declared twice"},
	{"M303", Fault, "a parameter has a name of the host"},
	{"M304", Fault, "a parameter that is the credential is not secret"},
	{"M305", Fault, "a parameter of kind host is secret"},
	{"M306", Fault, "a secret parameter has a default"},
	{"M307", Fault, "a parameter of kind host has an enum"},
	{"M308", Fault, "the pattern of a parameter is not a regular expression"},
	{"M309", Fault, "the default of a parameter does not fit it"},
	{"M310", Fault, "an enum holds an empty text"},
	{"M311", Fault, "an enum holds a value twice"},
	{"M312", Fault, "a value of an enum does not match the pattern"},
	{"M313", Warning, "a parameter is asked for and used nowhere"},

	{"M401", Fault, "a request has both url and path"},
	{"M402", Fault, "a request has neither url nor path"},
	{"M403", Fault, "a URL that a browser opens has a method, headers or a body"},
	{"M404", Fault, "a method is not in upper-case letters"},
	{"M405", Fault, "a method is not allowed"},
	{"M406", Fault, "a request has a body, and its method cannot send one"},
	{"M407", Fault, "a request has both form and json"},
	{"M408", Fault, "a query, form or JSON parameter has an empty name"},
	{"M409", Fault, "the name of a header is none"},
	{"M410", Fault, "a header is set by the host only"},
	{"M411", Fault, "a header stands twice"},
	{"M412", Fault, "a header carries the credential and is set by the host"},
	{"M413", Fault, "a path needs base_url"},
	{"M414", Fault, "a path has a form that is not allowed"},
	{"M415", Fault, "a URL is not absolute"},
	{"M416", Fault, "a URL holds a user or password"},
	{"M417", Warning, "a credential would be sent unencrypted"},
	{"M418", Fault, "a URL begins with a place that is no captured URL"},
	{"M419", Fault, "a URL has a fragment"},
	{"M420", Fault, "a URL is none"},
	{"M430", Fault, "the braces of a template do not match"},
	{"M431", Fault, "a secret stands where it would be seen"},
	{"M432", Fault, "a template names no parameter"},
	{"M433", Fault, "a template names a captured value before it is known"},

	{"M501", Fault, "a JSON pointer is none"},
	{"M502", Fault, "a pointer means nothing for this request"},
	{"M503", Fault, "identity reads neither key nor label"},
	{"M504", Fault, "the name of a captured value has a form that is not allowed"},
	{"M505", Fault, "a captured value has the name of a parameter"},
	{"M506", Fault, "a captured value has a name of the host"},
	{"M507", Warning, "a value is captured and used nowhere"},
	{"M508", Fault, "public stands without the hook that reads it"},
	{"M509", Fault, "a public pointer stands twice"},
	{"M510", Fault, "a pointer would make a token readable"},
	{"M511", Fault, "a pointer into the callback's query goes too deep"},

	{"M602", Fault, "a scope is declared twice"},
	{"M603", Fault, "a scope holds the separator of scopes"},
	{"M604", Fault, "a scope holds a control character"},
	{"M610", Fault, "a number is out of range"},
	{"M611", Warning, "grace means nothing without rotation"},
	{"M612", Warning, "the margin is not below the lifetime"},
	{"M613", Warning, "idle means nothing, because it is not below life"},
	{"M620", Fault, "seconds or burst of a rate stands without calls"},
	{"M621", Fault, "a page is found in no way or in several"},
	{"M622", Fault, "a key of page does not go with how the next one is found"},

	{"M701", Fault, "a hook is not known"},
	{"M703", Fault, "a hook is declared twice"},
	{"M704", Fault, "a hook does not belong to the auth type"},
	{"M705", Fault, "the hook test has no request whose answer it reads"},
	{"M706", Fault, "a hook has no action to be called for"},
	{"M720", Fault, "reveal_secrets stands without a hook that could read"},
	{"M721", Fault, "a secret is listed twice in reveal_secrets"},
	{"M722", Fault, "reveal_secrets names no secret"},
	{"M730", Fault, "limits stand without a hook"},
	{"M731", Fault, "a limit has a form that is not allowed"},

	{"M801", Fault, "the name of an action has a form that is not allowed"},
	{"M802", Fault, "an action is declared twice"},
	{"M803", Fault, "an action needs a scope that is not declared"},
	{"M804", Fault, "an action has neither a path nor the hook that does it"},
	{"M805", Fault, "an action of the hook describes a request"},
	{"M806", Fault, "a parameter of an action is one of the connection"},
	{"M807", Fault, "a parameter of an action is secret or a host"},
}
