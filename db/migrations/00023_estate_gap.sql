-- +goose Up
-- Changes that a watcher missed: a kind that was not read since knows them up to gap_from.
ALTER TABLE estate_watches
    ADD COLUMN gap_at timestamptz, -- when it was seen that changes were missed; null = never
    ADD COLUMN gap_from timestamptz; -- up to when they had been followed; null = they were not

-- +goose Down
ALTER TABLE estate_watches DROP COLUMN gap_at, DROP COLUMN gap_from;
