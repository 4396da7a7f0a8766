package api

import "github.com/danielgtaylor/huma/v2"

// document is the head of the OpenAPI document. Its version is that of the
// interface, not of the program.
func document() huma.Config {
	c := huma.DefaultConfig("Dialtone", "1")
	c.Info.Description = "Provisioning of Cisco unified communications: " +
		"people get a number, a phone and everything around it."
	c.Formats = formats()
	c.DocsPath, c.OpenAPIPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {
		Type: "http", Scheme: "bearer", Description: "A token made by `dialtone token create`",
	}}
	c.Tags = []*huma.Tag{
		{Name: "joiners"},
		{Name: "leavers"},
		{Name: "movers"},
		{Name: "number-requests"},
		{Name: "phone-changes"},
		{Name: "pin-resets"},
		{Name: "orders"},
		{Name: "pools"},
		{Name: "numbers"},
		{Name: "people"},
		{Name: "catalog"},
		{Name: "syncs"},
		{Name: "estate"},
		{Name: "schedules"},
		{Name: "guard"},
		{Name: "tokens"},
		{Name: "service"},
	}
	aliases(c.Components.Schemas)
	return c
}
