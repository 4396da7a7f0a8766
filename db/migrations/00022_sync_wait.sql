-- +goose Up
-- What the reading of a kind waits for: '' = it goes on.
ALTER TABLE sync_kinds
    ADD COLUMN wait text NOT NULL DEFAULT '',
    ADD COLUMN wait_until timestamptz,
    ADD CHECK ((wait_until IS NOT NULL) = (wait <> ''));

-- +goose Down
ALTER TABLE sync_kinds DROP COLUMN wait_until, DROP COLUMN wait;
