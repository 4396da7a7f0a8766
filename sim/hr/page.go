package hr

import (
	"bytes"
	"html/template"
	"maps"
	"net/http"
	"slices"
)

var table = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Demo HR</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #ddd}
</style></head><body><main><h1>Demo HR</h1><p>What HR was told, {{len .}} people.</p>
<table><thead><tr><th scope="col">Person</th><th scope="col">Employee</th><th scope="col">Number</th><th scope="col">E.164</th>
<th scope="col">Since</th><th scope="col">Order</th></tr></thead><tbody>
{{range .}}<tr><td>{{.UserID}}</td><td>{{.EmployeeID}}</td><td>{{or .Number "withdrawn"}}</td><td>{{.E164}}</td>
<td><time>{{.Since.Format "2006-01-02 15:04:05 MST"}}</time></td><td>{{.OrderID}}</td></tr>
{{end}}</tbody></table></main></body></html>`))

// page shows people and numbers; no script runs.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	records := s.Records()
	rows := make([]Record, 0, len(records))
	for _, id := range slices.Sorted(maps.Keys(records)) {
		rows = append(rows, records[id])
	}
	var out bytes.Buffer
	if err := table.Execute(&out, rows); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(out.Bytes()); err != nil {
		return // the reader has gone
	}
}
