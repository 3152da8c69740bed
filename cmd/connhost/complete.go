package main

import (
	"github.com/spf13/cobra"
)

// completeConnectors completes the ids of installed connectors.
func (p *program) completeConnectors(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Connectors(cmd.Context(), s.subject)
		for _, c := range list {
			names = append(names, c.ID+"\t"+c.Manifest.Name)
		}
		return names, err
	})
}

// completeConnections completes link names.
func (p *program) completeConnections(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Connections(cmd.Context(), s.subject)
		for _, v := range list {
			names = append(names, v.Connection.LinkName+"\t"+v.Connection.Name)
		}
		return names, err
	})
}

// complete asks an existing store; it never makes one.
func (p *program) complete(cmd *cobra.Command, args []string, names func(*session) ([]string, error)) ([]string, cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp
	if set, err := p.settings(&p.flags); len(args) > 0 || err != nil || !set.exists() {
		return nil, nothing
	}
	s, err := p.open(cmd.Context())
	if err != nil {
		return nil, nothing
	}
	defer func() { _ = s.close() }()
	list, err := names(s)
	if err != nil {
		return nil, nothing
	}
	return list, nothing
}

// versionFlag adds a flag that takes a version of the connector that the
// command is about, and completes it.
func (p *program) versionFlag(cmd *cobra.Command, to *string, name, help string) {
	cmd.Flags().StringVar(to, name, "", help)
	// It fails only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.complete(cmd, nil, func(s *session) (names []string, err error) {
			list, err := s.broker.Versions(cmd.Context(), s.subject, args[0])
			for _, c := range list {
				names = append(names, c.Version()+"\t"+string(c.Stage))
			}
			return names, err
		})
	})
}
