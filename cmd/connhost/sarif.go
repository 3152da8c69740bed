package main

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// A finding is one result of a check, in the words of SARIF 2.1.0
// (docs.oasis-open.org/sarif/sarif/v2.1.0). Lines and columns count from one,
// columns in characters; 0 is none.
type finding struct {
	rule, level, message, hint string
	file, member               string // member is a place inside of the file that has no line
	line, column               int
	endLine, endColumn         int
}

// sarifLog is the part of SARIF that is written.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

// newSarif is a log of one run. The rules are those that something was found
// for; a code such as C120/functions is a case of the rule C120 (section
// 3.27.5).
func newSarif(found []finding, explain func(id string) string) sarifLog {
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver{Name: "connhost", Version: version(), Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	for _, f := range found {
		id, _, _ := strings.Cut(f.rule, "/")
		rules := &run.Tool.Driver.Rules
		index := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == id })
		if index < 0 {
			index = len(*rules)
			*rules = append(*rules, sarifRule{ID: id, Short: sarifText{explain(id)}})
		}
		run.Results = append(run.Results, f.result(index))
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func (f finding) result(index int) sarifResult {
	at := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{fileURI(f.file)}}}
	if f.line > 0 {
		at.Physical.Region = &sarifRegion{f.line, f.column, f.endLine, f.endColumn}
	}
	if f.member != "" {
		at.Logical = []sarifLogical{{f.member}}
	}
	message := f.message
	if f.hint != "" {
		message += " (hint: " + f.hint + ")"
	}
	return sarifResult{RuleID: f.rule, RuleIndex: index, Level: f.level, Message: sarifText{message}, Locations: []sarifLocation{at}}
}

// fileURI is a path as SARIF names files: relative as it was given, so that it
// fits the repository that is checked, or file: (RFC 8089).
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
	}
	return u.String()
}
