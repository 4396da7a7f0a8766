package world

import (
	"context"
	"fmt"

	"github.com/dialtone/dialtone/sim/cucm/store"
)

var (
	givenNames = []string{
		"Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Inês", "João", "Karin", "Lukas", "Marta", "Nuno",
		"Olga", "Paul",
	}
	familyNames = []string{
		"Almeida", "Becker", "Costa", "Dietrich", "Esteves", "Fischer", "Gomes", "Huber", "Krüger", "Lopes", "Meyer", "Neves",
		"Oliveira", "Schäfer", "Teixeira", "Wagner",
	}
	departments = []string{"Sales", "Support", "Finance", "Engineering", "Legal", "People"}
	sites       = []string{"Berlin", "Lisbon"}
)

// UserID is the user id of the i-th made user, from 0.
func UserID(i int) string { return fmt.Sprintf("user%06d", i) }

// PhoneName is the name of the i-th made phone, from 0.
func PhoneName(i int) string { return fmt.Sprintf("SEP00AA%08X", i) }

// Pattern is the directory number of the i-th made line, from 0: even ones in
// PT_Berlin, odd ones in PT_Lisbon.
func Pattern(i int) string { return fmt.Sprintf("7%06d", i) }

// people makes users, phones and lines: phone i belongs to user i modulo their
// number and carries line i; lines beyond the phones are second lines, then
// unassigned.
func (f *filler) people(ctx context.Context, o Options) error {
	if o.Users+o.Phones+o.Lines == 0 {
		return nil
	}
	users, phones, lines := make([]string, o.Users), make([]string, o.Phones), make([]string, o.Lines)
	for i := range users {
		if err := f.user(ctx, i, &users[i]); err != nil {
			return err
		}
	}
	for i := range lines {
		lines[i] = f.id()
		if _, err := f.conn.Exec(ctx, `INSERT INTO numplan
			(pkid, dnorpattern, fkroutepartition, tkpatternusage, sim_object) VALUES (?, ?, ?, 2, 'line')`,
			lines[i], Pattern(i), f.ids["routepartition"]["PT_"+sites[i%2]]); err != nil {
			return err
		}
	}
	for i := range phones {
		if err := f.phone(ctx, i, users, &phones[i]); err != nil {
			return err
		}
	}
	for i, line := range lines {
		if err := f.connect(ctx, i, line, phones, users); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) user(ctx context.Context, i int, id *string) error {
	given, family := givenNames[f.dice.IntN(len(givenNames))], familyNames[f.dice.IntN(len(familyNames))]
	*id = f.id()
	if _, err := f.conn.Exec(ctx, `INSERT INTO enduser
		(pkid, userid, firstname, lastname, mailid, department, fkmatrix_presence, allowcticontrolflag)
		VALUES (?, ?, ?, ?, ?, ?, ?, 't')`, *id, UserID(i), given, family, UserID(i)+"@example.com",
		departments[f.dice.IntN(len(departments))], f.ids["matrix"]["Standard Presence group"]); err != nil {
		return err
	}
	_, err := f.conn.Exec(ctx, "INSERT INTO enduserdirgroupmap (pkid, fkenduser, fkdirgroup) VALUES (?, ?, ?)",
		f.id(), *id, f.ids["dirgroup"]["Standard CCM End Users"])
	return err
}

func (f *filler) phone(ctx context.Context, i int, users []string, id *string) error {
	const product = "Cisco 8845"
	number := store.MustNumber("typeproduct", product)
	*id = f.id()
	var owner any
	if len(users) > 0 {
		owner = users[i%len(users)]
	}
	site := sites[i%2]
	if _, err := f.conn.Exec(ctx, `INSERT INTO device
		(pkid, name, description, sim_object, tkclass, tkproduct, tkmodel, tkdeviceprotocol, fkdevicepool, fklocation,
		fkcommonphoneconfig, fkphonetemplate, fksecurityprofile, fksipprofile, fkcallingsearchspace,
		fkmatrix_presence, fkenduser)
		VALUES (?, ?, ?, 'phone', 1, ?, ?, 11, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, *id, PhoneName(i), site+" phone", number, number,
		f.ids["devicepool"]["DP_"+site], f.ids["location"][site], f.ids["commonphoneconfig"]["Standard Common Phone Profile"],
		f.ids["phonetemplate"]["Standard 8845 SIP"], f.ids["securityprofile"][product+" - Standard SIP Non-Secure Profile"],
		f.ids["sipprofile"]["Standard SIP Profile"], f.ids["callingsearchspace"]["CSS_Devices"],
		f.ids["matrix"]["Standard Presence group"], owner); err != nil {
		return err
	}
	if owner == nil {
		return nil
	}
	_, err := f.conn.Exec(ctx, "INSERT INTO enduserdevicemap (pkid, fkenduser, fkdevice, tkuserassociation) VALUES (?, ?, ?, 1)", f.id(), owner, *id)
	return err
}

// connect puts line i on its phone and makes it its owner's primary extension.
func (f *filler) connect(ctx context.Context, i int, line string, phones, users []string) error {
	if i >= 2*len(phones) {
		return nil
	}
	phone, index := i%len(phones), i/len(phones)+1
	if _, err := f.conn.Exec(ctx, "INSERT INTO devicenumplanmap (pkid, fkdevice, fknumplan, numplanindex, e164mask) VALUES (?, ?, ?, ?, ?)",
		f.id(), phones[phone], line, index, "+4930555XXXX"); err != nil {
		return err
	}
	if index > 1 || phone >= len(users) {
		return nil
	}
	_, err := f.conn.Exec(ctx, "INSERT INTO endusernumplanmap (pkid, fkenduser, fknumplan, tkdnusage) VALUES (?, ?, ?, 1)", f.id(), users[phone], line)
	return err
}
