package api

import (
	"errors"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/dialtone/dialtone/uc"
)

// Violation is one thing wrong with a request.
type Violation struct {
	Location string `json:"location" doc:"Where: body.user.userId, query.limit" example:"body.user.userId"`
	Message  string `json:"message" doc:"What is wrong and what to do"`
	Value    string `json:"value,omitempty" doc:"The value that was sent, cut after 100 characters"`
}

// maxValue is how much of a wrong value is sent back, in characters.
const maxValue = 100

// violationOf rewrites one finding of the request's validation: the field, the value and
// what to write instead. The library's sentences name only what the schema says.
func violationOf(err error) Violation {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return Violation{Location: "body", Message: err.Error()}
	}
	detail := d.ErrorDetail()
	v := Violation{Location: detail.Location}
	// The whole body is never sent back: it may be long, and the client has it.
	if detail.Value != nil && detail.Location != "body" && !isComposite(detail.Value) {
		if r := []rune(fmt.Sprint(detail.Value)); len(r) > maxValue {
			v.Value = string(r[:maxValue])
		} else {
			v.Value = string(r)
		}
	}
	if name, ok := between(detail.Message, validation.MsgExpectedRequiredProperty); ok {
		v.Location += "." + name
	}
	fix, missing := fixOf(detail.Message, v.Value)
	field := fieldOf(v.Location)
	switch {
	case missing:
		v.Message = uc.Problem{Field: field, Fix: fix}.String()
	case v.Value == "":
		v.Message = field + ": " + fix
	default:
		v.Message = uc.Problem{Field: field, Value: v.Value, Fix: fix}.String()
	}
	return v
}

// fieldOf is the field of a location: body.user.userId is user.userId.
func fieldOf(location string) string {
	if _, field, ok := strings.Cut(location, "."); ok {
		return field
	}
	return "the " + location
}

func isComposite(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// fixOf says what to write instead of what the library found fault with, and whether
// there is nothing yet. What it does not know stays in the library's words.
func fixOf(message, value string) (fix string, missing bool) {
	if pattern, ok := between(message, validation.MsgExpectedMatchPattern); ok {
		return patternFix(pattern), strings.TrimSpace(value) == ""
	}
	for _, k := range fixes {
		if what, ok := between(message, k.message); ok {
			return strings.ReplaceAll(k.fix, "%", what), k.missing || what == "1" && value == "" && k.message == validation.MsgExpectedMinLength
		}
	}
	return message, false
}

// between is what stands in the place of the verb of a message; found is false when it
// is another message.
func between(message, format string) (what string, found bool) {
	before, after, _ := strings.Cut(strings.NewReplacer("%d", "%", "%s", "%", "%v", "%").Replace(format), "%")
	what, found = strings.CutPrefix(message, before)
	if !found || !strings.Contains(format, "%") {
		return "", found && what == ""
	}
	return strings.CutSuffix(what, after)
}

// fixes says for each message of the library what to write; % is what the schema allows.
var fixes = []struct {
	message, fix string
	missing      bool
}{
	{message: validation.MsgUnexpectedProperty, fix: "the field is not known: take it out, or write its name as /v1/openapi.yaml does"},
	{message: validation.MsgExpectedRequiredProperty, fix: "write it, for it is required", missing: true},
	{message: "required %s parameter is missing", fix: "write it, for it is required", missing: true},
	{message: validation.MsgExpectedOneOf, fix: "write one of %"},
	{message: validation.MsgExpectedMinimumNumber, fix: "write % or more"},
	{message: validation.MsgExpectedMaximumNumber, fix: "write % or less"},
	{message: validation.MsgExpectedMinLength, fix: "write at least this many characters: %"},
	{message: validation.MsgExpectedMaxLength, fix: "it is too long: write % characters at most"},
	{message: validation.MsgExpectedMinItems, fix: "write at least this many: %"},
	{message: validation.MsgExpectedMaxItems, fix: "they are too many: write % at most"},
	{message: validation.MsgExpectedRFC3339DateTime, fix: "write a moment such as 2027-03-31T08:00:00Z"},
	{message: "invalid date/time for format %s", fix: "write a moment such as 2027-03-31T08:00:00Z"},
	{message: validation.MsgExpectedMatchExactlyOneSchema, fix: "write a text, or a list of texts"},
	{message: validation.MsgExpectedBoolean, fix: "write true or false"},
	{message: "invalid boolean", fix: "write true or false"},
	{message: validation.MsgExpectedInteger, fix: "write a whole number"},
	{message: "invalid integer", fix: "write a whole number"},
	{message: validation.MsgExpectedNumber, fix: "write a number"},
	{message: "invalid float", fix: "write a number"},
	{message: validation.MsgExpectedString, fix: `write a text in quotes: "…"`},
	{message: validation.MsgExpectedArray, fix: "write a list: […]"},
	{message: "unknown content type: %s", fix: "send application/json instead of %"},
	{message: validation.MsgExpectedObject, fix: "write an object: {…}"},
}

// The patterns of the schemas.
const (
	somethingPattern = `\S`
	wordPattern      = `^\S+$`
	namePattern      = `^[A-Za-z0-9][A-Za-z0-9._-]*$`
	digitsPattern    = `^\+?[0-9]{1,23}$`
	durationPattern  = `^[0-9].*$`
	keyPattern       = `^[!-~]*$`
)

// patternFix says what a text that the pattern refuses should look like.
func patternFix(pattern string) string {
	switch pattern {
	case somethingPattern:
		return "write something, not only blanks"
	case wordPattern:
		return "write it without blanks"
	case namePattern:
		return "write letters, digits and . _ - only, a letter or a digit first"
	case digitsPattern:
		return "write 1 to 23 digits, with a plus before them or without"
	case durationPattern:
		return "write a span of time such as 72h, 1h30m or 30d"
	case keyPattern:
		return "write printable ASCII characters without blanks"
	}
	return "write it so that it matches " + pattern
}

// requestText rewrites what the library says about a request as a whole.
func requestText(message string) string {
	if message == "request body is required" {
		return "the body is missing: send one, as /v1/openapi.yaml describes it"
	}
	if limit, ok := between(message, "request body is too large limit=%d bytes"); ok {
		return "the body is too large: send less than " + limit + " bytes"
	}
	return message
}
