-- +goose Up
CREATE TABLE numbers (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_processor text COLLATE "C" NOT NULL,
    partition      text COLLATE "C" NOT NULL,
    digits         text COLLATE "C" NOT NULL CHECK (digits ~ '^\+?[0-9]{1,23}$'),
    e164           text COLLATE "C" NOT NULL DEFAULT '',
    pool           text COLLATE "C" NOT NULL,
    state          text COLLATE "C" NOT NULL
                   CHECK (state IN ('available', 'reserved', 'assigned', 'cooling', 'held', 'blocked', 'foreign')),
    user_id        text COLLATE "C" NOT NULL DEFAULT '', -- as it was written
    user_key       text COLLATE "C" NOT NULL DEFAULT '', -- lower case, as it is compared
    order_id       text COLLATE "C" NOT NULL DEFAULT '',
    until          timestamptz,
    reason         text NOT NULL DEFAULT '',
    changed_at     timestamptz NOT NULL DEFAULT now(),
    released_at    timestamptz,                       -- when a person last gave it back; null = never used
    -- The place among the available numbers: smaller is taken first, digits decide
    -- among equals. Of a lowest pool always -infinity; of a longest_idle pool when
    -- it was released. Null = not available.
    turn           timestamptz,
    -- What a reserved number was before, for the undo.
    prior_state    text COLLATE "C" NOT NULL DEFAULT '' CHECK (prior_state IN ('', 'available', 'cooling', 'held')),
    prior_until    timestamptz,
    prior_user_id  text COLLATE "C" NOT NULL DEFAULT '',
    prior_user_key text COLLATE "C" NOT NULL DEFAULT '',
    prior_reason   text NOT NULL DEFAULT '',

    CONSTRAINT numbers_identity UNIQUE (digits, partition, call_processor),
    CONSTRAINT numbers_in_pool FOREIGN KEY (pool, call_processor, partition)
        REFERENCES number_pools (name, call_processor, partition),
    CONSTRAINT numbers_turn CHECK ((turn IS NOT NULL) = (state = 'available')),
    CONSTRAINT numbers_until CHECK ((until IS NOT NULL) = (state IN ('cooling', 'held'))),
    CONSTRAINT numbers_order CHECK (CASE state WHEN 'reserved' THEN order_id <> ''
                                               WHEN 'assigned' THEN true ELSE order_id = '' END),
    CONSTRAINT numbers_user CHECK (CASE WHEN state IN ('reserved', 'assigned', 'held') THEN user_id <> ''
                                        WHEN state = 'cooling' THEN true ELSE user_id = '' END),
    CONSTRAINT numbers_user_key CHECK ((user_id = '') = (user_key = '')),
    CONSTRAINT numbers_prior CHECK ((prior_state <> '') = (state = 'reserved')),
    CONSTRAINT numbers_prior_until CHECK ((prior_until IS NOT NULL) = (prior_state IN ('cooling', 'held')))
) WITH (fillfactor = 80);

-- No index mentions the state, in a key or in a predicate: publishing changes
-- nothing that is indexed, so it writes no index entry.
CREATE UNIQUE INDEX numbers_one_per_order ON numbers (order_id) WHERE order_id <> '';
CREATE INDEX numbers_eligible ON numbers (pool, turn, length(digits), digits) WHERE turn IS NOT NULL;
CREATE INDEX numbers_until ON numbers (pool, until) WHERE until IS NOT NULL;
CREATE INDEX numbers_of_user ON numbers (user_key) WHERE user_key <> '';

-- +goose Down
DROP TABLE numbers;
