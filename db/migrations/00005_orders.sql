-- +goose Up
CREATE TABLE orders (
    id              text COLLATE "C" PRIMARY KEY CHECK (id <> ''),
    kind            text NOT NULL CHECK (kind <> ''),
    state           text NOT NULL
                    CHECK (state IN ('scheduled', 'running', 'waiting', 'done', 'failed', 'cancelled')),
    outcome         text NOT NULL DEFAULT '',
    user_id         text NOT NULL CHECK (user_id <> ''),
    user_key        text COLLATE "C" NOT NULL CHECK (user_key <> ''), -- lower case, as it is compared
    service_area    text COLLATE "C" NOT NULL,
    call_processor  text NOT NULL DEFAULT '',
    number          text NOT NULL DEFAULT '',
    e164            text NOT NULL DEFAULT '',
    device_profile  text NOT NULL DEFAULT '',
    failure_kind    text NOT NULL DEFAULT '',
    detail          text NOT NULL DEFAULT '',
    waiting_step    text NOT NULL DEFAULT '',
    start_at        timestamptz,
    created_by      text COLLATE "C" NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz, -- when its workflow was known to run; null = not yet confirmed
    ended_at        timestamptz,
    idempotency_key text COLLATE "C" NOT NULL DEFAULT '',
    fingerprint     text NOT NULL DEFAULT '',
    joiner          jsonb,
    CONSTRAINT orders_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled')))
);

CREATE UNIQUE INDEX orders_one_open_per_user ON orders (user_key)
    WHERE state IN ('scheduled', 'running', 'waiting');
CREATE UNIQUE INDEX orders_idempotency ON orders (created_by, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
CREATE INDEX orders_of_user ON orders (user_key, created_at DESC, id DESC);
CREATE INDEX orders_waiting ON orders (failure_kind, created_at) WHERE state = 'waiting';
CREATE INDEX orders_unstarted ON orders (created_at)
    WHERE started_at IS NULL AND state IN ('scheduled', 'running', 'waiting');

-- +goose Down
DROP TABLE orders;
