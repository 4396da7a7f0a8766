-- +goose Up
-- Readings of call processors. The number is what other tables refer to: it is short.
CREATE TABLE syncs (
    number         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id             text COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    call_processor text COLLATE "C" NOT NULL CHECK (call_processor <> ''),
    scope          text NOT NULL CHECK (scope IN ('infra', 'subscribers', 'all')),
    state          text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'waiting', 'done', 'failed', 'cancelled')),
    detail         text NOT NULL DEFAULT '',
    shrink         jsonb NOT NULL,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    applied_at     timestamptz, -- null = the estate knows nothing of it (yet)
    ended_at       timestamptz,
    pruned         boolean NOT NULL DEFAULT false, -- it has no staged rows any more
    CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled'))),
    CHECK (state <> 'done' OR applied_at IS NOT NULL)
);

CREATE INDEX syncs_newest ON syncs (created_at, id);
CREATE INDEX syncs_unpruned ON syncs (number) WHERE NOT pruned;

CREATE TABLE sync_kinds (
    sync_number bigint NOT NULL REFERENCES syncs (number),
    kind        text COLLATE "C" NOT NULL CHECK (kind <> ''),
    place       int NOT NULL, -- in the order of reading
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'reading', 'read', 'failed', 'skipped')),
    cursor      text NOT NULL DEFAULT '', -- of the page that comes next
    read        bigint NOT NULL DEFAULT 0, -- staged rows
    total       bigint NOT NULL DEFAULT 0, -- as the source says; 0 = it does not
    added       bigint NOT NULL DEFAULT 0,
    changed     bigint NOT NULL DEFAULT 0,
    gone        bigint NOT NULL DEFAULT 0,
    skipped     bigint NOT NULL DEFAULT 0,
    detail      text NOT NULL DEFAULT '',
    started_at  timestamptz, -- when the first page was asked for
    updated_at  timestamptz,
    PRIMARY KEY (sync_number, kind),
    CHECK ((started_at IS NOT NULL) OR state IN ('pending', 'failed', 'skipped'))
);

-- The report. Lines are added and never changed.
CREATE TABLE sync_lines (
    sync_number bigint NOT NULL REFERENCES syncs (number),
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    kind        text COLLATE "C" NOT NULL DEFAULT '',
    severity    text NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    class       text NOT NULL CHECK (class IN ('network', 'configuration', 'data', 'guard')),
    object      text COLLATE "C" NOT NULL DEFAULT '',
    uuid        text COLLATE "C" NOT NULL DEFAULT '',
    what        text COLLATE "C" NOT NULL CHECK (what <> ''),
    why         text NOT NULL DEFAULT '',
    properties  jsonb,
    todo        text NOT NULL DEFAULT '',
    PRIMARY KEY (sync_number, seq)
);

-- A line that is written again says nothing new.
CREATE UNIQUE INDEX sync_lines_once ON sync_lines (sync_number, kind, what, object, uuid);

-- What a sync has read and not yet applied: pages come as they come, a row may come
-- twice when the source shifts between two pages, and the one that was read last counts.
CREATE TABLE estate_stage (
    sync_number bigint NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    uuid        uuid NOT NULL, -- of a relation: the first object
    name        text COLLATE "C" NOT NULL, -- of a relation: the id of the second object
    partition   text COLLATE "C" NOT NULL,
    attributes  jsonb NOT NULL,
    read_at     timestamptz NOT NULL -- when its page was asked for
) WITH (autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 2000000000);
-- It has no index: it is written once, read once as a whole, and emptied.

-- The copy that readers see.
CREATE TABLE estate (
    call_processor text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    uuid           uuid NOT NULL,
    name           text COLLATE "C" NOT NULL,
    name_key       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
    partition      text COLLATE "C" NOT NULL,
    attributes     jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    first_seen     timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL, -- when what stands here was read; a later pass may have found it the same
    changed_at     timestamptz NOT NULL,
    sync_number    bigint, -- that wrote this; null = a refresh of single objects
    PRIMARY KEY (call_processor, uuid, kind) -- the order in which a sync compares
);

CREATE INDEX estate_by_name ON estate (kind, name_key, partition, call_processor, uuid);

-- The last complete pass of each kind: what stands in the estate was there then, so
-- that no row is written only because it was seen again.
CREATE TABLE estate_kinds (
    call_processor text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    sync_number    bigint NOT NULL REFERENCES syncs (number),
    read_at        timestamptz NOT NULL,
    applied_at     timestamptz NOT NULL,
    PRIMARY KEY (call_processor, kind)
);

-- Where the change watcher of a call processor stands.
CREATE TABLE estate_watches (
    call_processor text COLLATE "C" PRIMARY KEY,
    queue          text NOT NULL, -- of the call processor's change notification
    next_change    bigint NOT NULL,
    heard_at       timestamptz NOT NULL -- when it last answered
);

-- Which members of two objects differ: {"name": {"old": …, "new": …}}; a side that
-- does not have the member is left out.
-- +goose StatementBegin
CREATE FUNCTION estate_diff(old jsonb, new jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, jsonb_strip_nulls(jsonb_build_object('old', o.value, 'new', n.value))), '{}')
    FROM jsonb_each(coalesce(old, '{}')) o FULL JOIN jsonb_each(coalesce(new, '{}')) n USING (key)
    WHERE o.value IS DISTINCT FROM n.value
$$;
-- +goose StatementEnd

-- The members whose names are in the list.
-- +goose StatementBegin
CREATE FUNCTION estate_members(object jsonb, names jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(object) WHERE names ? key
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION estate_members;
DROP FUNCTION estate_diff;
DROP TABLE estate_watches;
DROP TABLE estate_kinds;
DROP TABLE estate;
DROP TABLE estate_stage;
DROP TABLE sync_lines;
DROP TABLE sync_kinds;
DROP TABLE syncs;
