-- +goose Up
-- Written by the statement that changes the number, and never changed. It has no
-- foreign key: no number is ever deleted, and a check per event would double the
-- price of a reservation.
CREATE TABLE number_events (
    number_id  bigint NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text NOT NULL CHECK (actor <> ''),
    order_id   text NOT NULL DEFAULT '',
    user_id    text NOT NULL DEFAULT '',
    from_state text NOT NULL,
    to_state   text NOT NULL CHECK (to_state <> ''),
    reason     text NOT NULL DEFAULT '',
    PRIMARY KEY (number_id, id)
);

-- +goose Down
DROP TABLE number_events;
