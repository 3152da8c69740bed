package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
)

// A program is one run of connhost: what is around it, its flags, and what it
// has opened.
type program struct {
	*system
	flags flags
	mask  *host.Redactor // learns every secret that this process opens
}

// execute parses the arguments, runs the command and gives the exit status.
func execute(ctx context.Context, sys *system, args []string) int {
	p := &program{system: sys, mask: host.NewRedactor(nil)}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(sys.in)
	root.SetOut(sys.out)
	root.SetErr(sys.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && ctx.Err() != nil {
		err = host.Errorf(host.Interrupted, "interrupted").Because(err)
	}
	if err == nil {
		err = sys.out.err
	}
	return sys.tell(advised(cmd, err), p.mask)
}

// root is the whole tree of commands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "connhost",
		Short: "A self-hosted home for connections to outside services",
		Long: `connhost keeps connections to outside services and runs scripts through them.

A connector is a WebAssembly plugin that says how one service is authorized.
A connection is a named use of it that holds people's authorizations, sealed.
A script in the Deluge language calls services by the connection's name and
never sees a secret.`,
		Example: `  connhost demo
  connhost connection create acme
  connhost connection authorize acme_connection
  connhost run report.dg`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.ValidateFlagGroups(); err != nil {
				return usage(cmd, oneOf(err.Error()))
			}
			return p.checkOutput(cmd)
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	p.flags.register(root.PersistentFlags())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err.Error()) })
	root.AddCommand(
		p.demoCommand(), p.runCommand(), p.checkCommand(), p.invokeCommand(), p.actionCommand(),
		p.connectorCommand(), p.connectionCommand(), p.authorizationCommand(), p.refreshCommand(), p.credentialCommand(), p.userCommand(),
		p.applyCommand(), p.exportCommand(), p.importCommand(), p.noticesCommand(), p.auditCommand(), p.keyCommand(),
		p.stopCommand(), p.restoreCommand(), p.readonlyCommand(),
		p.applicationCommand(),
		p.doctorCommand(), p.labCommand(), p.functionsCommand(), p.explainCommand(), p.versionCommand(),
	)
	root.SetHelpCommand(helpCommand(root))
	return root
}

// helpCommand is "connhost help COMMAND": the same as "connhost COMMAND --help".
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND...]", Short: "Help about any command",
		Example: "  connhost help connection authorize", Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return noCommand(cmd, rest)
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			cmd, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, child := range cmd.Commands() {
				if child.IsAvailableCommand() {
					names = append(names, child.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// group is a command that only holds others.
func group(use, short, example string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(children...)
	return cmd
}

// noCommand refuses a word that is none of a group's commands.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	what := "there is no command " + quote(cmd.CommandPath()+" "+args[0])
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		what += " (did you mean " + strings.Join(near, ", ") + "?)"
	}
	return usage(cmd, what)
}

// exactly wants these arguments, by name.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(cmd, strings.Join(names[len(args):], " and ")+" is missing")
		}
		if len(args) > len(names) {
			return usage(cmd, quote(args[len(names)])+" is one argument too many")
		}
		return nil
	}
}

// atLeast wants one or more arguments of a name.
func atLeast(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage(cmd, name+" is missing")
		}
		return nil
	}
}

// atMost takes one argument of a name or none.
func atMost(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usage(cmd, quote(args[1])+" is one argument too many after "+name)
		}
		return nil
	}
}

// oneAndMaybe takes an argument of a name, and perhaps one of another behind it.
func oneAndMaybe(name, more string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return exactly(name, more)(cmd, args)
		}
		return exactly(name)(cmd, args)
	}
}

func usage(cmd *cobra.Command, msg string) error {
	return host.Errorf(host.Usage, "%s", msg).WithHint("see: %s --help", cmd.CommandPath())
}

// oneOf says in our words that flags exclude each other: cobra's sentence ends in
// those that were given, in brackets.
func oneOf(sentence string) string {
	_, given, _ := strings.Cut(sentence, "; [")
	given, _, _ = strings.Cut(given, "]")
	return "only one may be given of --" + strings.Join(strings.Fields(given), ", --")
}

func quote(s string) string { return `"` + s + `"` }

// checkOutput refuses an unknown --output before anything is done.
func (p *program) checkOutput(cmd *cobra.Command) error {
	formats := []string{"text", "json"}
	if more, ok := cmd.Annotations["output"]; ok {
		formats = append(formats, more)
	}
	if slices.Contains(formats, p.flags.output) {
		return nil
	}
	last := len(formats) - 1
	return usage(cmd, "--output is "+quote(p.flags.output)+" and must be "+strings.Join(formats[:last], ", ")+" or "+formats[last])
}

// open reads the settings, opens store and key and finds who acts.
func (p *program) open(ctx context.Context) (*session, error) { return p.openTaped(ctx, nil) }

// openTaped is open with every call through a connection recorded on a tape, if
// there is one.
func (p *program) openTaped(ctx context.Context, tape *cassette.Tape) (*session, error) {
	set, err := p.settings(&p.flags)
	if err != nil {
		return nil, err
	}
	set.tape = tape
	s, err := openSession(ctx, p.system, set, p.mask)
	if err != nil {
		return nil, err
	}
	if s.subject, err = s.broker.Subject(ctx, set.as); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// withSession runs f with everything open and closes it.
func (p *program) withSession(cmd *cobra.Command, f func(context.Context, *session) error) error {
	s, err := p.open(cmd.Context())
	if err != nil {
		return err
	}
	return errors.Join(f(cmd.Context(), s), s.close())
}
