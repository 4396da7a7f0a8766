package config

import "strings"

// setting is one row of the table: everything that is known about one setting.
// The loader, the environment names, the checks and docs/operations.md follow it.
type setting struct {
	key      string // "log.level"; of every item of a list "callProcessors[].url"
	fallback string // "" = none
	required bool   // in a section or an item that is written
	check    check
	what     string // one sentence for a person
}

// settings is the table.
var settings = []setting{
	{"log.level", "info", false, oneOf("debug", "info", "warn", "error"), "from which level on a process logs"},
	{"log.format", "json", false, oneOf("json", "console"), "json for machines, console for people"},

	{"database.url", "", true, databaseURL, "the product's Postgres, `postgres://user@host:5432/dialtone?sslmode=verify-full`, or a reference to it; never with a password in plain"},
	{"database.password", "", false, secret, "the password, when it is not part of a referenced url"},
	{"database.maxConnections", "16", false, whole(2, 1000), "connections per process"},

	{"temporal.address", "", false, hostPort, "the Temporal frontend, `host:7233`; empty = `TEMPORAL_ADDRESS`. TLS and API key come from the `TEMPORAL_*` variables"},
	{"temporal.namespace", "", false, text, "the namespace; empty = `TEMPORAL_NAMESPACE`, else `default`"},

	{"api.listen", "127.0.0.1:8080", false, hostPort, "where `dialtone api` listens"},
	{"api.certFile", "", false, pemFile, "certificate chain (PEM) for TLS; empty = plain HTTP for a proxy in front"},
	{"api.keyFile", "", false, keyFile, "its private key (PEM), not readable by others"},

	{"worker.listen", "", false, hostPort, "where `dialtone worker` answers `/healthz` and `/metrics`; empty = nowhere"},

	{"callProcessors[].name", "", true, name, "the name that the catalog uses"},
	{"callProcessors[].url", "", true, httpsURL, "the publisher, `https://cucm-pub.example.com:8443/axl/`"},
	{"callProcessors[].username", "", true, text, "an application user with the AXL API role"},
	{"callProcessors[].password", "", true, secret, "its password"},
	{"callProcessors[].caFile", "", false, pemFile, "who signed the cluster's certificate (PEM); empty = the system's roots"},
	{"callProcessors[].serverName", "", false, text, "the name in its certificate, when it differs from the url's host"},
	{"callProcessors[].version", "", false, axlVersion, "AXL version such as `14.0`; empty = asked of the cluster"},
	{"callProcessors[].writesPerSecond", "20", false, rate, "effects a second, over all workers together; 0 = no limit"},
	{"callProcessors[].concurrency", "8", false, whole(1, 200), "effects at once per worker, and connections to the cluster"},
	{"callProcessors[].changeWatch", "true", false, boolean, "bring what changes on the cluster into the copy of it; it needs the service parameter *AXL Change Notification*"},
	{"callProcessors[].changeSeconds", "30", false, whole(1, 3600), "between two looks at what changed"},
	{"callProcessors[].sync.specialNumbers", "true", false, boolean, "numbers of intercoms, hunt pilots and other endpoints are foreign in the ledger"},
	{"callProcessors[].sync.analogue", "false", false, boolean, "analogue phones are phones of the copy"},
	{"callProcessors[].sync.adopt", "false", false, boolean, "numbers of the ledger that people use on the cluster become theirs"},

	{"directories[].name", "", true, name, "the name that the catalog uses"},
	{"directories[].url", "", true, ldapURL, "`ldaps://dc1.example.com`, or `ldap://…` with startTLS"},
	{"directories[].startTLS", "false", false, boolean, "upgrade an `ldap://` connection; without it only `ldaps://` is allowed"},
	{"directories[].caFile", "", false, pemFile, "who signed the server's certificate (PEM); empty = the system's roots"},
	{"directories[].serverName", "", false, text, "the name in its certificate, when it differs from the url's host"},
	{"directories[].bindDN", "", true, text, "the account that reads users and writes their numbers"},
	{"directories[].password", "", true, secret, "its password"},
	{"directories[].baseDN", "", true, text, "where the users are"},
	{"directories[].flavor", "ad", false, oneOf("ad", "openldap"), "what kind of server it is"},
	{"directories[].userAttribute", "", false, text, "holds the user id; empty = `sAMAccountName` (ad) or `uid` (openldap)"},
	{"directories[].employeeAttribute", "", false, text, "holds HR's key; empty = `employeeID` (ad) or `employeeNumber` (openldap)"},

	{"mail.address", "", true, hostPort, "the SMTP relay, `mail.example.com:587`; no mail section = no mail"},
	{"mail.startTLS", "true", false, boolean, "upgrade the connection before anything is said; false only for a relay on this machine"},
	{"mail.caFile", "", false, pemFile, "who signed the relay's certificate (PEM); empty = the system's roots"},
	{"mail.serverName", "", false, text, "the name in its certificate, when it differs from the address's host"},
	{"mail.username", "", false, text, "login; empty = none"},
	{"mail.password", "", false, secret, "its password"},
	{"mail.from", "", true, mailAddress, "the sender, `telephony@example.com`"},

	{"hr[].name", "", true, name, "the name that the catalog uses"},
	{"hr[].url", "", true, httpsURL, "where signed webhooks are sent"},
	{"hr[].secret", "", true, webhookSecret, "the Standard Webhooks secret, `whsec_…`"},
	{"hr[].caFile", "", false, pemFile, "who signed the receiver's certificate (PEM); empty = the system's roots"},

	{"pinDelivery.url", "", true, httpsURL, "who brings new PINs to people: a receiver of signed webhooks, such as an SMS gateway; no pinDelivery section = no PIN is reset"},
	{"pinDelivery.secret", "", true, webhookSecret, "the Standard Webhooks secret, `whsec_…`"},
	{"pinDelivery.caFile", "", false, pemFile, "who signed the receiver's certificate (PEM); empty = the system's roots"},
}

// optionalSections are read only when they are written: their required settings
// are not missed otherwise.
var optionalSections = map[string]bool{"mail": true, "pinDelivery": true}

func settingOf(key string) (setting, bool) {
	for _, s := range settings {
		if s.key == key {
			return s, true
		}
	}
	return setting{}, false
}

// isSection reports whether settings lie below the key, and whether as a list.
func isSection(key string) (section, list bool) {
	for _, s := range settings {
		section = section || strings.HasPrefix(s.key, key+".")
		list = list || strings.HasPrefix(s.key, key+"[].")
	}
	return section, list
}

// envName is the environment variable of a setting: DIALTONE_LOG_LEVEL; of an item
// the item's name takes the place of the brackets:
// DIALTONE_CALL_PROCESSORS_CUCM_1_URL.
func envName(key, item string) string {
	key = strings.Replace(key, "[].", "."+item+".", 1)
	var b strings.Builder
	b.WriteString(envPrefix)
	lower := false
	for _, r := range key {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
		lower = r >= 'a' && r <= 'z'
	}
	return b.String()
}

// nearest is the known key that is most like the unknown one, "" when none is.
func nearest(key string) string {
	best, bestDistance := "", 4
	for _, s := range settings {
		for _, candidate := range []string{s.key, strings.SplitN(strings.Replace(s.key, "[]", "", 1), ".", 2)[0]} {
			if d := distance(strings.ToLower(key), strings.ToLower(candidate)); d < bestDistance {
				best, bestDistance = candidate, d
			}
		}
	}
	return best
}

// distance counts the single-letter edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)]
}
