package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/dialtone/dialtone/uc"
)

// NumberConflict is a number that is in use on the call processor by others than the
// ledger says.
type NumberConflict struct {
	Number   uc.DirectoryNumber `json:"number"`
	Standing string             `json:"standing"` // in the ledger: "assigned to bob"
	Users    []string           `json:"users"`    // who has it on the call processor; none = nobody that is known
	Devices  []string           `json:"devices"`  // the phones that have it, at most ten
	Why      string             `json:"why"`
	Do       string             `json:"do"`
}

// AdoptOut is what became of the numbers that are in use.
type AdoptOut struct {
	Adopted   int              // are assigned to their users now
	Same      int              // stand in the ledger as they are used
	Conflicts int              // stay as they are
	List      []NumberConflict // the first 500 conflicts, in order of the digits
}

// AdoptNumbers assigns the numbers of the ledger to the people who use them on the call
// processor: whose primary extension it is; or else who owns a phone that has it; or
// else who may use such a device; or else whose other extension it is. Numbers that
// are assigned to somebody else, reserved, blocked, held for or cooling of another, and
// those that several people or nobody use, stay as they are and are returned, and told
// in the report of the sync unless its id is empty. Numbers that are in no pool are not
// looked at. Doing it again changes nothing. Fails with NotFound when there is no such
// sync.
func (d *DB) AdoptNumbers(ctx context.Context, callProcessor, syncID string) (AdoptOut, error) {
	const op = "adopt numbers"
	var out AdoptOut
	err := d.inTx(ctx, op, func(tx pgx.Tx) error {
		number, err := lineTarget(ctx, tx, op, syncID)
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{
			"call_processor": callProcessor, "actor": syncActor, "owner": uc.OwnerAttribute, "usage": uc.UsageAttribute,
			"primary": uc.PrimaryUsage, "devices": []uc.EstateKind{uc.PhoneKind, uc.DeviceProfileKind, uc.RemoteDestinationProfileKind},
		}
		for _, sql := range claimSQL {
			if _, err := exec(ctx, tx, op, sql, args); err != nil {
				return err
			}
		}
		counts, err := one[struct{ Claims, Adopted, Conflicts int }](ctx, tx, op, adoptSQL, args)
		if err != nil {
			return err
		}
		out.Adopted, out.Conflicts = counts.Adopted, counts.Conflicts
		out.Same = counts.Claims - counts.Adopted - counts.Conflicts
		if out.List, err = numberConflicts(ctx, tx, op); err != nil || number == 0 {
			return err
		}
		lines, err := conflictLines(out)
		if err != nil {
			return err
		}
		return addLines(ctx, tx, number, lines...)
	})
	if err != nil {
		return AdoptOut{}, err
	}
	return out, nil
}

