package servers

// Person is one of the people every directory here starts with.
type Person struct {
	FullName        string // common and display name, as in the distinguished name
	GivenName       string
	Surname         string
	UserID          string
	EmployeeID      string // "" for none
	Mail            string
	TelephoneNumber string // "" for none
	IPPhone         string // "" for none
}

// People are the hard cases a directory client meets: letters outside ASCII,
// apostrophe, comma, parentheses and star in a name, upper case in a user id, a
// number with and without spaces, and two people with one employee id.
func People() []Person {
	return []Person{
		{"Jürgen Groß", "Jürgen", "Groß", "jgross", "1001", "juergen.gross@example.test", "+49 30 1234-4711", "4711"},
		{"Seán O'Brien", "Seán", "O'Brien", "sobrien", "1002", "sean.obrien@example.test", "", ""},
		{"Novák, Zoë", "Zoë", "Novák", "znovak", "1003", "zoe.novak@example.test", "", ""},
		{"María Núñez (extern) *", "María", "Núñez", "mnunez", "1004", "maria.nunez@example.test", "+493012344712", "4712"},
		{"Anna Kowalski", "Anna", "Kowalski", "AKowalski", "1005", "anna.kowalski@example.test", "", ""},
		{"Łukasz Żak", "Łukasz", "Żak", "lzak", "1006", "lukasz.zak@example.test", "", "4713"},
		{"Twin One", "Twin", "One", "twin1", "2000", "twin1@example.test", "", ""},
		{"Twin Two", "Twin", "Two", "twin2", "2000", "twin2@example.test", "", ""},
		{"李 小龍", "小龍", "李", "xli", "1007", "xli@example.test", "", ""},
	}
}
