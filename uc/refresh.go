package uc

// PersonRefresh is what became of the copy of a person and of the person's objects.
type PersonRefresh struct {
	CallProcessor string `json:"callProcessor"`
	UserID        string `json:"userId"` // as the call processor writes it
	UUID          string `json:"uuid"`
	There         bool   `json:"there"` // on the call processor; otherwise the person left the copy
	Added         int    `json:"added"`
	Changed       int    `json:"changed"`
	Same          int    `json:"same"`
	Gone          int    `json:"gone"`
}
