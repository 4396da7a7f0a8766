package main

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.uber.org/zap"

	"github.com/dialtone/dialtone/config"
	"github.com/dialtone/dialtone/uc"
)

// temporalOptions are the TEMPORAL_* conventions, with the settings' address and
// namespace above them.
func temporalOptions(c config.Temporal, log *zap.Logger) (client.Options, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{})
	if err != nil {
		return options, &uc.Error{Kind: uc.Invalid, System: "temporal", Detail: fmt.Sprintf("the TEMPORAL_* settings: %v", err), Err: err}
	}
	if c.Address != "" {
		options.HostPort = c.Address
	}
	if c.Namespace != "" {
		options.Namespace = c.Namespace
	}
	options.Logger = temporalLogger(log)
	return options, nil
}

// dialTemporal returns a client that connects when it is first used: a process
// starts, and says that it is not ready, while Temporal is away.
func dialTemporal(c config.Temporal, log *zap.Logger) (client.Client, error) {
	options, err := temporalOptions(c, log)
	if err != nil {
		return nil, err
	}
	t, err := client.NewLazyClient(options)
	if err != nil {
		return nil, &uc.Error{Kind: uc.Invalid, System: "temporal", Detail: err.Error(), Err: err}
	}
	return t, nil
}
