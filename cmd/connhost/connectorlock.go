package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorLock() *cobra.Command {
	return &cobra.Command{
		Use: "lock [FILE]", Short: "Write down what is installed, so that it can be installed again", Args: atMost("FILE"),
		Long: `Write down every installed version with its hash, its source, who signed it and
its stage, into FILE or connhost.lock.yaml. "connector install --lock FILE" makes
the same installation elsewhere, and refuses every file that is not the same.`,
		Example: `  connhost connector lock
  connhost connector install --lock connhost.lock.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := defaultLock
			if len(args) == 1 {
				path = args[0]
			}
			dir, err := lockDir(path)
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Installation(ctx, s.subject)
				if err != nil {
					return err
				}
				lock := newLockFile(list, dir)
				if err := lock.write(path); err != nil {
					return err
				}
				return p.show(lock, func(w io.Writer) { fmt.Fprintf(w, "wrote %s: %s\n", path, plural(len(list), "version")) })
			})
		},
	}
}

// lockDir is the folder of a lock file, from which its paths are told.
func lockDir(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", host.Errorf(host.Failed, "the folder of %s cannot be found", path).Because(err)
	}
	return filepath.Dir(abs), nil
}

// lockedData is what became of one line of a lock file, as it is printed.
type lockedData struct {
	ID      string              `json:"id"`
	Version string              `json:"version"`
	Stage   host.ConnectorStage `json:"stage"`
	Existed bool                `json:"existed"`
	Hash    string              `json:"hash"`
}

// lockOutcome is what became of a whole lock file.
type lockOutcome struct {
	Connectors []lockedData `json:"connectors"`
	Others     []string     `json:"not_in_the_lock_file"`
}

// installLock installs what a lock file lists. Every source is fetched and held
// against its hash before the first is installed; what is installed already is
// left alone, also in its stage.
func (p *program) installLock(cmd *cobra.Command, f installFlags) error {
	lock, err := readLock(f.lock)
	if err != nil {
		return err
	}
	dir, err := lockDir(f.lock)
	if err != nil {
		return err
	}
	return p.withSession(cmd, func(ctx context.Context, s *session) error {
		before, err := s.broker.Installation(ctx, s.subject)
		if err != nil {
			return err
		}
		sources := map[string]connectorSource{}
		for _, l := range lock.Connectors {
			if !slices.ContainsFunc(before, func(c host.Connector) bool { return c.Hash == l.SHA256 }) {
				if sources[l.SHA256], err = p.openLocked(ctx, s, l, dir); err != nil {
					return err
				}
			}
		}
		out := lockOutcome{Connectors: []lockedData{}, Others: notIn(lock, before)}
		for _, l := range lock.Connectors {
			d, err := p.installLocked(ctx, s, l, sources, before, f.yes)
			if err != nil {
				return err
			}
			out.Connectors = append(out.Connectors, d)
		}
		return p.show(out, func(w io.Writer) { writeLocked(w, out) })
	})
}

// openLocked fetches the file of one line. The sentence names the line.
func (p *program) openLocked(ctx context.Context, s *session, l locked, dir string) (connectorSource, error) {
	src, err := p.openSource(ctx, s, l.source(dir))
	if err != nil {
		return src, err
	}
	if got := abi.Hash(src.file); got != l.SHA256 {
		return src, host.Errorf(host.Refused, "%s %s is not what the lock file says: %s has the sha256 %s, not %s", l.ID, l.Version, l.Source, got, l.SHA256).
			WithHint("nothing was installed; find out why the source has changed before you write a new lock file")
	}
	report, err := build.Inspect(src.file)
	if err == nil {
		err = installable(l.Source, report)
	}
	if err == nil && (report.Manifest.ID != l.ID || report.Manifest.Version != l.Version) {
		err = host.Errorf(host.Refused, "the lock file calls %s %s what is %s %s", l.ID, l.Version, report.Manifest.ID, report.Manifest.Version)
	}
	return src, err
}

func (p *program) installLocked(ctx context.Context, s *session, l locked, sources map[string]connectorSource, before []host.Connector, yes bool) (lockedData, error) {
	if i := slices.IndexFunc(before, func(c host.Connector) bool { return c.Hash == l.SHA256 }); i >= 0 {
		return lockedData{l.ID, l.Version, before[i].Stage, true, l.SHA256}, nil
	}
	req := sources[l.SHA256].request()
	req.Stage, req.Current = l.Stage, l.Current
	in, err := p.install(ctx, s, req, yes)
	return lockedData{l.ID, l.Version, in.Connector.Stage, in.Existed, l.SHA256}, err
}

// notIn lists what is installed beyond a lock file.
func notIn(lock lockFile, list []host.Connector) []string {
	others := []string{}
	for _, c := range list {
		if !slices.ContainsFunc(lock.Connectors, func(l locked) bool { return l.SHA256 == c.Hash }) {
			others = append(others, c.ID+" "+c.Version())
		}
	}
	return others
}

func writeLocked(w io.Writer, out lockOutcome) {
	for _, d := range out.Connectors {
		what := "installed"
		if d.Existed {
			what = "was installed already:"
		}
		fmt.Fprintf(w, "%s %s %s (%s)\n", what, d.ID, d.Version, d.Stage)
	}
	for _, name := range out.Others {
		fmt.Fprintf(w, "not in the lock file: %s\n", name)
	}
}