// claimSQL collects who uses each number of the ledger, step by step: the estate may be
// newer than the planner's statistics. The ids in attributes are compared as texts: none
// is taken for an identifier.
var claimSQL = []string{
	`SET LOCAL enable_nestloop = off`,
	`CREATE TEMPORARY TABLE sync_used ON COMMIT DROP AS
	SELECT n.id, e.uuid FROM estate e JOIN numbers n ON n.digits = ` + digitsOf + ` AND n.partition = e.partition
		AND n.call_processor = e.call_processor
	WHERE e.call_processor = @call_processor AND e.kind = 'line' AND e.uuid IN (SELECT r.to_uuid FROM estate_related r
		WHERE r.call_processor = @call_processor AND r.kind IN ('rel_device_line', 'rel_user_extension'))`,
	`CREATE TEMPORARY TABLE sync_device ON COMMIT DROP AS
	SELECT u.id, d.uuid, d.name, d.attributes->>@owner AS owner FROM sync_used u
	JOIN estate_related r ON r.call_processor = @call_processor AND r.kind = 'rel_device_line' AND r.to_uuid = u.uuid
	JOIN estate d ON d.call_processor = @call_processor AND d.kind = ANY (@devices) AND d.uuid = r.from_uuid`,
	`CREATE TEMPORARY TABLE sync_claim (
		id bigint NOT NULL, users text[] NOT NULL, devices text[] NOT NULL, verdict text NOT NULL DEFAULT '') ON COMMIT DROP`,
	`WITH claim AS (
		SELECT u.id, CASE WHEN r.attributes->>@usage = @primary THEN 1 ELSE 4 END AS rank, r.from_uuid::text AS user_uuid
		FROM sync_used u JOIN estate_related r ON r.call_processor = @call_processor AND r.kind = 'rel_user_extension'
			AND r.to_uuid = u.uuid
		UNION ALL
		SELECT id, 2, owner FROM sync_device WHERE owner <> ''
		UNION ALL
		SELECT d.id, 3, r.from_uuid::text FROM sync_device d
		JOIN estate_related r ON r.call_processor = @call_processor AND r.kind = 'rel_user_device' AND r.to_uuid = d.uuid
	), person AS (
		SELECT c.id, c.rank, min(c.rank) OVER (PARTITION BY c.id) AS best, e.name
		FROM claim c JOIN estate e ON e.call_processor = @call_processor AND e.kind = 'user' AND e.uuid::text = c.user_uuid
	)
	INSERT INTO sync_claim (id, users, devices)
	SELECT u.id, coalesce(p.users, '{}'), coalesce(d.devices, '{}') FROM sync_used u
	LEFT JOIN (SELECT id, array_agg(DISTINCT name ORDER BY name) AS users FROM person WHERE rank = best GROUP BY id) p ON p.id = u.id
	LEFT JOIN (SELECT id, (array_agg(DISTINCT name ORDER BY name))[1:10] AS devices FROM sync_device GROUP BY id) d ON d.id = u.id`,
	// Locked in one order, so that two of these cannot block each other.
	`SELECT count(*) FROM (SELECT n.id FROM numbers n JOIN sync_claim c ON c.id = n.id
		WHERE n.state <> 'assigned' ORDER BY n.id FOR UPDATE OF n) locked`,
	`UPDATE sync_claim c SET verdict = CASE
			WHEN n.state IN ('assigned', 'reserved') AND (cardinality(users) = 0
				OR EXISTS (SELECT FROM unnest(users) AS u(name) WHERE lower(u.name) = n.user_key)) THEN 'same'
			WHEN n.state IN ('blocked', 'foreign') AND cardinality(users) = 0 THEN 'same'
			WHEN n.state = 'foreign' AND cardinality(users) > 1 THEN 'same'
			WHEN cardinality(users) = 1 AND (n.state IN ('available', 'foreign')
				OR n.state IN ('cooling', 'held') AND n.user_key IN ('', lower(users[1]))) THEN 'adopt'
			ELSE 'conflict' END
		FROM numbers n WHERE n.id = c.id`,
}

const adoptSQL = `WITH old AS (
	SELECT n.id, n.state, c.users[1] AS user_id FROM numbers n JOIN sync_claim c ON c.id = n.id WHERE c.verdict = 'adopt'
), changed AS (
	UPDATE numbers n SET state = 'assigned', user_id = old.user_id, user_key = lower(old.user_id), order_id = '', turn = NULL,
		until = NULL, reason = '', changed_at = now()
	FROM old WHERE n.id = old.id AND n.state = old.state
	RETURNING n.id
), event AS (
	INSERT INTO number_events (number_id, actor, user_id, from_state, to_state, reason)
	SELECT id, @actor, user_id, state, 'assigned', 'adopted: in use by this person on the call processor'
	FROM old JOIN changed USING (id)
)
SELECT (SELECT count(*) FROM sync_claim) AS claims, (SELECT count(*) FROM changed) AS adopted,
	(SELECT count(*) FROM sync_claim WHERE verdict = 'conflict') AS conflicts`

