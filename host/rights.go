package host

import "slices"

// A Right is an act that a role may do or not.
type Right string

// The rights (design rules 4, 5, 15 and 17).
const (
	ManageUsers          Right = "manage users"
	SeeUsers             Right = "see users"
	ManageConnectors     Right = "manage connectors"
	ManageCredentials    Right = "manage client credentials"
	ManageConnections    Right = "manage connections"
	AuthorizeForAll      Right = "authorize admin connections"
	AuthorizeForSelf     Right = "authorize user connections"
	SeeAuthorizations    Right = "see authorizations of others"
	ManageAuthorizations Right = "name, revoke and delete authorizations of others"
	UseConnections       Right = "use connections"
	UseDrafts            Right = "use draft connectors"
	RenewForAll          Right = "renew everyone's authorizations"
	SeeHistory           Right = "see everyone's history"
	ManageApplications   Right = "manage applications"
	SeeApplications      Right = "see applications"
	StopConnections      Right = "stop and restore connections"
	ManageKeys           Right = "manage the keys of the store"
	MoveAuthorizations   Right = "take authorizations to another store"
	SeeAudit             Right = "see the audit records"
	AllowActions         Right = "let the named actions of a custom connector be done"
)

// A Grant says which roles have a right.
type Grant struct {
	Own    []Role // over what is theirs
	Others []Role // over what is others', everyone's or nobody's
}

// Who has a right, most powerful first.
var (
	superAdmins = []Role{SuperAdmin}
	admins      = []Role{SuperAdmin, Admin}
	makers      = []Role{SuperAdmin, Admin, Developer}
	everybody   = []Role{SuperAdmin, Admin, Developer, PlainUser}
)

// rights is the one table of who may do what. The broker asks nothing else, and
// a test tries every line of it with every role. What it does not say: only a
// super admin makes, changes, deletes or stops a super admin, and nobody binds
// what another gave for themselves alone.
var rights = map[Right]Grant{
	ManageUsers:          {admins, admins},
	SeeUsers:             {makers, makers},
	ManageConnectors:     {makers, makers},
	ManageCredentials:    {makers, makers},
	ManageConnections:    {makers, makers},
	AuthorizeForAll:      {makers, makers},
	AuthorizeForSelf:     {everybody, everybody},
	SeeAuthorizations:    {everybody, makers},
	ManageAuthorizations: {everybody, makers},
	UseConnections:       {everybody, everybody},
	UseDrafts:            {makers, makers},
	RenewForAll:          {makers, makers},
	SeeHistory:           {everybody, makers},
	ManageApplications:   {makers, makers},
	SeeApplications:      {everybody, everybody},
	StopConnections:      {makers, makers},
	ManageKeys:           {admins, admins},
	MoveAuthorizations:   {superAdmins, superAdmins},
	SeeAudit:             {makers, makers},
	AllowActions:         {superAdmins, superAdmins},
}

// Rights gives the table of who may do what, for tests and documentation.
func Rights() map[Right]Grant { return rights }

// May reports whether the role has the right over what is not their own.
func (r Role) May(right Right) bool { return slices.Contains(rights[right].Others, r) }

// MayOwn reports whether the role has the right over what is their own.
func (r Role) MayOwn(right Right) bool { return slices.Contains(rights[right].Own, r) }

// May reports whether the subject has the right over what belongs to owner.
func (s Subject) May(right Right, owner UserID) bool {
	if owner != "" && owner == s.User.ID {
		return s.User.Role.MayOwn(right)
	}
	return s.User.Role.May(right)
}

// Require is nil when the subject has the right, else a NotAllowed error that
// names it.
func (s Subject) Require(right Right) error {
	if s.User.Role.May(right) || s.Unattended && right == UseConnections {
		return nil
	}
	if s.Unattended {
		return Errorf(NotAllowed, "a run that nobody started may not %s", right)
	}
	return Errorf(NotAllowed, "%s has the role %s, which may not %s", s.User.Login, s.User.Role, right).
		WithHint("ask one who may, or act as them with --as LOGIN")
}
