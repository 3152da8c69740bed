// Package importer makes the draft of a connector from what somebody else wrote
// about a service: an OpenAPI or Swagger document, a Postman collection, or an
// entry of a Nango providers file. It reads one file and nothing beside it: a
// reference to another file or to a URL is never followed.
//
//	file -> tree -> service (head, authorization, operations) -> the operations
//	that a manifest has room for -> a manifest without a fault, and a review
//
// The document is not trusted, and mostly not quite right. What cannot be said
// in a manifest, or is broken, leaves out one operation and is told; only a
// document that says nothing at all is an error.
package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// What a description can be.
const (
	OpenAPI = "openapi" // OpenAPI 3 and Swagger 2
	Postman = "postman" // a collection, v2.0 and v2.1
	Nango   = "nango"   // providers.yaml
)

// Formats are what From may say.
func Formats() []string { return []string{OpenAPI, Postman, Nango} }

// Options say what to make of a document.
type Options struct {
	From       string   // the format; by the content unless given
	ID         string   // of the connector; from the title unless given
	Auth       string   // the name of the security scheme
	Provider   string   // the entry of a providers file
	Operations []string // patterns of operations to keep; all unless given
	Tags       []string // tags of operations to keep
}

// A Draft is the connector that a document describes, as far as a manifest can
// say it.
type Draft struct {
	Manifest abi.Manifest
	YAML     []byte // connector.yaml, which holds no fault
	Review   Review
}

// Import makes the draft of a document. Name is the document's, for messages.
func Import(name string, data []byte, o Options) (Draft, error) {
	if o.From != "" && !slices.Contains(Formats(), o.From) {
		return Draft{}, host.Errorf(host.Usage, "there is no format %q", o.From).WithHint("one of: %s", strings.Join(Formats(), ", "))
	}
	d, err := readDocument(name, data)
	if err != nil {
		return Draft{}, err
	}
	from := cmp.Or(o.From, d.format())
	var s *service
	switch from {
	case OpenAPI:
		s, err = readOpenAPI(d, o)
	case Postman:
		s, err = readPostman(d)
	case Nango:
		s, err = readProvider(d, o.Provider)
	default:
		return Draft{}, host.Errorf(host.Failed, "%s is no OpenAPI or Swagger document, no Postman collection and no Nango providers file", name).
			WithHint("an OpenAPI document begins with openapi: or swagger:; to say what it is: --from %s", strings.Join(Formats(), "|"))
	}
	if err != nil {
		return Draft{}, err
	}
	return s.draft(o)
}

// format tells what a document is by the keys that only one of them has.
func (d *document) format() string {
	root := d.root()
	switch {
	case root.get("openapi").given() || root.get("swagger").given():
		return OpenAPI
	case root.get("info").get("schema").text() != "" || root.get("info").get("_postman_id").given() || root.get("item").given() || root.get("collection").get("item").given():
		return Postman
	case root.get("paths").given():
		return OpenAPI
	}
	for _, key := range root.keys() {
		if p := root.get(key); p.get("auth_mode").given() || p.get("alias").given() {
			return Nango
		}
	}
	return ""
}

// A service is what a document says, before it is cut to what a manifest holds.
type service struct {
	manifest   abi.Manifest // all but its actions
	operations []operation
	review     Review
}

// An operation may become an action.
type operation struct {
	abi.Action
	id       string   // as the document names it; may be empty
	place    string   // GET /pets, for people
	tags     []string // of the document
	answered node     // the schema of what it answers when it succeeds
	linked   bool     // its pages follow each other by the header Link
	fromZero bool     // its first page has the number 0
	open     bool     // it needs no credential
}
