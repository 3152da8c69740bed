package broker

import "github.com/connhost/connhost/host"

// A Desired is what a store should hold, as somebody wrote it down. Where of
// each thing says where it stands, for errors.
type Desired struct {
	Users        []DesiredUser
	Connectors   []DesiredConnector
	Credentials  []DesiredCredential
	Connections  []DesiredConnection
	Applications []DesiredApplication
}

// A DesiredUser is known by its login. An empty name or email stays as it is.
type DesiredUser struct {
	Where string
	host.User
}

// A DesiredConnector is known by the hash of its file. The file is needed where
// it is not installed.
type DesiredConnector struct {
	Where string
	Hash  string
	InstallRequest
	Actions *bool // nil: as it is
}

// A DesiredCredential is known by its connector and name.
type DesiredCredential struct {
	Where string
	host.ClientCredential
	Secret host.Secret
	Given  bool // the secret; without it that of an existing one stays
}

// A DesiredConnection is known by its link name. Access, scopes, parameters and
// environments that are not given are the usual ones; a name, version, mode and
// client credential that are not given stay as they are.
type DesiredConnection struct {
	Where string
	CreateRequest
}

// A DesiredApplication is known by its name. What is not denied is allowed.
type DesiredApplication struct {
	Where string
	ApplicationAccess
}
