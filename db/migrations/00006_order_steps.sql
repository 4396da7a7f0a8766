-- +goose Up
CREATE TABLE order_steps (
    order_id   text COLLATE "C" NOT NULL REFERENCES orders,
    name       text COLLATE "C" NOT NULL CHECK (name <> ''),
    item       text COLLATE "C" NOT NULL,
    undo       boolean NOT NULL,
    state      text NOT NULL CHECK (state IN ('running', 'done', 'retrying', 'failed')),
    attempt    integer NOT NULL, -- as the engine counts; begins at 1 again when the order is resumed
    attempts   integer NOT NULL, -- all of them
    kind       text NOT NULL DEFAULT '',
    detail     text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    PRIMARY KEY (order_id, name, item, undo)
) WITH (fillfactor = 80);

-- +goose Down
DROP TABLE order_steps;
