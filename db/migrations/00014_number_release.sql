-- +goose Up
-- A number that a person gives back without leaving.
ALTER TABLE orders ADD COLUMN number_release jsonb;

-- +goose Down
ALTER TABLE orders DROP COLUMN number_release;
