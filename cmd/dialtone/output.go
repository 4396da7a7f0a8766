package main

import "fmt"

// The formats of the output.
const (
	formatTable = "table"
	formatJSON  = "json"
	formatYAML  = "yaml"
	formatCSV   = "csv"
)

var formats = []string{formatTable, formatJSON, formatYAML, formatCSV}

// checkOutput refuses an unknown format.
func (a *app) checkOutput() error {
	for _, f := range formats {
		if a.output == f {
			return nil
		}
	}
	return usageError(fmt.Sprintf("output format %q is unknown: use table, json, yaml or csv", a.output))
}
