-- +goose Up
-- Relations are rows of their own: what an object lists is put together when it is read.
-- The copy that there is has the lists in its objects and no rows: the next sync reads it
-- anew. One that is under way says what it had read in vain.
TRUNCATE estate, estate_stage, estate_kinds;
UPDATE sync_kinds k SET state = 'failed', detail = 'read before Dialtone was upgraded: sync again'
FROM syncs s WHERE s.number = k.sync_number AND s.applied_at IS NULL AND s.ended_at IS NULL AND k.state = 'read';
UPDATE sync_kinds k SET state = 'pending', cursor = '', read = 0, total = 0, skipped = 0, started_at = NULL
FROM syncs s WHERE s.number = k.sync_number AND s.applied_at IS NULL AND s.ended_at IS NULL AND k.state = 'reading';
DROP FUNCTION estate_members;

ALTER TABLE syncs ADD COLUMN direct boolean NOT NULL DEFAULT false; -- it brings what nobody has seen yet to the estate, hidden
ALTER TABLE sync_kinds
    ADD COLUMN staged bigint NOT NULL DEFAULT 0, -- rows of it in estate_stage
    ADD COLUMN hidden bigint NOT NULL DEFAULT 0; -- rows of it in the estate that nobody sees yet

ALTER TABLE estate_stage
    ADD COLUMN from_uuid uuid, -- of a relation: the first object
    ADD COLUMN to_uuid uuid, -- and the second one
    ADD COLUMN digest uuid, -- of everything above but the time; null = it is gone
    ADD COLUMN gone boolean NOT NULL DEFAULT false; -- the reading did not return what the estate has

-- Syncs whose rows in the estate nobody sees yet: until they are applied.
CREATE TABLE estate_hidden (
    sync_number    bigint PRIMARY KEY REFERENCES syncs (number),
    call_processor text COLLATE "C" NOT NULL,
    dead           boolean NOT NULL DEFAULT false -- it will not be applied: its rows go
);

CREATE TABLE estate_relation (
    call_processor text COLLATE "C" NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    uuid           uuid NOT NULL, -- of the row on the call processor
    from_uuid      uuid NOT NULL,
    to_uuid        uuid NOT NULL,
    attributes     jsonb NOT NULL,
    digest         uuid NOT NULL,
    seen_at        timestamptz NOT NULL,
    sync_number    bigint, -- that wrote this
    PRIMARY KEY (uuid, kind, call_processor)
);

CREATE INDEX estate_relation_from ON estate_relation (from_uuid);
CREATE INDEX estate_relation_to ON estate_relation (to_uuid);

-- The copy that readers see is a part of its tables.
ALTER TABLE estate RENAME TO estate_object;

-- Ids come first: almost all comparisons end with them. Those of owners are compared as
-- bytes, and what has one name is sorted when it is read.
ALTER TABLE estate_object DROP CONSTRAINT estate_pkey, ADD CONSTRAINT estate_pkey PRIMARY KEY (uuid, kind, call_processor);
DROP INDEX estate_by_name;
CREATE INDEX estate_by_name ON estate_object (kind, name_key);
DROP INDEX estate_by_owner;
CREATE INDEX estate_by_owner ON estate_object ((attributes->>'ownerUuid') COLLATE "C") WHERE attributes ? 'ownerUuid';

CREATE VIEW estate AS SELECT * FROM estate_object
WHERE (sync_number IN (SELECT h.sync_number FROM estate_hidden h)) IS NOT TRUE;

CREATE VIEW estate_related AS SELECT * FROM estate_relation
WHERE (sync_number IN (SELECT h.sync_number FROM estate_hidden h)) IS NOT TRUE;

-- +goose Down
DROP VIEW estate_related;
DROP VIEW estate;
TRUNCATE estate_object, estate_stage, estate_kinds;
ALTER TABLE estate_object RENAME TO estate;
ALTER TABLE estate DROP CONSTRAINT estate_pkey, ADD CONSTRAINT estate_pkey PRIMARY KEY (call_processor, uuid, kind);
DROP INDEX estate_by_name;
CREATE INDEX estate_by_name ON estate (kind, name_key, partition, call_processor, uuid);
DROP INDEX estate_by_owner;
CREATE INDEX estate_by_owner ON estate (call_processor, (attributes->>'ownerUuid')) WHERE attributes ? 'ownerUuid';
DROP TABLE estate_relation;
DROP TABLE estate_hidden;
ALTER TABLE estate_stage DROP COLUMN gone, DROP COLUMN digest, DROP COLUMN to_uuid, DROP COLUMN from_uuid;
ALTER TABLE sync_kinds DROP COLUMN hidden, DROP COLUMN staged;
ALTER TABLE syncs DROP COLUMN direct;
-- +goose StatementBegin
CREATE FUNCTION estate_members(object jsonb, names jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(object) WHERE names ? key
$$;
-- +goose StatementEnd