func numberConflicts(ctx context.Context, tx pgx.Tx, op string) ([]NumberConflict, error) {
	type row struct {
		uc.Number
		Users, Devices []string
	}
	found, err := list[row](ctx, tx, op, `SELECT `+takenSQL+`, c.users, c.devices
		FROM sync_claim c JOIN numbers n ON n.id = c.id WHERE c.verdict = 'conflict' ORDER BY n.digits, n.partition LIMIT @limit`,
		pgx.NamedArgs{"limit": toldObjects})
	out := make([]NumberConflict, len(found))
	for i, r := range found {
		out[i] = conflictOf(r.Number, r.Users, r.Devices)
	}
	return out, err
}

func conflictOf(n uc.Number, users, devices []string) NumberConflict {
	c := NumberConflict{Number: n.Directory(), Standing: n.Standing(), Users: users, Devices: devices}
	on := ""
	if len(devices) > 0 {
		on = " on " + strings.Join(devices, ", ")
	}
	switch len(users) {
	case 0:
		c.Why = fmt.Sprintf("it is in use%s by nobody that is known, and it is %s in the ledger", on, c.Standing)
		c.Do = "give the phone an owner on the call processor, or block the number"
	case 1:
		c.Why = fmt.Sprintf("%s uses it%s, and it is %s in the ledger", users[0], on, c.Standing)
		c.Do = settle(n)
	default:
		c.Why = fmt.Sprintf("%s use it%s, and it is %s in the ledger", strings.Join(users, " and "), on, c.Standing)
		c.Do = "make it the primary extension of the one whose it is"
	}
	return c
}

// settle says what helps when somebody uses a number that is not theirs in the ledger.
func settle(n uc.Number) string {
	help := map[uc.NumberState]string{
		uc.Blocked:  "dialtone number unblock " + n.Digits + " --reason TEXT, then sync again",
		uc.Held:     "dialtone number unhold " + n.Digits + " --reason TEXT, then sync again",
		uc.Reserved: "wait for the end of the order that reserved it, then sync again",
		uc.Cooling:  "wait until it has cooled, then sync again",
	}[n.State]
	if help == "" {
		help = "find out whose it is; dialtone number release " + n.Digits + " --reason TEXT, then sync again"
	}
	return help + "; or take it away on the call processor"
}

// conflictLines are what the report of a sync says: how many numbers were adopted, and
// the first conflicts one by one.
func conflictLines(a AdoptOut) ([]uc.SyncLine, error) {
	out := make([]uc.SyncLine, 0, len(a.List)+2)
	if a.Adopted > 0 {
		out = append(out, uc.SyncLine{
			Kind: uc.LineKind, Severity: uc.SeverityInfo, Class: uc.DataLine,
			What: fmt.Sprintf("%d numbers were assigned to the people who use them", a.Adopted),
			Why:  "numbers in use are adopted, and the ledger had them as nobody's", Do: "nothing",
		})
	}
	for _, c := range a.List {
		values, err := json.Marshal(struct {
			Ledger  string   `json:"ledger"`
			Users   []string `json:"users"`
			Devices []string `json:"devices"`
		}{c.Standing, c.Users, c.Devices})
		if err != nil {
			return nil, err
		}
		out = append(out, uc.SyncLine{
			Kind: uc.LineKind, Severity: uc.SeverityWarning, Class: uc.DataLine, Properties: values,
			Object: c.Number.Digits + " in " + c.Number.Partition, What: uc.WhatConflict, Why: c.Why, Do: c.Do,
		})
	}
	if more := a.Conflicts - len(a.List); more > 0 {
		out = append(out, uc.SyncLine{
			Kind: uc.LineKind, Severity: uc.SeverityWarning, Class: uc.DataLine,
			What: fmt.Sprintf("%d more numbers are in conflict", more),
			Why:  fmt.Sprintf("a report tells the first %d one by one", toldObjects),
			Do:   "settle those that are told, and sync again: the next ones are told then",
		})
	}
	return out, nil
}
