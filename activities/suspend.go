package activities

import (
	"context"
	"errors"

	"github.com/dialtone/dialtone/clients/axl"
	"github.com/dialtone/dialtone/uc"
)

// What is done when a person leaves and taken back when the person is recalled. Every
// effect marks what was there before.

// LoginIn is the input of LogOut and LogIn.
type LoginIn struct {
	On
	Phone  string `json:"phone"`
	UserID string `json:"userId"`
}

// objectLogin marks a phone that the order logs its user out of.
const objectLogin = "login"

// LogOut ends the user's extension mobility on the phone. Somebody else's stays.
// Nobody logged in is success.
func (a *CallProcessor) LogOut(ctx context.Context, in LoginIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	login, found, err := loginOn(ctx, c, in)
	if err != nil || !found {
		return err
	}
	if _, err := a.mark(in.On, objectLogin, in.Phone).found(ctx, login, false); err != nil {
		return err
	}
	if err = c.DeviceLogout(ctx, in.Phone); err == nil || uc.KindOf(err).Disposition() == uc.Retry {
		return err
	}
	// It may have been refused because nobody is logged in any more.
	if _, found, again := loginOn(ctx, c, in); again == nil && !found {
		return nil
	}
	return gone(err)
}

// loginOn is the user's login on the phone.
func loginOn(ctx context.Context, c *axl.Client, in LoginIn) (axl.Login, bool, error) {
	user, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return axl.Login{}, false, gone(err)
	}
	logins, err := c.LoggedIn(ctx, user.UUID)
	for _, l := range logins {
		if same(l.Phone, in.Phone) {
			return l, true, err
		}
	}
	return axl.Login{}, false, err
}

// LogIn takes back LogOut, unless somebody else has logged in since, or the phone or
// the profile is gone.
func (a *CallProcessor) LogIn(ctx context.Context, in LoginIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Login
	fate, err := a.mark(in.On, objectLogin, in.Phone).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	phone, err := c.GetPhone(ctx, in.Phone)
	if err != nil {
		return gone(err)
	}
	others, err := c.LoginsAt(ctx, phone.UUID)
	if err != nil || len(others) > 0 {
		return err
	}
	return gone(c.DeviceLogin(ctx, before.Phone, before.Profile, in.UserID))
}

// ForwardIn is the input of ForwardLine and UnforwardLine.
type ForwardIn struct {
	On
	Number  uc.DirectoryNumber `json:"number"`
	To      uc.Forward         `json:"to"`
	CSS     string             `json:"css,omitempty"` // the forwarded calls go out with it; "" = as it was
	Devices []string           `json:"devices"`       // the person's: the only ones that may carry the line
}

// ForwardLine sends all calls of the person's line there. A line that another device
// carries by now is left, and so is one that is gone.
func (a *CallProcessor) ForwardLine(ctx context.Context, in ForwardIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetLine(ctx, in.Number.Digits, in.Number.Partition)
	if err != nil {
		return gone(err)
	}
	if len(foreignDevices(have, in.Devices)) > 0 {
		return nil
	}
	want := forwardAll(in, have)
	if want == val(have.ForwardAll) {
		return nil
	}
	if _, err := a.mark(in.On, objectLine, in.Number.Partition+"/"+in.Number.Digits).found(ctx, have, false); err != nil {
		return err
	}
	return c.UpdateLine(ctx, axl.Line{Pattern: have.Pattern, Partition: have.Partition, ForwardAll: &want})
}

func forwardAll(in ForwardIn, line axl.Line) axl.Forward {
	to := axl.Forward{ToVoiceMail: in.To.Voicemail, Destination: in.To.Destination, CSS: in.CSS}
	if was := val(line.ForwardAll); to.CSS == "" {
		to.CSS, to.SecondaryCSS = was.CSS, was.SecondaryCSS
	}
	return to
}

// UnforwardLine takes back ForwardLine, unless somebody has changed the forward since.
func (a *CallProcessor) UnforwardLine(ctx context.Context, in ForwardIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.Line
	fate, err := a.mark(in.On, objectLine, in.Number.Partition+"/"+in.Number.Digits).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetLine(ctx, in.Number.Digits, in.Number.Partition)
	if err != nil {
		return gone(err)
	}
	if val(now.ForwardAll) != forwardAll(in, before) {
		return nil
	}
	return c.UpdateLine(ctx, axl.Line{Pattern: now.Pattern, Partition: now.Partition, ForwardAll: before.ForwardAll})
}

// SignInIn is the input of EndSignIn and RestoreSignIn.
type SignInIn struct {
	On
	UserID string `json:"userId"`
}

// EndSignIn switches off what lets the user sign in: home cluster, presence, CTI,
// mobility.
func (a *CallProcessor) EndSignIn(ctx context.Context, in SignInIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	have, err := c.GetUser(ctx, in.UserID)
	if err != nil {
		return gone(err)
	}
	off := func(have *bool) *bool {
		if !val(have) {
			return nil
		}
		return axl.Set(false)
	}
	change := axl.User{
		UserID: have.UserID, HomeCluster: off(have.HomeCluster), IMPresence: off(have.IMPresence), EnableCTI: off(have.EnableCTI),
		EnableMobility: off(have.EnableMobility), EnableMobileVoiceAccess: off(have.EnableMobileVoiceAccess),
	}
	if !signsIn(change) {
		return nil
	}
	if _, err := a.mark(in.On, objectUser, uc.User{ID: in.UserID}.Key()).found(ctx, have, false); err != nil {
		return err
	}
	return c.UpdateUser(ctx, change)
}

// signsIn reports whether the update holds any of the flags of signing in.
func signsIn(u axl.User) bool {
	return u.HomeCluster != nil || u.IMPresence != nil || u.EnableCTI != nil || u.EnableMobility != nil ||
		u.EnableMobileVoiceAccess != nil
}

// RestoreSignIn takes back EndSignIn.
func (a *CallProcessor) RestoreSignIn(ctx context.Context, in SignInIn) error {
	c, err := a.client(in.CallProcessor)
	if err != nil {
		return err
	}
	var before axl.User
	fate, err := a.mark(in.On, objectUser, uc.User{ID: in.UserID}.Key()).fate(ctx, &before)
	if err != nil || fate != restore {
		return err
	}
	now, err := c.GetUser(ctx, in.UserID)
	if errors.Is(err, uc.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	on := func(before, now *bool) *bool {
		if !val(before) || val(now) {
			return nil
		}
		return axl.Set(true)
	}
	change := axl.User{
		UserID: now.UserID, HomeCluster: on(before.HomeCluster, now.HomeCluster), IMPresence: on(before.IMPresence, now.IMPresence),
		EnableCTI: on(before.EnableCTI, now.EnableCTI), EnableMobility: on(before.EnableMobility, now.EnableMobility),
		EnableMobileVoiceAccess: on(before.EnableMobileVoiceAccess, now.EnableMobileVoiceAccess),
	}
	if !signsIn(change) {
		return nil
	}
	return c.UpdateUser(ctx, change)
}
