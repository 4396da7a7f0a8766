package activities_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/dialtone/dialtone/clients/axl"
	simworld "github.com/dialtone/dialtone/sim/cucm/world"
)

// administrator changes the call processor by chance, the same for the same seed.
type administrator struct {
	t    *testing.T
	c    *copier
	dice *rand.Rand
	made int
	http *http.Client
	did  []string
}

func newAdministrator(t *testing.T, c *copier, seed uint64) *administrator {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(c.Endpoints.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &administrator{
		t: t, c: c, dice: rand.New(rand.NewPCG(seed, 1)),
		http: &http.Client{Transport: transport},
	}
}

// send sends what the client has no method for.
func (a *administrator) send(op, body string) error {
	envelope := fmt.Sprintf(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
xmlns:ns="http://www.cisco.com/AXL/API/15.0"><soapenv:Body><ns:%[1]s>%[2]s</ns:%[1]s></soapenv:Body></soapenv:Envelope>`, op, body)
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.c.Endpoints.AXL, bytes.NewBufferString(envelope))
	if err != nil {
		return err
	}
	req.SetBasicAuth("admin", "Test-Only-1")
	req.Header.Set("SOAPAction", `"CUCM:DB ver=15.0 `+op+`"`)
	req.Header.Set("Content-Type", "text/xml")
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err == nil {
		err = closed
	}
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", op, res.StatusCode, text)
	}
	return err
}

// change makes one change. What does not go for what was changed before is no change.
func (a *administrator) change() {
	ctx, c := a.t.Context(), a.c.admin
	user, phone := simworld.UserID(a.dice.IntN(people.Users)), simworld.PhoneName(a.dice.IntN(people.Phones))
	n := a.dice.IntN(people.Lines)
	line := axl.Line{Pattern: simworld.Pattern(n), Partition: []string{"PT_Berlin", "PT_Lisbon"}[n%2]}
	a.made++
	fresh := fmt.Sprint("n", a.made)
	var err error
	what := ""
	switch a.dice.IntN(14) {
	case 0:
		what = "add user " + fresh
		_, err = c.AddUser(ctx, axl.User{UserID: fresh, LastName: axl.Set("New")})
	case 1:
		what = "change user " + user
		err = c.UpdateUser(ctx, axl.User{UserID: user, Department: axl.Set(fresh)})
	case 2:
		what = "rename user " + user
		err = c.RenameUser(ctx, user, fresh)
	case 3:
		what = "remove user " + user
		err = c.RemoveUser(ctx, user)
	case 4:
		what = "add phone of " + user
		_, err = c.AddPhone(ctx, a.phone(user, line))
	case 5:
		what = "remove phone " + phone
		err = c.RemovePhone(ctx, phone)
	case 6:
		what = "rename phone " + phone
		err = c.UpdatePhone(ctx, axl.Phone{Name: phone, NewName: axl.Set(fmt.Sprintf("SEP00CC%08X", a.made))})
	case 7:
		what = "line on phone " + phone
		err = c.UpdatePhone(ctx, axl.Phone{Name: phone, Lines: &[]axl.LineAppearance{{Index: 1, Pattern: line.Pattern, Partition: line.Partition}}})
	case 8:
		what = "owner of phone " + phone
		err = c.UpdatePhone(ctx, axl.Phone{Name: phone, OwnerUser: axl.Set(user)})
	case 9:
		what = "devices of " + user
		err = c.UpdateUser(ctx, axl.User{UserID: user, AssociatedDevices: &[]string{phone}})
	case 10:
		what = "renumber " + line.Pattern
		err = c.UpdateLine(ctx, axl.Line{Pattern: line.Pattern, Partition: line.Partition, NewPattern: axl.Set(fmt.Sprint(9000 + a.made))})
	case 11:
		what = "remove line " + line.Pattern
		err = c.RemoveLine(ctx, line.Pattern, line.Partition)
	case 12:
		what = "rename device pool"
		err = a.send("updateDevicePool", fmt.Sprintf(`<name>DP_Berlin</name><newName>DP_%s</newName>`, fresh))
	case 13:
		what = "members of a calling search space"
		err = a.send("updateCss", fmt.Sprintf(`<name>CSS_Berlin_Local</name><members><member>
			<routePartitionName>PT_Mobile</routePartitionName><index>%d</index></member></members>`, a.made))
	}
	a.did = append(a.did, fmt.Sprint(what, " ", err == nil))
}

func (a *administrator) phone(user string, line axl.Line) axl.Phone {
	return axl.Phone{
		Name: fmt.Sprintf("SEP00BB%08X", a.made), Product: "Cisco 8845", Protocol: "SIP", DevicePool: axl.Set("DP_Lisbon"),
		ButtonTemplate: axl.Set("Standard 8845 SIP"), OwnerUser: axl.Set(user),
		SecurityProfile: axl.Set("Cisco 8845 - Standard SIP Non-Secure Profile"), SIPProfile: axl.Set("Standard SIP Profile"),
		Lines: &[]axl.LineAppearance{{Index: 1, Pattern: line.Pattern, Partition: line.Partition}},
	}
}
