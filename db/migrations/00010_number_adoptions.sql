-- +goose Up
-- An order whose person already had a number of the pool uses that one; the order
-- never owns it, so its undo leaves it alone.
CREATE TABLE number_adoptions (
    order_id  text COLLATE "C" PRIMARY KEY CHECK (order_id <> ''),
    number_id bigint NOT NULL REFERENCES numbers,
    user_key  text COLLATE "C" NOT NULL CHECK (user_key <> '')
);

-- +goose Down
DROP TABLE number_adoptions;
