package host

import "github.com/google/uuid"

// Ids are a prefix and a UUIDv7, made by us: they sort by age and never say
// anything about what they name.
type (
	UserID          string // usr_
	ConnectionID    string // con_
	CredentialID    string // cre_
	AuthorizationID string // aut_
	BindingID       string // bin_
	WindowID        string // win_
	StopID          string // stp_
	ApplicationID   string // app_
	NoticeID        string // ntc_
)

// A prefix per kind of thing.
const (
	userPrefix          = "usr_"
	connectionPrefix    = "con_"
	credentialPrefix    = "cre_"
	authorizationPrefix = "aut_"
	bindingPrefix       = "bin_"
	windowPrefix        = "win_"
	stopPrefix          = "stp_"
	applicationPrefix   = "app_"
	noticePrefix        = "ntc_"
	leasePrefix         = "lea_"
)

func newID(prefix string) string { return prefix + uuid.Must(uuid.NewV7()).String() }

// NewUserID, and its siblings below, make the id of a new thing.
func NewUserID() UserID { return UserID(newID(userPrefix)) }

// NewConnectionID makes the id of a new connection.
func NewConnectionID() ConnectionID { return ConnectionID(newID(connectionPrefix)) }

// NewCredentialID makes the id of a new client credential.
func NewCredentialID() CredentialID { return CredentialID(newID(credentialPrefix)) }

// NewAuthorizationID makes the id of a new authorization.
func NewAuthorizationID() AuthorizationID { return AuthorizationID(newID(authorizationPrefix)) }

// NewBindingID makes the id of a new binding.
func NewBindingID() BindingID { return BindingID(newID(bindingPrefix)) }

// NewWindowID makes the id of a new authorization window.
func NewWindowID() WindowID { return WindowID(newID(windowPrefix)) }

// NewStopID makes the id of a new stop.
func NewStopID() StopID { return StopID(newID(stopPrefix)) }

// NewApplicationID makes the id of a new application.
func NewApplicationID() ApplicationID { return ApplicationID(newID(applicationPrefix)) }

// NewLeaseOwner makes the name under which one refresh attempt holds a lease.
func NewLeaseOwner() string { return newID(leasePrefix) }

// NewCallKey makes an idempotency key: a UUID, which is the form that every
// service takes.
func NewCallKey() string { return uuid.NewString() }

// NewNoticeID makes the id of a new notice.
func NewNoticeID() NoticeID { return NoticeID(newID(noticePrefix)) }
