package host

import "slices"

// A Right is an act that a role may do or not.
type Right string

// The rights (design rules 4, 5 and 17).
const (
	ManageUsers        Right = "manage users"
	SeeUsers           Right = "see users"
	ManageConnectors   Right = "manage connectors"
	ManageCredentials  Right = "manage client credentials"
	ManageConnections  Right = "manage connections"
	AuthorizeForAll    Right = "authorize admin connections"
	AuthorizeForSelf   Right = "authorize user connections"
	UseConnections     Right = "use connections"
	UseDrafts          Right = "use draft connectors"
	RenewForAll        Right = "renew everyone's authorizations"
	SeeHistory         Right = "see everyone's history"
	ManageKeys         Right = "change the key of the store"
	MoveAuthorizations Right = "take authorizations to another store"
	SeeAudit           Right = "see the audit records"
	AllowActions       Right = "let the named actions of a custom connector be done"
)

var rights = map[Right][]Role{
	ManageUsers:        {SuperAdmin, Admin},
	SeeUsers:           {SuperAdmin, Admin, Developer},
	ManageConnectors:   {SuperAdmin, Admin, Developer},
	ManageCredentials:  {SuperAdmin, Admin, Developer},
	ManageConnections:  {SuperAdmin, Admin, Developer},
	AuthorizeForAll:    {SuperAdmin, Admin, Developer},
	AuthorizeForSelf:   {SuperAdmin, Admin, Developer, PlainUser},
	UseConnections:     {SuperAdmin, Admin, Developer, PlainUser},
	UseDrafts:          {SuperAdmin, Admin, Developer},
	RenewForAll:        {SuperAdmin, Admin, Developer},
	SeeHistory:         {SuperAdmin, Admin, Developer},
	ManageKeys:         {SuperAdmin, Admin},
	MoveAuthorizations: {SuperAdmin},
	SeeAudit:           {SuperAdmin, Admin, Developer},
	AllowActions:       {SuperAdmin},
}

// Rights gives the table of who may do what, for tests and documentation.
func Rights() map[Right][]Role { return rights }

// May reports whether the role has the right.
func (r Role) May(right Right) bool { return slices.Contains(rights[right], r) }

// Require is nil when the subject has the right, else a NotAllowed error that
// names it.
func (s Subject) Require(right Right) error {
	if s.User.Role.May(right) {
		return nil
	}
	return Errorf(NotAllowed, "%s has the role %s, which may not %s", s.User.Login, s.User.Role, right).
		WithHint("ask one who may, or act as them with --as LOGIN")
}
