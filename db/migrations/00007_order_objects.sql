-- +goose Up
-- What an order is about to make or change on another system, written before it
-- does: the undo touches these and nothing else.
CREATE TABLE order_objects (
    order_id text COLLATE "C" NOT NULL REFERENCES orders,
    system   text COLLATE "C" NOT NULL CHECK (system <> ''),
    type     text COLLATE "C" NOT NULL CHECK (type <> ''),
    key      text COLLATE "C" NOT NULL CHECK (key <> ''),
    before   json, -- null = it was absent; json and not jsonb: kept to the letter
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (order_id, system, type, key)
);

-- +goose Down
DROP TABLE order_objects;
