package uc

// Role is what the bearer of a token may do.
type Role string

// The roles.
const (
	RoleHR     Role = "hr"     // sends joiners and reads the orders it sent
	RoleAdmin  Role = "admin"  // everything
	RoleViewer Role = "viewer" // reads everything, changes nothing
)

// Valid reports whether the role is one of the three.
func (r Role) Valid() bool { return r == RoleHR || r == RoleAdmin || r == RoleViewer }
