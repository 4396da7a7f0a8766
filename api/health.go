package api

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
)

// Health says that a process lives, or that it can do its work.
type Health struct {
	Status  string `json:"status" enum:"ok,ready"`
	Version string `json:"version,omitempty" doc:"Of the program"`
}

type healthOut struct{ Body Health }

// healthz answers as long as the process lives.
func (s *server) healthz(context.Context, *struct{}) (*healthOut, error) {
	return &healthOut{Health{Status: "ok", Version: s.version}}, nil
}

// readyTimeout bounds all checks of readyz together.
const readyTimeout = 5 * time.Second

// readyz answers 200 when everything that a request needs answers too; otherwise
// it names the systems that do not, and nothing more.
func (s *server) readyz(ctx context.Context, _ *struct{}) (*healthOut, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var away []string
	for _, check := range append([]func(context.Context) error{s.db.Ping}, s.ready...) {
		err := check(ctx)
		if err == nil {
			continue
		}
		s.log.Warn("not ready", zap.Error(err))
		name := "a part"
		var e *uc.Error
		if errors.As(err, &e) && e.System != "" {
			name = e.System
		}
		away = append(away, name)
	}
	if len(away) > 0 {
		p := kindProblem(uc.Unavailable, fmt.Sprintf("not ready: %s", strings.Join(away, ", ")))
		p.retryAfter = retryLater
		return nil, p
	}
	return &healthOut{Health{Status: "ready"}}, nil
}

//go:embed openapi.yaml
var openAPI []byte

// plainRoutes are the two routes whose answers are not JSON.
func (s *server) plainRoutes(e *echo.Echo, doc *huma.OpenAPI) {
	e.GET("/metrics", echo.WrapHandler(s.metricsHandler()))
	e.GET("/v1/openapi.yaml", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/yaml", openAPI)
	})
	plain := func(path, id, summary, mime string) {
		doc.AddOperation(&huma.Operation{
			Method: http.MethodGet, Path: path, OperationID: id, Summary: summary, Tags: []string{"service"},
			Responses: map[string]*huma.Response{"200": {
				Description: "OK",
				Content:     map[string]*huma.MediaType{mime: {Schema: &huma.Schema{Type: huma.TypeString}}},
			}},
		})
	}
	plain("/metrics", "metrics", "Metrics in the text format of Prometheus", "text/plain")
	plain("/v1/openapi.yaml", "openapi", "This document", "application/yaml")
}
