-- +goose Up
CREATE TYPE number_state AS ENUM ('available', 'reserved', 'assigned', 'cooling', 'held', 'blocked', 'foreign');

CREATE DOMAIN directory_digits AS text COLLATE "C" CHECK (VALUE ~ '^\+?[0-9]{1,23}$');

-- What each state means, as columns. A function and not an expression in the CHECK:
-- PostgreSQL reads the tree of an expression anew for every statement, which made
-- up a third of the price of a reservation; a function is read once per session.
-- +goose StatementBegin
CREATE FUNCTION number_is_sound(
    state number_state, turn timestamptz, until timestamptz, order_id text, user_id text, user_key text,
    prior_state number_state, prior_until timestamptz
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (user_id = '') = (user_key = '')
        AND (turn IS NOT NULL) = (state = 'available')
        AND (until IS NOT NULL) = (state IN ('cooling', 'held'))
        AND (prior_state IS NOT NULL) = (state = 'reserved')
        AND (prior_until IS NOT NULL) = coalesce(prior_state IN ('cooling', 'held'), false)
        AND CASE state
            WHEN 'reserved' THEN order_id <> '' AND user_id <> '' AND prior_state IN ('available', 'cooling', 'held')
            WHEN 'assigned' THEN user_id <> '' -- and the order that assigned it, when there was one
            WHEN 'held' THEN order_id = '' AND user_id <> ''
            WHEN 'cooling' THEN order_id = '' -- and the person who had it last
            ELSE order_id = '' AND user_id = '' END;
END $$;
-- +goose StatementEnd

CREATE TABLE numbers (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_processor text COLLATE "C" NOT NULL,
    partition      text COLLATE "C" NOT NULL,
    digits         directory_digits NOT NULL,
    e164           text COLLATE "C" NOT NULL DEFAULT '',
    pool           text COLLATE "C" NOT NULL,
    state          number_state NOT NULL,
    user_id        text COLLATE "C" NOT NULL DEFAULT '', -- as it was written
    user_key       text COLLATE "C" NOT NULL DEFAULT '', -- lower case, as it is compared
    order_id       text COLLATE "C" NOT NULL DEFAULT '',
    until          timestamptz,
    reason         text NOT NULL DEFAULT '',
    changed_at     timestamptz NOT NULL DEFAULT now(),
    released_at    timestamptz, -- when a person last gave it back; null = never used
    -- The place among the available numbers: smaller is taken first, digits decide
    -- among equals. Of a lowest pool always -infinity; of a longest_idle pool when
    -- it was released. Null = not available.
    turn           timestamptz,
    -- What a reserved number was before, for the undo.
    prior_state    number_state,
    prior_until    timestamptz,
    prior_user_id  text COLLATE "C" NOT NULL DEFAULT '',
    prior_user_key text COLLATE "C" NOT NULL DEFAULT '',
    prior_reason   text NOT NULL DEFAULT '',

    CONSTRAINT numbers_identity UNIQUE (digits, partition, call_processor),
    CONSTRAINT numbers_in_pool FOREIGN KEY (pool, call_processor, partition)
        REFERENCES number_pools (name, call_processor, partition),
    CONSTRAINT numbers_sound
        CHECK (number_is_sound(state, turn, until, order_id, user_id, user_key, prior_state, prior_until))
) WITH (
    fillfactor = 80,
    -- Numbers are taken at one end of an index: entries of taken ones lie in the way
    -- until a vacuum, so it comes after a thousand and not after a fifth of the table.
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
);

-- No index mentions the state, in a key or in a predicate: publishing changes
-- nothing that is indexed, so it writes no index entry.
CREATE UNIQUE INDEX numbers_one_per_order ON numbers (order_id) WHERE order_id <> '';
CREATE INDEX numbers_eligible ON numbers (pool, turn, length(digits), digits) WHERE turn IS NOT NULL;
CREATE INDEX numbers_until ON numbers (pool, until) WHERE until IS NOT NULL;
CREATE INDEX numbers_of_user ON numbers (user_key) WHERE user_key <> '';

-- +goose Down
DROP TABLE numbers;
DROP FUNCTION number_is_sound;
DROP DOMAIN directory_digits;
DROP TYPE number_state;
