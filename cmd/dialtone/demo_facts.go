package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/clients/directory"
	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/uc"
)

// facts reads, from the systems themselves, what they hold for a person.
type facts struct {
	catalog    uc.Catalog
	processors map[string]*axl.Client
	directory  *directory.Client
	world      *world
}

// fact is what the systems hold for one person, and what is wrong with it.
type fact struct {
	number, profile, line, directory, mail, hr string
	wrong                                      []string
}

// openFacts makes clients of its own for every system of the settings.
func openFacts(c config.Config, catalog uc.Catalog, w *world) (*facts, error) {
	f := &facts{catalog: catalog, world: w, processors: map[string]*axl.Client{}}
	for _, p := range c.CallProcessors {
		client, err := newCallProcessor(p)
		if err != nil {
			return nil, err
		}
		f.processors[p.Name] = client
	}
	var err error
	f.directory, err = newDirectory(c.Directories[0])
	return f, err
}

func (f *facts) close() {
	for _, p := range f.processors {
		p.Close()
	}
}

// place is the service area with what it refers to; zero when it is unknown.
func (f *facts) place(area string) uc.Placement {
	var out uc.Placement
	for _, a := range f.catalog.ServiceAreas {
		if a.Name == area {
			out.Area = a
		}
	}
	for _, p := range f.catalog.Pools {
		if p.Name == out.Area.Pool {
			out.Pool = p
		}
	}
	for _, t := range f.catalog.Templates {
		if t.Name == out.Area.Template {
			out.Template = t
		}
	}
	return out
}

// of reads what the systems hold for the person of an order. An order that is done
// must be found everywhere; of any other nothing may be left anywhere.
func (f *facts) of(ctx context.Context, o uc.Order, mails mailCount) (fact, error) {
	var out fact
	place := f.place(o.ServiceArea)
	digits := o.Number
	given := o.State == uc.Done && o.Outcome == uc.NumberGiven
	if !given {
		digits = ""
	}
	joiner := *o.Joiner
	user, err := f.processors[place.Area.CallProcessor].GetUser(ctx, o.UserID)
	if err == nil {
		joiner.User.ID = user.UserID // names follow the spelling of the call processor
	} else if !errors.Is(err, uc.NotFound) {
		return out, err
	}
	wanted, err := uc.PlanServices(joiner, place.Area, place.Template, place.Pool, digits)
	if err != nil {
		return out, err
	}
	out.number = digits
	for _, read := range []func(context.Context, uc.Order, uc.Services, *fact) error{
		f.readProfile, f.readPhones, f.readLine, f.readDirectory,
	} {
		if err := read(ctx, o, wanted, &out); err != nil {
			return out, err
		}
	}
	f.readMail(wanted, mails, &out)
	f.readHR(wanted, &out)
	if given != (digits != "") {
		out.wrong = append(out.wrong, "the order is done without a number")
	}
	return out, nil
}

func (f *fact) must(ok bool, format string, args ...any) {
	if !ok {
		f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
	}
}

// readProfile wants the device profile to carry the number, or to be absent.
func (f *facts) readProfile(ctx context.Context, _ uc.Order, s uc.Services, out *fact) error {
	p, err := f.processors[s.CallProcessor].GetDeviceProfile(ctx, s.DeviceProfile.Name)
	if errors.Is(err, uc.NotFound) {
		out.must(s.Number.Digits == "", "device profile %s is missing", s.DeviceProfile.Name)
		return nil
	}
	if err != nil {
		return err
	}
	out.profile = p.Name
	out.must(s.Number.Digits != "", "device profile %s was left behind", p.Name)
	lines := 0
	if p.Lines != nil {
		for _, l := range *p.Lines {
			lines++
			out.must(l.Pattern == s.Number.Digits && l.Partition == s.Number.Partition, "device profile %s has line %s", p.Name, l.Pattern)
		}
	}
	out.must(lines == 1 || s.Number.Digits == "", "device profile %s has %d lines", p.Name, lines)
	return nil
}

