package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/dialtone/dialtone/sim/cucm"
)

const simCUCMHelp = `Serves one simulated Cisco Unified CM, or with --file several at once. AXL is at
https://ADDR:PORT/axl/, with a certificate of the authority in --ca (ca.pem). It prints
READY when it serves; SIGTERM ends it.

A file is a list of clusters with the fields name, listen, path, mode, version,
accounts (user, password, readOnly), users, phones, lines, seed, limits and latency
(operation: duration). docs/simulator.md says what is faithful and what is assumed.`

func newSimCUCMCommand(a *app) *cobra.Command {
	var c cucm.Cluster
	var o cucm.RunOptions
	var accounts []string
	var latency time.Duration
	var file string
	cmd := &cobra.Command{
		Use: "cucm", Short: "Serve simulated Cisco Unified CM clusters", Long: simCUCMHelp, Args: exactArgs(),
		Example: "  dialtone sim cucm --listen 127.0.0.1:8443 --version 14.0 --account axl:secret --users 1000",
		RunE: func(cmd *cobra.Command, _ []string) error {
			clusters, err := simClusters(c, accounts, latency, file)
			if err != nil {
				return err
			}
			o.Clusters, o.Out = clusters, a.out
			return cucm.Run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Listen, "listen", "127.0.0.1:8443", "where AXL is served; port 0 takes a free one")
	f.StringVar((*string)(&c.Mode), "mode", "strict", "strict: as the schema says; lenient: what a real one was seen to accept")
	f.StringVar(&c.Version, "version", "15.0", "11.5, 12.5, 14.0 or 15.0")
	f.StringArrayVar(&accounts, "account", nil, "USER:PASSWORD[:read-only]; may be given several times (default axl:axl)")
	f.IntVar(&c.Users, "users", 0, "made users")
	f.IntVar(&c.Phones, "phones", 0, "made phones")
	f.IntVar(&c.Lines, "lines", 0, "made lines")
	f.Int64Var(&c.Seed, "seed", 0, "the same seed makes the same people")
	f.StringVar(&c.Limits, "limits", "real", "real: answer sizes and the write throttle; none")
	f.DurationVar(&latency, "latency", 0, "of each operation")
	f.StringVar(&c.Path, "state", "", "file that keeps the state (default in memory)")
	f.StringVar(&file, "file", "", "several clusters: a YAML or JSON list, instead of the flags above")
	f.StringVar(&o.Admin, "admin", "", "where faults, snapshots and counts are offered; it asks nobody for a password")
	f.StringVar(&o.CADir, "ca", "", "folder of the certificate authority (default a new one each time)")
	apart(cmd, "write the address of each cluster into the file, or leave the file out", "file", "listen")
	return cmd
}

// simClusters are the clusters of the file, or the one that the flags describe.
func simClusters(c cucm.Cluster, accounts []string, latency time.Duration, file string) ([]cucm.Cluster, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, usageError(err.Error())
		}
		var out []cucm.Cluster
		if err := yaml.UnmarshalStrict(text, &out); err != nil {
			return nil, usageError(fmt.Sprintf("%s: %v", file, err))
		}
		return out, nil
	}
	var wrong []string
	for _, text := range accounts {
		account, err := cucm.ParseAccount(text)
		if err != nil {
			wrong = append(wrong, "--account: "+err.Error())
		}
		c.Accounts = append(c.Accounts, account)
	}
	if latency > 0 {
		c.Latency = map[string]string{"*": latency.String()}
	}
	if _, err := c.Options(); err != nil && len(wrong) == 0 {
		wrong = append(wrong, err.Error())
	}
	if len(wrong) > 0 {
		return nil, usageError(strings.Join(wrong, "; "))
	}
	return []cucm.Cluster{c}, nil
}
