package axl

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/dialtone/dialtone/clients/axl/gen"
)

// wirePhone writes a new phone, and what AXL requires and nobody decides: the
// defaults of its administration page.
func wirePhone(p Phone) *gen.Phone {
	buttons := p.wire()
	w := &gen.Phone{
		Name: p.Name, Description: p.Description,
		Product: Set(p.Product), Class: Set(classPhone), Protocol: Set(p.Protocol), ProtocolSide: Set(sideUser),
		CallingSearchSpaceName: fk(p.CSS), DevicePoolName: fk(p.DevicePool), CommonPhoneConfigName: fk(p.CommonPhoneConfig),
		LocationName: fk(p.Location), VendorConfig: wireVendorConfig(p.VendorConfig), UseTrustedRelayPoint: Set(statusDefault),
		SecurityProfileName: fk(p.SecurityProfile), SipProfileName: fk(p.SIPProfile), Lines: wireLines(*value(p.Lines)),
		PhoneTemplateName: fk(p.ButtonTemplate), Speeddials: buttons.speed, BusyLampFields: buttons.lamps,
		PrimaryPhoneName: fk(Set("")), BlfDirectedCallParks: buttons.parks, AddOnModules: buttons.mods,
		UserLocale: p.UserLocale, Services: wireServices(p.Services),
		SoftkeyTemplateName: fk(p.SoftkeyTemplate), DefaultProfileName: fk(p.DefaultProfile),
		EnableExtensionMobility: p.EnableEM, BuiltInBridgeStatus: Set(statusDefault), OwnerUserName: fk(p.OwnerUser),
		PacketCaptureMode: Set(captureNone), SubscribeCallingSearchSpaceName: fk(p.SubscribeCSS),
		RerouteCallingSearchSpaceName: fk(p.RerouteCSS), PresenceGroupName: fk(p.PresenceGroup),
		CertificateOperation: Set(noOperation), DeviceMobilityMode: Set(statusDefault), MobilityUserIdName: fk(p.MobilityUser),
	}
	writeKept(w, p.Kept)
	return w
}

func wirePhoneUpdate(p Phone) *gen.UpdatePhone {
	buttons := p.wire()
	w := &gen.UpdatePhone{
		Name: p.Name, NewName: p.NewName, Description: p.Description, CallingSearchSpaceName: fk(p.CSS), DevicePoolName: fk(p.DevicePool),
		CommonPhoneConfigName: fk(p.CommonPhoneConfig), LocationName: fk(p.Location), VendorConfig: wireVendorConfig(p.VendorConfig),
		SecurityProfileName: fk(p.SecurityProfile), SipProfileName: fk(p.SIPProfile),
		RemoveLines: wireLineKeys(p.RemoveLines), AddLines: wireLines(p.AddLines), Lines: wireLines(*value(p.Lines)),
		PhoneTemplateName: fk(p.ButtonTemplate), Speeddials: buttons.speed, BusyLampFields: buttons.lamps,
		BlfDirectedCallParks: buttons.parks, AddOnModules: buttons.mods, UserLocale: p.UserLocale,
		Services: wireServices(p.Services), SoftkeyTemplateName: fk(p.SoftkeyTemplate),
		DefaultProfileName: fk(p.DefaultProfile), EnableExtensionMobility: p.EnableEM, OwnerUserName: fk(p.OwnerUser),
		SubscribeCallingSearchSpaceName: fk(p.SubscribeCSS), RerouteCallingSearchSpaceName: fk(p.RerouteCSS),
		PresenceGroupName: fk(p.PresenceGroup), MobilityUserIdName: fk(p.MobilityUser),
	}
	writeKept(w, p.Kept)
	return w
}

func readPhone(w *gen.Phone) Phone {
	return Phone{
		UUID: readUUID(w.Uuid), Name: w.Name, Description: value(w.Description),
		Product: *value(w.Product), Protocol: *value(w.Protocol),
		DevicePool: refName(w.DevicePoolName), Location: refName(w.LocationName), CSS: refName(w.CallingSearchSpaceName),
		CommonPhoneConfig: refName(w.CommonPhoneConfigName), SecurityProfile: refName(w.SecurityProfileName),
		SIPProfile: refName(w.SipProfileName), ButtonTemplate: refName(w.PhoneTemplateName),
		SoftkeyTemplate: refName(w.SoftkeyTemplateName), OwnerUser: refName(w.OwnerUserName),
		PresenceGroup: refName(w.PresenceGroupName), SubscribeCSS: refName(w.SubscribeCallingSearchSpaceName),
		RerouteCSS: refName(w.RerouteCallingSearchSpaceName), DefaultProfile: refName(w.DefaultProfileName),
		MobilityUser: refName(w.MobilityUserIdName), EnableEM: value(w.EnableExtensionMobility),
		Lines: readLines(w.Lines), Services: readServices(w.Services), VendorConfig: readVendorConfig(w.VendorConfig),
		Buttons:    wireButtons{w.Speeddials, w.BusyLampFields, w.BlfDirectedCallParks, w.AddOnModules}.read(),
		UserLocale: value(w.UserLocale), Kept: readKept(w),
	}
}

func wireVendorConfig(inner *string) *gen.AnyType {
	if inner == nil {
		return nil
	}
	return &gen.AnyType{InnerXML: *inner}
}

func readVendorConfig(w *gen.AnyType) *string {
	if w == nil {
		return Set("")
	}
	return Set(strings.TrimSpace(w.InnerXML))
}

// checkFragment accepts elements in no namespace. They are sent as they are,
// so anything else could change the request around them.
func checkFragment(inner string) error {
	d := xml.NewDecoder(strings.NewReader("<vendorConfig>" + inner + "</vendorConfig>"))
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Space != "" {
				return errors.New("the element " + t.Name.Local + " must be in no namespace")
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth < 2 && strings.TrimSpace(string(t)) != "" {
				return errors.New("text outside of elements")
			}
		case xml.ProcInst, xml.Directive:
			return errors.New("only elements are allowed")
		}
	}
}
