package mail

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
)

// pages are the two HTML pages; links are relative, so the handler may be mounted
// under any path that ends in a slash.
var pages = template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.}}</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #ddd;vertical-align:top}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;padding:1rem}a{color:#0645ad}
</style></head><body><main><h1>{{.}}</h1>{{end}}
{{define "list"}}{{template "head" "Demo mail"}}
<p>{{len .}} accepted, newest first. Nothing here was delivered to anybody.</p>
<table><thead><tr><th scope="col">Received</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead><tbody>
{{range .}}<tr><td><time>{{.Received.Format "2006-01-02 15:04:05"}}</time></td><td>{{range .To}}{{.}}<br>{{end}}</td>
<td><a href="mail/{{.ID}}">{{or .Subject "(no subject)"}}</a></td></tr>
{{end}}</tbody></table></main></body></html>{{end}}
{{define "mail"}}{{template "head" (or .Subject "(no subject)")}}
<p><a href="../">All mails</a></p>
<table><tbody><tr><th scope="row">From</th><td>{{.From}}</td></tr>
<tr><th scope="row">To</th><td>{{range .To}}{{.}}<br>{{end}}</td></tr>
<tr><th scope="row">Received</th><td><time>{{.Received.Format "2006-01-02 15:04:05 MST"}}</time></td></tr>
<tr><th scope="row">Message-ID</th><td>{{.MessageID}}</td></tr></tbody></table>
<pre>{{.Text}}</pre><p><a href="{{.ID}}/source">Source</a></p></main></body></html>{{end}}`))

// Handler shows the mails in a browser: a list, a page a mail, and its source.
// Nothing can be changed and no script runs.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		mails := s.Messages()
		slices.Reverse(mails)
		render(w, "list", mails)
	})
	mux.HandleFunc("GET /mail/{id}", func(w http.ResponseWriter, r *http.Request) {
		if m, ok := s.message(r.PathValue("id")); ok {
			render(w, "mail", m)
			return
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("GET /mail/{id}/source", func(w http.ResponseWriter, r *http.Request) {
		m, ok := s.message(r.PathValue("id"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		answer(w, "text/plain; charset=utf-8", m.Raw)
	})
	return mux
}

func (s *Server) message(id string) (Message, bool) {
	mails := s.Messages()
	i := slices.IndexFunc(mails, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return mails[i], true
}

func render(w http.ResponseWriter, page string, data any) {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, page, data); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	answer(w, "text/html; charset=utf-8", out.Bytes())
}

func answer(w http.ResponseWriter, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if _, err := w.Write(body); err != nil {
		return // the reader has gone
	}
}
