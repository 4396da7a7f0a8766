-- +goose Up
-- The other stories of a person's life, and the order in which they come.
ALTER TABLE orders
    ADD COLUMN workflow_id    text COLLATE "C" NOT NULL DEFAULT '', -- of its story; a rename of the person does not change it
    ADD COLUMN turn_at        timestamptz, -- its place among the orders of the person; null = not due yet
    ADD COLUMN stage          text NOT NULL DEFAULT '', -- of a story with several
    ADD COLUMN leaver         jsonb,
    ADD COLUMN mover          jsonb,
    ADD COLUMN number_request jsonb,
    ADD COLUMN phone_change   jsonb,
    ADD COLUMN plan           jsonb; -- what a leaver's order will remove and change

UPDATE orders SET workflow_id = 'joiner/' || user_key, turn_at = created_at WHERE state <> 'scheduled';
UPDATE orders SET workflow_id = 'joiner/' || user_key WHERE state = 'scheduled';

DROP INDEX orders_one_open_per_user;
CREATE UNIQUE INDEX orders_one_open_per_kind ON orders (user_key, kind)
    WHERE state IN ('scheduled', 'running', 'waiting');

-- +goose Down
DROP INDEX orders_one_open_per_kind;
CREATE UNIQUE INDEX orders_one_open_per_user ON orders (user_key)
    WHERE state IN ('scheduled', 'running', 'waiting');
ALTER TABLE orders
    DROP COLUMN workflow_id, DROP COLUMN turn_at, DROP COLUMN stage, DROP COLUMN leaver, DROP COLUMN mover,
    DROP COLUMN number_request, DROP COLUMN phone_change, DROP COLUMN plan;
