-- +goose Up
CREATE DOMAIN actor_name AS text CHECK (VALUE <> '');

-- Written by the statement that changes the number, and never changed. It has no
-- foreign key: no number is ever deleted, and a check per event would double the
-- price of a reservation. Its rules are types, which cost less than checks.
CREATE TABLE number_events (
    number_id  bigint NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      actor_name NOT NULL, -- "order", "import", "retention", or who asked
    order_id   text NOT NULL DEFAULT '',
    user_id    text NOT NULL DEFAULT '',
    from_state number_state, -- null = it was made
    to_state   number_state NOT NULL,
    reason     text NOT NULL DEFAULT '',
    PRIMARY KEY (number_id, id)
);

-- +goose Down
DROP TABLE number_events;
DROP DOMAIN actor_name;
