package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// Validators of an answer (RFC 9110 section 8.8), which --etag-file keeps. The
// host itself keeps nothing of answers: who wants to know whether one has changed
// names a file, and has the answer elsewhere.
type validators struct {
	Connection   string           `json:"connection,omitempty"`
	Environment  host.Environment `json:"environment"`
	URL          string           `json:"url"`
	ETag         string           `json:"etag,omitempty"`
	LastModified string           `json:"last_modified,omitempty"`
}

// readValidators reads the file, which may not be there yet.
func readValidators(path string) (validators, error) {
	var v validators
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return v, nil
	}
	if err != nil {
		return v, unreadable(path, err)
	}
	defer f.Close()
	const most = 64 << 10
	data, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return v, unreadable(path, err)
	}
	if len(data) > 0 && json.Unmarshal(data, &v) != nil {
		return v, host.Errorf(host.Usage, "%s is not a file that --etag-file has written", path).
			WithHint("name another file, which the command makes")
	}
	return v, nil
}

// ask makes a call conditional on what the file says of the same call.
func (v validators) ask(req *broker.InvokeRequest) {
	if v.ETag != "" && req.Header.Get("If-None-Match") == "" {
		req.Header.Set("If-None-Match", v.ETag)
	}
	if v.LastModified != "" && req.Header.Get("If-Modified-Since") == "" {
		req.Header.Set("If-Modified-Since", v.LastModified)
	}
}

// same says whether the file is about this call.
func (v validators) same(o validators) bool {
	return v.Connection == o.Connection && v.Environment == o.Environment && v.URL == o.URL
}

// conditional readies a call for --etag-file, and gives what keeps the answer's
// validators once its body is written.
func conditional(path string, req *broker.InvokeRequest, env host.Environment) (func(*http.Response) error, error) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return nil, host.Errorf(host.Usage, "--etag-file is for GET and HEAD, not for %s", req.Method).WithHint("leave it out")
	}
	now := validators{Connection: req.Connection, Environment: env, URL: req.URL}
	before, err := readValidators(path)
	if err != nil {
		return nil, err
	}
	if before.same(now) {
		before.ask(req)
	}
	return func(r *http.Response) error {
		if r.StatusCode != http.StatusOK {
			return nil
		}
		now.ETag, now.LastModified = r.Header.Get("ETag"), r.Header.Get("Last-Modified")
		data, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			return err
		}
		return writeFile(path, strings.NewReader(string(data)+"\n"))
	}, nil
}
