package conformance

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// enums name the enumeration behind each element whose values we choose.
// Cisco's types are unions with string, so that the schema alone accepts any
// text. userLocale is left out: real locales are installed later.
//
// Source: AXL 15.0 AXLSoap.xsd, the elements' types.
var enums = map[string]string{
	"builtInBridgeStatus":   "XStatus",
	"callInfoPrivacyStatus": "XStatus",
	"certificateOperation":  "XCertificateOperation",
	"class":                 "XClass",
	"deviceMobilityMode":    "XStatus",
	"feature":               "XBLFSDOption",
	"model":                 "XModel",
	"packetCaptureMode":     "XPacketCaptureMode",
	"partitionUsage":        "XPartitionUsage",
	"product":               "XProduct",
	"protocol":              "XDeviceProtocol",
	"protocolSide":          "XProtocolSide",
	"recordingFlag":         "XRecordingFlag",
	"recordingMediaSource":  "XPreferredMediaSource",
	"usage":                 "XPatternUsage",
	"useTrustedRelayPoint":  "XStatus",
}

func checkEnums(file string, envelopes [][]byte) error {
	listed, err := readEnums(file)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range envelopes {
		err := values(e, func(element, value string) {
			enum, ok := enums[element]
			if ok && value != "" && !slices.Contains(listed[enum], value) {
				errs = append(errs, fmt.Errorf("%s: element %s: %s has no value %q", operation(e), element, enum, value))
			}
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// values calls f for each element without children.
func values(envelope []byte, f func(element, value string)) error {
	d := xml.NewDecoder(bytes.NewReader(envelope))
	text := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			text = ""
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			f(t.Name.Local, text)
			text = ""
		}
	}
}

// readEnums returns the values of each enumeration.
func readEnums(file string) (map[string][]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	type simpleType struct {
		Name   string `xml:"name,attr"`
		Direct []struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>enumeration"`
		United []struct {
			Value string `xml:"value,attr"`
		} `xml:"union>simpleType>restriction>enumeration"`
	}
	var schema struct {
		Types []simpleType `xml:"simpleType"`
	}
	if err := xml.Unmarshal(content, &schema); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	out := make(map[string][]string, len(schema.Types))
	for _, t := range schema.Types {
		for _, v := range slices.Concat(t.Direct, t.United) {
			out[t.Name] = append(out[t.Name], v.Value)
		}
	}
	return out, nil
}
