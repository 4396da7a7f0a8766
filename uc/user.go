package uc

import "strings"

// User is a person with, or about to have, services.
type User struct {
	ID          string `json:"userId"`                // the user id on every system; compared without case
	EmployeeID  string `json:"employeeId,omitempty"`  // HR's key, stable through renames; "" when HR sent none
	DirectoryID string `json:"directoryId,omitempty"` // objectGUID or entryUUID; "" = found by user id
	FirstName   string `json:"firstName,omitempty"`
	LastName    string `json:"lastName"`
	Mail        string `json:"mail,omitempty"` // where the PIN instructions go; "" = no mail is sent
	Department  string `json:"department,omitempty"`
	Title       string `json:"title,omitempty"`
}

// Key is the user id as it is compared: lower case.
func (u User) Key() string { return strings.ToLower(u.ID) }

// Name is the display name, "First Last".
func (u User) Name() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }
