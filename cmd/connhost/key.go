package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

func (p *program) keyCommand() *cobra.Command {
	return group("key", "See and change the key that seals secrets", `  connhost key show
  connhost key rotate`, p.keyShow(), p.keyRotate())
}

// sealKeyData is a key as it is printed: its id, never the key.
type sealKeyData struct {
	ID      string `json:"id"`
	Primary bool   `json:"primary"`
	InFile  bool   `json:"in_file"`
	Rows    int64  `json:"rows"`
}

func (p *program) keyShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the keys by their ids, and how many rows each has sealed", Args: exactly(),
		Example: "  connhost key show --output json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Keys(ctx, s.subject)
				if err != nil {
					return err
				}
				data, rows := []sealKeyData{}, [][]string{}
				for _, k := range list {
					use := "opens"
					switch {
					case k.Primary:
						use = "seals and opens"
					case !k.Present:
						use = "is missing"
					}
					data = append(data, sealKeyData{k.ID, k.Primary, k.Present, k.Rows})
					rows = append(rows, []string{or(k.ID, "-"), fmt.Sprint(k.Rows), use})
				}
				return p.show(data, func(w io.Writer) { table(w, "KEY ROWS USE", rows) })
			})
		},
	}
}

// rotationData is a change of the key as it is printed.
type rotationData struct {
	Key      string   `json:"key"`
	Resumed  bool     `json:"resumed"`
	Rows     int64    `json:"rows_sealed"`
	Unopened []string `json:"rows_that_do_not_open"`
	Kept     string   `json:"kept,omitempty"`
}

func (p *program) keyRotate() *cobra.Command {
	var forget bool
	cmd := &cobra.Command{
		Use: "rotate", Short: "Make a new key and seal every secret with it, while others go on", Args: exactly(),
		Long: `Make a new key and seal every secret of the store with it, while other processes
read and write. The key file holds both keys until the last row is done. Should it
be interrupted, the same command goes on from there; nothing is unreadable in
between.

The key before is kept in a file beside the key file, because backups of the store
and another store that shares the file need it. With --forget it is not. A process
that reads a copy of the key file needs the changed one.`,
		Example: `  connhost key rotate
  connhost key rotate --forget`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				r, err := s.broker.RotateKey(ctx, s.subject, forget)
				if err != nil {
					return err
				}
				d := rotationData{r.Key, r.Resumed, r.Rows, orEmpty(r.Unopened), r.Kept}
				if err := p.show(d, func(w io.Writer) { writeRotation(w, d) }); err != nil || len(d.Unopened) == 0 {
					return err
				}
				return host.Errorf(host.Failed, "the key was changed, and %s did not open before either: %s",
					plural(len(d.Unopened), "row"), d.Unopened[0]).WithHint("see what was altered: connhost audit verify")
			})
		},
	}
	cmd.Flags().BoolVar(&forget, "forget", false, "do not keep the key before in a file")
	return cmd
}

func writeRotation(w io.Writer, d rotationData) {
	if d.Resumed {
		fmt.Fprintln(w, "finished the change that was begun before")
	}
	fmt.Fprintf(w, "sealed %s with the new key %s\n", plural(int(d.Rows), "row"), d.Key)
	if d.Kept != "" {
		fmt.Fprintf(w, "the key before is kept in %s; delete it when no backup of the store needs it\n", d.Kept)
	}
	fmt.Fprintln(w, "next: copy the key file to where you keep its copy")
}
