package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
)

// requestMetrics counts and times requests by route and status.
type requestMetrics struct {
	total   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func (m *requestMetrics) observe(method, route string, status int, took time.Duration) {
	m.total.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// measure makes the API's own metrics and joins them with those of the program.
func (s *server) measure(others prometheus.Gatherer) {
	s.requests = &requestMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dialtone_http_requests_total", Help: "Answered requests.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dialtone_http_request_duration_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
	}
	own := prometheus.NewRegistry()
	own.MustRegister(s.requests.total, s.requests.seconds, &inventory{s})
	s.gatherer = own
	if others != nil {
		s.gatherer = prometheus.Gatherers{own, others}
	}
}

func (s *server) metricsHandler() http.Handler {
	return promhttp.HandlerFor(s.gatherer, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

var (
	ordersDesc  = prometheus.NewDesc("dialtone_orders", "Orders by state.", []string{"state"}, nil)
	numbersDesc = prometheus.NewDesc("dialtone_pool_numbers", "Numbers of a pool by state.",
		[]string{"pool", "state"}, nil)
	eligibleDesc = prometheus.NewDesc("dialtone_pool_eligible", "Numbers of a pool that can be given now.",
		[]string{"pool"}, nil)
)

// scrapeTimeout bounds what one scrape may ask of the database.
const scrapeTimeout = 3 * time.Second

// inventory shows orders and numbers as they are at the moment of a scrape.
type inventory struct{ s *server }

// Describe sends the descriptions of the three gauges.
func (i *inventory) Describe(out chan<- *prometheus.Desc) {
	out <- ordersDesc
	out <- numbersDesc
	out <- eligibleDesc
}

// Collect reads the database; a gauge that cannot be read is left out of this scrape.
func (i *inventory) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	orders, err := i.s.db.CountOrders(ctx)
	if err != nil {
		i.s.log.Warn("orders not counted", zap.Error(err))
	}
	gauge := func(d *prometheus.Desc, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	for state, n := range orders {
		gauge(ordersDesc, n, string(state))
	}
	pools, err := i.s.db.ListPools(ctx)
	if err != nil {
		i.s.log.Warn("numbers not counted", zap.Error(err))
	}
	for _, p := range pools {
		for _, state := range uc.NumberStates {
			gauge(numbersDesc, p.Counts[state], p.Name, string(state))
		}
		gauge(eligibleDesc, p.Eligible, p.Name)
	}
}
