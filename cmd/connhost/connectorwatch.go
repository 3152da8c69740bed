package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// lookAgain is how often the files of a connector are looked at.
const lookAgain = 250 * time.Millisecond

// watchConnector tests a connector now, and whenever one of its files changes,
// until interrupted. What is wrong with it is told, and does not end it.
func (p *program) watchConnector(ctx context.Context, path string, f testFlags) error {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for seen := ""; ; {
		if now := looks(path); now != seen {
			if seen != "" {
				fmt.Fprint(p.out, "\n")
			}
			if err := p.testConnector(ctx, path, f); err != nil && ctx.Err() == nil {
				p.tell(err, p.mask)
			}
			seen = looks(path) // an update has changed the cases
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// looks is a text that is another when a file of a folder is: by names, sizes
// and times, without hidden files, what was built and what was fetched.
func looks(path string) string {
	sum := fnv.New64a()
	_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		base := d.Name()
		if d.IsDir() && name != path && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "target") {
			return filepath.SkipDir
		}
		info, err := d.Info()
		if err != nil || d.IsDir() || name != path && (strings.HasPrefix(base, ".") || strings.HasSuffix(base, ".wasm") && base != "hook.wasm") {
			return nil
		}
		fmt.Fprintln(sum, name, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return fmt.Sprint(sum.Sum64())
}
