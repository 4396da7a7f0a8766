package cucm

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/dialtone/dialtone/sim/cucm/cluster"
	"github.com/dialtone/dialtone/sim/cucm/soap"
)

// User is a local user put straight into the state.
type User struct {
	UserID, FirstName, LastName string
	Mail, Department            string
	TelephoneNumber             string
	Mobility                    bool
	Devices, Profiles, Groups   []string // associated devices, device profiles, access control groups
	PrimaryExtension, Partition string   // on one of Devices or Profiles
}

// Line is a directory number put straight into the state. Pattern is as stored:
// a leading plus escaped.
type Line struct {
	Pattern, Partition, Description, AlertingName string
	CallForwardAll                                string // destination, "" = none
}

// Phone is a phone or, with Profile set, a device profile.
type Phone struct {
	Name, Description          string
	Profile                    bool
	Product, Protocol          string // "" = Cisco 8845, SIP
	DevicePool, ButtonTemplate string // "" = DP_Berlin, Standard 8845 SIP
	Owner                      string // user id, "" = anonymous
	ExtensionMobility          bool
	Lines                      []Line // numbers that do not exist are made
}

func leaf(name, text string) *soap.Node               { return &soap.Node{Name: name, Text: text} }
func tree(name string, kids ...*soap.Node) *soap.Node { return &soap.Node{Name: name, Kids: kids} }

func leaves(name, child string, values []string) *soap.Node {
	n := tree(name)
	for _, v := range values {
		n.Kids = append(n.Kids, leaf(child, v))
	}
	return n
}

// do runs an operation in the process: no HTTP, no limits, no fault rules, no
// observers. Fails with the same faults as over SOAP.
func (s *Server) do(ctx context.Context, op string, kids ...*soap.Node) error {
	o := s.cluster.Lookup(op)
	if o == nil {
		return fmt.Errorf("no operation %s", op)
	}
	if _, err := s.cluster.Write(ctx, o, cluster.Call{
		In: tree(op, kids...), Rank: 1, Version: s.opts.Version,
		Loose: true,
	}, soap.NewWriter(io.Discard, s.opts.Version)); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// AddUser makes a local user with its associations.
func (s *Server) AddUser(ctx context.Context, u User) error {
	groups := tree("associatedGroups")
	for _, g := range u.Groups {
		groups.Kids = append(groups.Kids, tree("userGroup", leaf("name", g)))
	}
	if err := s.do(ctx, "addUser", tree("user",
		leaf("firstName", u.FirstName), leaf("lastName", u.LastName), leaf("userid", u.UserID), leaf("mailid",
			u.Mail),
		leaf("department", u.Department), leaves("associatedDevices", "device", u.Devices), groups,
		leaves("phoneProfiles", "profileName", u.Profiles), leaf("enableMobility",
			strconv.FormatBool(u.Mobility)),
		leaf("telephoneNumber", u.TelephoneNumber))); err != nil || u.PrimaryExtension == "" {
		return err
	}
	return s.do(ctx, "updateUser", leaf("userid", u.UserID),
		tree("primaryExtension", leaf("pattern", u.PrimaryExtension), leaf("routePartitionName", u.Partition)))
}

// AddLine makes a directory number on no device.
func (s *Server) AddLine(ctx context.Context, l Line) error {
	return s.do(ctx, "addLine", tree("line",
		leaf("pattern", l.Pattern), leaf("description", l.Description), leaf("usage",
			"Device"), leaf("routePartitionName", l.Partition),
		tree("callForwardAll", leaf("destination", l.CallForwardAll)), leaf("alertingName", l.AlertingName)))
}

// AddPhone makes a phone or device profile with its lines.
func (s *Server) AddPhone(ctx context.Context, p Phone) error {
	pick := func(v, standard string) string {
		if v == "" {
			return standard
		}
		return v
	}
	kids := []*soap.Node{
		leaf("name", p.Name), leaf("description", p.Description), leaf("product", pick(p.Product, "Cisco 8845")),
		leaf("protocol", pick(p.Protocol, "SIP")), leaf("phoneTemplateName",
			pick(p.ButtonTemplate, "Standard 8845 SIP")),
	}
	if len(p.Lines) > 0 {
		lines := tree("lines")
		for i, l := range p.Lines {
			lines.Kids = append(lines.Kids, tree("line", leaf("index", strconv.Itoa(i+1)),
				tree("dirn", leaf("pattern", l.Pattern),
					leaf("routePartitionName", l.Partition)), leaf("display", l.AlertingName)))
		}
		kids = append(kids, lines)
	}
	if p.Profile {
		return s.do(ctx, "addDeviceProfile", tree("deviceProfile", kids...))
	}
	return s.do(ctx, "addPhone", tree("phone", append(kids,
		leaf("devicePoolName", pick(p.DevicePool, "DP_Berlin")), leaf("ownerUserName", p.Owner),
		leaf("enableExtensionMobility", strconv.FormatBool(p.ExtensionMobility)))...))
}

// LineGroup is a line group in a hunt list of its own.
type LineGroup struct {
	Name     string
	HuntList string // "" = in none
	Lines    []Line // that exist
}

// AddLineGroup makes a line group of these lines, and its hunt list.
func (s *Server) AddLineGroup(ctx context.Context, g LineGroup) error {
	members := tree("members")
	for i, l := range g.Lines {
		members.Kids = append(members.Kids, tree("member", leaf("lineSelectionOrder", strconv.Itoa(i+1)),
			tree("directoryNumber", leaf("pattern", l.Pattern), leaf("routePartitionName", l.Partition))))
	}
	if err := s.do(ctx, "addLineGroup", tree("lineGroup", members, leaf("name", g.Name))); err != nil || g.HuntList == "" {
		return err
	}
	return s.do(ctx, "addHuntList", tree("huntList", leaf("callManagerGroupName", "Default"),
		tree("members", tree("member", leaf("lineGroupName", g.Name), leaf("selectionOrder", "1"))), leaf("name", g.HuntList)))
}

// AddHuntPilot makes a hunt pilot, so that the pattern is taken by something that
// is no line.
func (s *Server) AddHuntPilot(ctx context.Context, pattern, partition string) error {
	return s.do(ctx, "addHuntPilot", tree("huntPilot",
		leaf("pattern", pattern), leaf("routePartitionName", partition), leaf("huntListName", "HL_Reception")))
}