// readPhones wants every soft phone to be there, or to be absent.
func (f *facts) readPhones(ctx context.Context, _ uc.Order, s uc.Services, out *fact) error {
	for _, p := range s.Phones {
		_, err := f.processors[s.CallProcessor].GetPhone(ctx, p.Name)
		if err != nil && !errors.Is(err, uc.NotFound) {
			return err
		}
		out.must((err == nil) == (s.Number.Digits != "") || p.Desk, "phone %s: there is %t", p.Name, err == nil)
	}
	return nil
}

// readLine wants the line in its partition, on the profile and the phones, as the
// user's primary extension; of an order that gave no number, neither line nor user.
func (f *facts) readLine(ctx context.Context, o uc.Order, s uc.Services, out *fact) error {
	client := f.processors[s.CallProcessor]
	if s.Number.Digits == "" {
		return f.readNothing(ctx, client, o, s, out)
	}
	l, err := client.GetLine(ctx, s.Number.Digits, s.Number.Partition)
	if errors.Is(err, uc.NotFound) {
		out.must(false, "line %s is missing", s.Number)
		return nil
	}
	if err != nil {
		return err
	}
	out.line = l.Partition
	if l.ASCIIAlertingName != nil {
		out.line += ", " + *l.ASCIIAlertingName
	}
	out.must(slices.Contains(l.AssociatedDevices, s.DeviceProfile.Name), "line %s is not on %s", s.Number, s.DeviceProfile.Name)
	for _, p := range s.Phones {
		out.must(slices.Contains(l.AssociatedDevices, p.Name), "line %s is not on %s", s.Number, p.Name)
	}
	u, err := client.GetUser(ctx, s.User.User.ID)
	if errors.Is(err, uc.NotFound) {
		out.must(false, "user %s is missing", s.User.User.ID)
		return nil
	}
	if err != nil {
		return err
	}
	out.must(u.PrimaryExtension != nil && u.PrimaryExtension.Pattern == s.Number.Digits, "the primary extension is not %s", s.Number.Digits)
	return nil
}

// readNothing wants no user, and no line that nobody has.
func (f *facts) readNothing(ctx context.Context, client *axl.Client, o uc.Order, s uc.Services, out *fact) error {
	_, err := client.GetUser(ctx, s.User.User.ID)
	if err != nil && !errors.Is(err, uc.NotFound) {
		return err
	}
	out.must(err != nil, "user %s was left behind", s.User.User.ID)
	if o.Number == "" {
		return nil
	}
	l, err := client.GetLine(ctx, o.Number, s.Number.Partition)
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	out.must(err != nil || len(l.AssociatedDevices) > 0, "line %s was left behind", o.Number)
	return err
}

// readDirectory wants the attributes that the domain writes, or none.
func (f *facts) readDirectory(ctx context.Context, _ uc.Order, s uc.Services, out *fact) error {
	p, err := f.directory.Find(ctx, directory.Key{UserID: s.User.User.ID}, "telephoneNumber", "ipPhone")
	if err != nil {
		return err
	}
	out.directory = strings.Join(p.Attributes["telephoneNumber"], " ")
	extension := strings.Join(p.Attributes["ipPhone"], " ")
	out.must(out.directory == s.E164, "the directory's telephoneNumber is %q, not %q", out.directory, s.E164)
	out.must(extension == s.Number.Digits, "the directory's ipPhone is %q, not %q", extension, s.Number.Digits)
	return nil
}

// mailCount is how many mails a person with a number should have got.
type mailCount int

const (
	oneMail  mailCount = iota
	anyMails           // one for each number that the person ever got
)

// readMail wants one mail, or none.
func (f *facts) readMail(s uc.Services, wants mailCount, out *fact) {
	mails := len(f.world.mail.Find(s.User.User.Mail))
	wanted := 0
	if s.Number.Digits != "" {
		wanted = 1
	}
	if mails > 0 {
		out.mail = strconv.Itoa(mails)
	}
	out.must(mails == wanted || wants == anyMails, "%d mails, not %d", mails, wanted)
}

// readHR wants HR to know the number, or nothing.
func (f *facts) readHR(s uc.Services, out *fact) {
	out.hr = f.world.hr.Records()[s.User.User.Key()].Number
	out.must(out.hr == s.Number.Digits, "HR says %q, not %q", out.hr, s.Number.Digits)
}
