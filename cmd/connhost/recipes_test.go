package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// A recipe of the authors' guide, put into its frame, lints without a finding. A
// service that it describes is then authorized, tested and called, and called
// again when its token has ended.
func TestAuthorsRecipes(t *testing.T) {
	n, frame := 0, frameOf(blocks(t, authors, "yaml")[0])
	for _, recipe := range blocks(t, authors, "yaml") {
		if writtenFile.MatchString(recipe) {
			continue
		}
		n++
		t.Run("", func(t *testing.T) {
			dir := folderOf(writeTemp(t, build.ManifestFile, framed(t, frame, recipe)))
			found, err := build.Lint(t.Context(), dir, func([]byte) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range found {
				t.Error(d.Render())
			}
			opened, err := build.Open(t.Context(), dir)
			if err != nil {
				t.Fatalf("%v\n%s", err, recipe)
			}
			r, err := plugintest.Rehearse(t.Context(), opened.File, plugintest.Staging{})
			if err != nil {
				t.Fatalf("%v\n%s", err, recipe)
			}
			t.Cleanup(func() { _ = r.Close() })
			if err := perform(t, r); err != nil {
				t.Errorf("%v; the lab saw %+v\n%s", err, r.Lab.Log(), recipe)
			}
		})
	}
	if n < 20 {
		t.Errorf("%d recipes", n)
	}
}

// No block of the authors' guide stands outside of the tour and the recipes.
func TestAuthorsBlocks(t *testing.T) {
	for _, b := range allBlocks(t, authors) {
		if b.language != "console" && b.language != "yaml" && !writtenFile.MatchString(b.text) {
			t.Errorf("nothing tries the block of %s:\n%s", b.language, b.text)
		}
	}
}

// perform authorizes a connection, tests it and calls it before and after its
// token has ended.
func perform(t *testing.T, r *plugintest.Rehearsal) error {
	if _, err := r.Connect(t.Context()); err != nil {
		return err
	}
	if got, err := r.Test(t.Context(), r.Subject, host.Development, r.Link); err != nil || !got.OK {
		return fmt.Errorf("the test is %+v: %w", got, err)
	}
	for range 2 {
		got, err := r.Invoke(t.Context(), r.Subject, host.Development, broker.InvokeRequest{Connection: r.Link, Method: http.MethodGet, URL: "/parcels/7"})
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, got.Response.Body)
		_ = got.Response.Body.Close()
		if err != nil || got.Response.StatusCode != http.StatusOK {
			return fmt.Errorf("the call got %d: %w", got.Response.StatusCode, err)
		}
		r.Advance(2 * time.Hour)
	}
	return nil
}

// frameOf is what recipes leave out: of the tutorial's manifest the keys that are
// not about its key and its action, and another auth type.
func frameOf(tutorial string) string {
	out := "auth: {type: bearer}\n"
	for _, line := range strings.SplitAfter(tutorial, "\n") {
		if key, _, _ := strings.Cut(line, ":"); frameKeys[key] {
			out += line
		}
	}
	return out
}

var frameKeys = map[string]bool{
	"connhost": true, "id": true, "name": true, "version": true, "description": true, "docs": true, "base_url": true, "test": true,
}

// framed is a whole manifest: the frame, with the keys of a recipe over its own.
func framed(t *testing.T, frame, recipe string) string {
	t.Helper()
	var over map[string]any
	if err := yaml.Unmarshal([]byte(recipe), &over); err != nil {
		t.Fatalf("%v\n%s", err, recipe)
	}
	var out strings.Builder
	for _, line := range strings.SplitAfter(frame, "\n") {
		if key, _, _ := strings.Cut(line, ":"); over[key] == nil {
			out.WriteString(line)
		}
	}
	return out.String() + recipe
}
