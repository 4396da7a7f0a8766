-- +goose Up
-- The digest of the staged rows that an object was made of; null = of others too. A
-- database of a development version may have it.
ALTER TABLE estate ADD COLUMN IF NOT EXISTS digest uuid;

-- +goose Down
ALTER TABLE estate DROP COLUMN digest;
