package soap

import (
	"errors"
	"fmt"
	"strconv"
)

// The codes of axlError the simulator answers with. Source: recorded faults;
// negative ones are Informix's own.
const (
	CodeNotFound   = 5007 // target absent, or a referenced object absent
	CodeDenied     = 5003 // rank, and some texts of update operations
	CodeDuplicate  = -239 // unique index
	CodeNull       = -391 // required value missing
	CodeReference  = -691 // missing key in referenced table
	CodeReferenced = -692 // still being referenced
	CodeLimit      = -1   // read limits
	CodeSQL        = 201  // syntax error in SQL
)

// Fault is a refusal in AXL's words. It is answered with HTTP 500.
type Fault struct {
	Client  bool // faultcode soapenv:Client instead of soapenv:Server
	Code    int
	Message string
	Prefix  bool // detail is ns2:axlError, as listChange answers
}

// Error reads "5007 Item not valid: …".
func (f *Fault) Error() string { return fmt.Sprintf("%d %s", f.Code, f.Message) }

// Faultf makes a fault with faultcode Server.
func Faultf(code int, format string, args ...any) error {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound is fault 5007 for an absent thing.
func NotFound(what string) error {
	return Faultf(CodeNotFound, "Item not valid: The specified %s was not found", what)
}

// Invalid is a fault for a request that breaks the schema.
//
// assumed: code and text; CUCM's own text for a schema violation is not public.
func Invalid(format string, args ...any) error {
	return &Fault{Client: true, Code: CodeLimit, Message: fmt.Sprintf(format, args...)}
}

// AsFault finds the fault in an error; any other error becomes one with code -1.
func AsFault(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Code: CodeLimit, Message: err.Error()}
}

// Envelope is the answer's body; op is what axlError names as the request.
// Source: recorded faults: prefix soapenv, axlError in no namespace.
func (f *Fault) Envelope(op string) []byte {
	who := "soapenv:Server"
	if f.Client {
		who = "soapenv:Client"
	}
	open, closed := "<axlError>", "</axlError>"
	if f.Prefix {
		open, closed = `<ns2:axlError xmlns:ns2="http://www.cisco.com/AXL/API/1.0">`, "</ns2:axlError>"
	}
	msg := Escape(f.Message)
	return []byte(head + "<soapenv:Fault><faultcode>" + who + "</faultcode><faultstring>" + msg +
		"</faultstring><detail>" + open + "<axlcode>" + strconv.Itoa(f.Code) + "</axlcode><axlmessage>" + msg +
		"</axlmessage><request>" + Escape(op) + "</request>" + closed +
		"</detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>")
}
