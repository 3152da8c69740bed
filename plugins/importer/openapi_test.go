package importer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/importer"
)

// drafted imports a document and holds that its manifest has no fault and no
// key that nothing uses.
func drafted(t *testing.T, document string, o importer.Options) importer.Draft {
	t.Helper()
	d, err := importer.Import("acme.yaml", []byte(document), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range abi.Validate(d.Manifest) {
		if p.Severity == abi.Fault || p.Code == "M313" || p.Code == "M507" {
			t.Errorf("%s: %s", p.Path, p.Msg)
		}
	}
	return d
}

// action is the one action of a document, as JSON.
func action(t *testing.T, d importer.Draft, name string) string {
	t.Helper()
	a, ok := d.Manifest.Action(name)
	if !ok {
		t.Fatalf("no action %s in %s\nleft out: %v", name, d.YAML, d.Review.LeftOut)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const head = "openapi: 3.0.3\ninfo: {title: Acme API, version: '1'}\nservers: [{url: https://api.acme.test/v1}]\n"

// Each part of an operation goes where the manifest has it.
func TestOperations(t *testing.T) {
	tests := []struct {
		name, paths, want string
	}{
		{
			"a name, a text and places in the path",
			`/pets/{pet-id}: {get: {operationId: getPetByID, summary: "Gets a **pet**", parameters: [{name: pet-id, in: path, required: true, schema: {type: integer}}]}}`,
			`{"name":"get_pet_by_id","text":"Gets a pet","path":"/pets/{pet_id}","parameters":[{"key":"pet_id","required":true,"kind":"number"}]}`,
		},
		{
			"no operationId, and a place that is not declared",
			`/pets/{id}: {delete: {}}`,
			`{"name":"delete_pets","text":"DELETE /pets/{id}","method":"DELETE","path":"/pets/{id}","parameters":[{"key":"id","required":true}]}`,
		},
		{
			"a place of several segments",
			`/files/{path+}: {get: {operationId: x}}`,
			`{"name":"x","text":"GET /files/{path+}","path":"/files/{path}","parameters":[{"key":"path","required":true,"kind":"path"}]}`,
		},
		{
			"kinds, an enum, a default that is needed and one that is told",
			`/pets: {get: {operationId: x, parameters: [{name: limit, in: query, schema: {type: integer, default: 20}}, {name: sort, in: query, required: true, schema: {type: string, enum: [a, b], default: a}}, {name: all, in: query, schema: {type: boolean}}]}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","query":{"all":"{all}","limit":"{limit}","sort":"{sort}"},"parameters":[{"key":"sort","required":true,"default":"a","enum":["a","b"]},{"key":"limit","help":"Unless given: 20.","kind":"number"},{"key":"all","kind":"boolean"}]}`,
		},
		{
			"one value is a constant, and braces are no places",
			`/pets: {get: {operationId: x, parameters: [{name: v, in: query, required: true, schema: {type: string, enum: [2024-01-01]}}, {name: X-Fix, in: header, required: true, schema: {const: "a{b}"}}]}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","query":{"v":"2024-01-01"},"headers":{"X-Fix":"a{{b}}"}}`,
		},
		{
			"lists and objects of a query",
			`/pets: {get: {operationId: x, parameters: [{name: ids, in: query, explode: false, schema: {type: array, items: {type: string}}}, {name: tag, in: query, schema: {type: array, items: {type: string, enum: [a, b]}}}, {name: filter, in: query, style: deepObject, schema: {type: object, properties: {name: {type: string}}}}]}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","query":{"filter[name]":"{filter_name}","ids":"{ids}","tag":"{tag}"},"parameters":[{"key":"ids","help":"Items are separated by commas."},{"key":"tag","help":"One item.","enum":["a","b"]},{"key":"filter_name"}]}`,
		},
		{
			"members of a JSON body, by their kinds; what is read only is not sent",
			`/pets: {post: {operationId: x, requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {id: {type: string, readOnly: true}, name: {type: string}, age: {type: [integer, "null"]}, tags: {type: array}}}}}}}}`,
			`{"name":"x","text":"POST /pets","method":"POST","path":"/pets","json":{"age":"{age}","name":"{name}","tags":"{tags}"},"parameters":[{"key":"name","required":true},{"key":"age","kind":"number"},{"key":"tags","help":"A list.","kind":"json"}]}`,
		},
		{
			"needed objects in a body are spread, with a constant in them",
			`/pets: {post: {operationId: x, requestBody: {required: true, content: {application/vnd.api+json: {schema: {type: object, required: [data], properties: {data: {type: object, required: [type, attributes], properties: {type: {enum: [pet]}, attributes: {type: object, properties: {name: {type: string}}}}}}}}}}}}`,
			`{"name":"x","text":"POST /pets","method":"POST","path":"/pets","headers":{"Content-Type":"application/vnd.api+json"},"json":{"data":{"attributes":{"name":"{name}"},"type":"pet"}},"parameters":[{"key":"name"}]}`,
		},
		{
			"a body that is no plain object is one parameter",
			`/pets: {post: {operationId: x, requestBody: {required: true, content: {application/json: {schema: {oneOf: [{type: object, properties: {a: {}}}, {type: array}]}}}}}}`,
			`{"name":"x","text":"POST /pets","method":"POST","path":"/pets","json":"{body}","parameters":[{"key":"body","help":"The whole body.","required":true,"kind":"json"}]}`,
		},
		{
			"a form",
			`/pets: {post: {operationId: x, requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}}}}}}`,
			`{"name":"x","text":"POST /pets","method":"POST","path":"/pets","form":{"age":"{age}","name":"{name}"},"parameters":[{"key":"name","required":true},{"key":"age","kind":"number"}]}`,
		},
		{
			"names that meet are told apart",
			`/pets/{id}: {put: {operationId: x, parameters: [{name: id, in: query, schema: {type: string}}], requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}}`,
			`{"name":"x","text":"PUT /pets/{id}","method":"PUT","path":"/pets/{id}","query":{"id":"{id_query}"},"json":{"id":"{id_body}"},"parameters":[{"key":"id","required":true},{"key":"id_query"},{"key":"id_body"}]}`,
		},
		{
			"a cursor of an answer",
			`/pets: {get: {operationId: x, parameters: [{name: cursor, in: query, schema: {type: string}}], responses: {"200": {content: {application/json: {schema: {type: object, properties: {pets: {type: array}, next_cursor: {type: string}}}}}}}}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","page":{"cursor":"/next_cursor","parameter":"cursor"}}`,
		},
		{
			"the URL of the next page, within links",
			`/pets: {get: {operationId: x, responses: {"200": {content: {application/json: {schema: {type: object, properties: {data: {type: array}, links: {type: object, properties: {next: {type: string, format: uri}}}}}}}}}}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","page":{"next":"/links/next"}}`,
		},
		{
			"numbered pages of a list",
			`/pets: {get: {operationId: x, parameters: [{name: page, in: query, schema: {type: integer}}], responses: {"200": {content: {application/json: {schema: {type: array}}}}}}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","query":{"page":"{page}"},"parameters":[{"key":"page","kind":"number"}],"page":{"number":"page"}}`,
		},
		{
			"pages that follow the last item",
			`/pets: {get: {operationId: x, parameters: [{name: starting_after, in: query, schema: {type: string}}], responses: {"200": {content: {application/json: {schema: {type: object, properties: {data: {type: array}, has_more: {type: boolean}}}}}}}}}`,
			`{"name":"x","text":"GET /pets","path":"/pets","page":{"last":"/id","parameter":"starting_after","items":"/data","more":"/has_more"}}`,
		},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			d := drafted(t, head+"paths:\n  "+c.paths, importer.Options{})
			if len(d.Manifest.Actions) != 1 {
				t.Fatalf("%d actions, left out: %v", len(d.Manifest.Actions), d.Review.LeftOut)
			}
			if got := action(t, d, d.Manifest.Actions[0].Name); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What a manifest cannot say, or is broken, leaves out one operation, with why
// and where; the other stays.
func TestLeftOut(t *testing.T) {
	tests := []struct{ name, operation, why string }{
		{"deprecated", `get: {deprecated: true}`, "it is deprecated"},
		{"an upload", `post: {requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}}`, "neither JSON nor a form, but multipart/form-data"},
		{"a list in a form", `post: {requestBody: {content: {application/x-www-form-urlencoded: {schema: {required: [a], properties: {a: {type: array}}}}}}}`, "a form with a list"},
		{"a reference to nothing", `get: {parameters: [{$ref: "#/components/parameters/none"}]}`, `a reference to nothing, "#/components/parameters/none" at #/paths/~1b/get/parameters/0`},
		{"a reference to a file", `get: {parameters: [{$ref: "other.yaml#/x"}]}`, `a reference to another file, "other.yaml#/x"`},
		{"a reference to a URL", `post: {requestBody: {$ref: "https://acme.test/x.json"}}`, "a reference to another file"},
		{"a reference to itself", `get: {parameters: [{$ref: "#/paths/~1b/get/parameters/0"}]}`, "leads nowhere but to itself"},
		{"a parameter that is none", `get: {parameters: [7]}`, "a parameter without a name at #/paths/~1b/get/parameters/0"},
		{"a header that is none", `get: {parameters: [{name: "a b", in: header, required: true}]}`, "a header with a name that is none"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			d := drafted(t, head+"paths:\n  /a: {get: {operationId: fine}}\n  /b: {"+c.operation+"}", importer.Options{})
			if len(d.Manifest.Actions) != 1 || len(d.Review.LeftOut) != 1 || !strings.Contains(d.Review.LeftOut[0].Why, c.why) {
				t.Errorf("%d actions, left out: %v", len(d.Manifest.Actions), d.Review.LeftOut)
			}
		})
	}
}

// A document that says nothing is an error with one sentence.
func TestNoDocument(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", " \n", "acme.yaml is empty"},
		{"a list", "[1]", "acme.yaml holds no object"},
		{"broken JSON", "{\n\"openapi\": ,", "acme.yaml:2: not JSON"},
		{"broken YAML", "openapi: [", "acme.yaml: not YAML: line 2"},
		{"something else", "a: 1", "acme.yaml is no OpenAPI or Swagger document"},
		{"no operations", "openapi: 3.0.0\npaths: {}", "has no operations"},
		{"paths that are a list", "openapi: 3.0.0\npaths: []", "#/paths is no object"},
		{"paths in other files", "openapi: 3.0.0\npaths: {/a: {$ref: a.yaml}}", "has its paths in other files, which are not read"},
		{"a version to come", "openapi: 4.0.0\npaths: {/a: {get: {}}}", "OpenAPI 4.0.0, which is not known"},
		{"an alias within itself", "openapi: 3.0.0\npaths: &a {/x: {get: *a}}", "the alias *a stands within what it stands for"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			_, err := importer.Import("acme.yaml", []byte(c.text), importer.Options{})
			if host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Swagger 2 says the same with other words.
func TestSwagger(t *testing.T) {
	d := drafted(t, `{"swagger":"2.0","info":{"title":"Acme","version":"1"},"host":"api.acme.test","basePath":"/v2","schemes":["http","https"],
		"securityDefinitions":{"k":{"type":"apiKey","in":"query","name":"api_key"}},"security":[{"k":[]}],
		"paths":{"/pets":{"post":{"operationId":"addPet","parameters":[{"in":"body","name":"pet","required":true,"schema":{"$ref":"#/definitions/Pet"}},{"in":"query","name":"t","type":"array","items":{"type":"string"}}]}},
		"/f":{"post":{"operationId":"sendForm","consumes":["application/x-www-form-urlencoded"],"parameters":[{"in":"formData","name":"a","type":"integer","required":true}]}}},
		"definitions":{"Pet":{"allOf":[{"type":"object","properties":{"name":{"type":"string"}}},{"required":["name"]}]}}}`, importer.Options{})
	if d.Manifest.BaseURL != "https://api.acme.test/v2" || d.Manifest.Auth.In != abi.InQuery || d.Manifest.Auth.Name != "api_key" {
		t.Errorf("got %s, %+v", d.Manifest.BaseURL, d.Manifest.Auth)
	}
	if got, want := action(t, d, "add_pet"), `{"name":"add_pet","text":"POST /pets","method":"POST","path":"/pets","query":{"t":"{t}"},"json":{"name":"{name}"},"parameters":[{"key":"name","required":true},{"key":"t","help":"Items are separated by commas."}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := action(t, d, "send_form"), `{"name":"send_form","text":"POST /f","method":"POST","path":"/f","form":{"a":"{a}"},"parameters":[{"key":"a","required":true,"kind":"number"}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The credential of a connection is no parameter of its actions, however often a
// document lists it.
func TestCredentialIsNoParameter(t *testing.T) {
	d := drafted(t, head+`
components: {securitySchemes: {b: {type: http, scheme: bearer}, k: {type: apiKey, in: header, name: X-Key}}}
security: [{b: []}]
paths: {/a: {get: {operationId: x, parameters: [{name: Authorization, in: header}, {name: X-Key, in: header}, {name: token, in: query, required: true, description: Authentication token}, {name: q, in: query}]}}}
`, importer.Options{})
	if got, want := action(t, d, "x"), `{"name":"x","text":"GET /a","path":"/a","query":{"q":"{q}"},"parameters":[{"key":"q"}]}`; got != want {
		t.Errorf("got %s", got)
	}
}

// The call that says whose a credential is, is found by where it stands and what
// it answers.
func TestAccount(t *testing.T) {
	d := drafted(t, head+`
components: {securitySchemes: {b: {type: http, scheme: bearer}}}
security: [{b: []}]
paths:
  /health: {get: {}}
  /pets: {get: {}}
  /users/me: {get: {responses: {"200": {content: {application/json: {schema: {properties: {user: {properties: {id: {type: integer}, email: {type: string}}}}}}}}}}}
`, importer.Options{})
	if got := d.Manifest.Test; got == nil || got.Path != "/users/me" || got.Answer == nil || *got.Answer != (abi.Answer{Key: "/user/id", Label: "/user/email"}) {
		t.Errorf("got %+v", got)
	}
}
