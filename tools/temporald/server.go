package main

import (
	"fmt"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const cell = "active"

// server is a running Temporal with its UI.
type server struct {
	core     temporal.Server
	ui       *uiserver.Server
	settings *settings
}

// start returns when the services run; they may not serve yet.
func start(o *options) (*server, error) {
	cfg, hosts, err := configuration(o)
	if err != nil {
		return nil, err
	}
	logger, err := newLogger(o.logLevel)
	if err != nil {
		return nil, err
	}
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, err
	}
	claims, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return nil, err
	}
	values := newSettings()
	core, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts), // one process: no membership protocol, no ports for it
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(values),
	)
	if err != nil {
		return nil, err
	}
	if err := core.Start(); err != nil {
		return nil, err
	}
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host: host, Port: o.uiPort, TemporalGRPCAddress: address(o.grpcPort), DefaultNamespace: o.namespace,
		EnableUI: true, HideLogs: true, DisableNewsFetch: true,
		CORS: uiconfig.CORS{CookieInsecure: true}, // plain HTTP on loopback
	}))
	go func() {
		// It ends the process itself when it cannot listen.
		if err := ui.Start(); err != nil {
			logger.Error("the web UI ended: " + err.Error())
		}
	}()
	return &server{core: core, ui: ui, settings: values}, nil
}

func (s *server) stop() error {
	s.ui.Stop()
	return s.core.Stop()
}

// configuration is the server's, with the address of each of its services.
func configuration(o *options) (*config.Config, map[primitives.ServiceName]static.Hosts, error) {
	cfg := &config.Config{}
	cfg.Global.Membership.MaxJoinDuration = 30 * time.Second
	cfg.Global.Membership.BroadcastAddress = host
	cfg.Persistence = config.Persistence{
		NumHistoryShards: int32(o.shards),
		DefaultStore:     "default",
		VisibilityStore:  "visibility",
		DataStores: map[string]config.DataStore{
			"default":    {SQL: o.postgres.sql(o.postgres.database, o.postgres.conns)},
			"visibility": {SQL: o.postgres.sql(o.postgres.visibility(), max(2, o.postgres.conns/2))},
		},
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, nil, fmt.Errorf("finding ports for the services: %w", err)
	}
	rpc := map[primitives.ServiceName]config.RPC{
		primitives.FrontendService: {BindOnIP: host, GRPCPort: o.grpcPort, HTTPPort: ports[0]},
		primitives.HistoryService:  {BindOnIP: host, GRPCPort: ports[1]},
		primitives.MatchingService: {BindOnIP: host, GRPCPort: ports[2]},
		primitives.WorkerService:   {BindOnIP: host, GRPCPort: ports[3]},
	}
	cfg.Services = map[string]config.Service{}
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, r := range rpc {
		cfg.Services[string(name)] = config.Service{RPC: r}
		hosts[name] = static.SingleLocalHost(address(r.GRPCPort))
	}
	cfg.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10, MasterClusterName: cell, CurrentClusterName: cell,
		ClusterInformation: map[string]cluster.ClusterInformation{cell: {
			Enabled: true, InitialFailoverVersion: 1,
			RPCAddress: address(o.grpcPort), HTTPAddress: address(ports[0]),
		}},
	}
	cfg.DCRedirectionPolicy.Policy = "noop"
	cfg.Archival.History.State, cfg.Archival.Visibility.State = "disabled", "disabled"
	cfg.NamespaceDefaults.Archival.History.State = "disabled"
	cfg.NamespaceDefaults.Archival.Visibility.State = "disabled"
	cfg.PublicClient.HostPort = address(o.grpcPort)
	return cfg, hosts, nil
}
