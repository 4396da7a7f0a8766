-- +goose Up
-- The guard against mass changes. A row here is what the orders of one kind in one
-- domain queue at: who has it locked counts and decides alone.
CREATE TABLE guards (
    domain text COLLATE "C" NOT NULL CHECK (domain <> ''),
    kind   text COLLATE "C" NOT NULL CHECK (kind IN ('leaver', 'release', 'move')),
    PRIMARY KEY (domain, kind)
);

-- Orders that would have exceeded a limit, until somebody decides about all of them.
CREATE TABLE guard_holds (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'rejected')),
    passed     int NOT NULL,    -- orders that had passed in the window when it was opened
    allowed    int NOT NULL,    -- the limit then
    in_window  bigint NOT NULL, -- the window then, nanoseconds
    opened_at  timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    decided_by text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '', -- of the decision
    FOREIGN KEY (domain, kind) REFERENCES guards,
    CHECK ((decided_at IS NOT NULL) = (state <> 'open')),
    CHECK ((decided_by <> '') = (state <> 'open'))
);

CREATE UNIQUE INDEX guard_holds_one_open ON guard_holds (domain, kind) WHERE state = 'open';

CREATE TABLE guard_orders (
    order_id  text COLLATE "C" NOT NULL REFERENCES orders,
    kind      text COLLATE "C" NOT NULL,
    domain    text COLLATE "C" NOT NULL,
    batch     int NOT NULL CHECK (batch > 0), -- how many orders came together with it, itself included
    hold_id   bigint REFERENCES guard_holds,  -- null = it was never held
    passed_at timestamptz,                    -- null = it did not pass (yet)
    PRIMARY KEY (order_id, kind),
    FOREIGN KEY (domain, kind) REFERENCES guards,
    CHECK (hold_id IS NOT NULL OR passed_at IS NOT NULL)
);

-- What counts within the window: whatever an approval let pass does not.
CREATE INDEX guard_orders_window ON guard_orders (domain, kind, passed_at) WHERE hold_id IS NULL;
CREATE INDEX guard_orders_held ON guard_orders (hold_id) WHERE hold_id IS NOT NULL;

-- +goose Down
DROP TABLE guard_orders;
DROP TABLE guard_holds;
DROP TABLE guards;
