// Package conformance holds AXL requests against Cisco's own schema. It fetches
// the schema into the user's cache, never into the project, and must not be
// imported outside of tests.
package conformance

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Versions are the schemas that a request can be held against.
var Versions = []string{"11.5", "12.5", "14.0", "15.0"}

// SchemaDirVariable names the environment variable with a folder that holds
// <version>/AXLSoap.xsd and AXLEnums.xsd, for machines that cannot fetch them.
const SchemaDirVariable = "AXL_SCHEMA_DIR"

// Validate returns nil when every envelope, as recorded on the wire, is valid
// in this version of Cisco's schema and uses only values that its enumerations
// list. The error names every violation. When the check itself cannot run, the
// error is one sentence that says what is missing.
//
// Source: AXL AXLSoap.xsd and AXLEnums.xsd of the version.
func Validate(ctx context.Context, version string, envelopes ...[]byte) error {
	if !slices.Contains(Versions, version) {
		return fmt.Errorf("no AXL schema %q, only %v", version, Versions)
	}
	if len(envelopes) == 0 {
		return errors.New("no requests to check")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		return errors.New("xmllint is missing: run make setup")
	}
	schemas, err := schemaDir(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		checkSchema(ctx, xmllint, filepath.Join(schemas, version), version, envelopes),
		checkEnums(filepath.Join(schemas, version, "AXLEnums.xsd"), envelopes),
	)
}

const axlNamespace = "http://www.cisco.com/AXL/API/"

// wrapper is a schema for whole envelopes: the body must be a request of AXL.
const wrapper = `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"
	targetNamespace="http://schemas.xmlsoap.org/soap/envelope/" elementFormDefault="qualified">
	<xsd:import namespace="http://www.cisco.com/AXL/API/%[1]s" schemaLocation="%[2]s"/>
	<xsd:element name="Envelope">
		<xsd:complexType>
			<xsd:sequence>
				<xsd:element name="Body">
					<xsd:complexType>
						<xsd:sequence>
							<xsd:any namespace="http://www.cisco.com/AXL/API/%[1]s" processContents="strict"/>
						</xsd:sequence>
					</xsd:complexType>
				</xsd:element>
			</xsd:sequence>
		</xsd:complexType>
	</xsd:element>
</xsd:schema>
`

// checkSchema runs xmllint once over all envelopes: loading the schema is what
// takes the time.
func checkSchema(ctx context.Context, xmllint, schema, version string, envelopes [][]byte) (err error) {
	dir, err := os.MkdirTemp("", "axl-conformance-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	soap := escape("file://" + filepath.ToSlash(filepath.Join(schema, "AXLSoap.xsd")))
	wrapped := filepath.Join(dir, "envelope.xsd")
	if err := os.WriteFile(wrapped, fmt.Appendf(nil, wrapper, version, soap), 0o600); err != nil {
		return err
	}
	args := []string{"--nonet", "--noout", "--schema", wrapped}
	for i, e := range envelopes {
		e = inVersion(e, version)
		file := filepath.Join(dir, fmt.Sprintf("%03d-%s.xml", i+1, operation(e)))
		if err := os.WriteFile(file, e, 0o600); err != nil {
			return err
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(ctx, xmllint, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	var violations []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "error") && !strings.HasSuffix(strings.TrimSpace(line), "fails to validate") {
			violations = append(violations, strings.ReplaceAll(strings.TrimSpace(line), dir+string(filepath.Separator), ""))
		}
	}
	if len(violations) == 0 {
		return fmt.Errorf("xmllint: %w: %s", err, out)
	}
	return fmt.Errorf("AXL %s:\n%s", version, strings.Join(violations, "\n"))
}

// inVersion puts the question for the server's version, which is asked in the
// namespace of AXL 1.0 before a version is agreed on, into the schema's: 1.0
// has no schema, and the element is the same in all that have.
func inVersion(envelope []byte, version string) []byte {
	if operation(envelope) != "getCCMVersion" {
		return envelope
	}
	return bytes.ReplaceAll(envelope, []byte(axlNamespace+`1.0"`), []byte(axlNamespace+version+`"`))
}

func escape(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return s
	}
	return b.String()
}

// operation is the name of the element in the body, "request" when there is none.
func operation(envelope []byte) string {
	d := xml.NewDecoder(bytes.NewReader(envelope))
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return "request"
		}
		if start, ok := token.(xml.StartElement); ok {
			if depth++; depth == 3 {
				return start.Name.Local
			}
		}
	}
}
