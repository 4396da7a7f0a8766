-- +goose Up
CREATE TABLE number_pools (
    name           text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    call_processor text COLLATE "C" NOT NULL CHECK (call_processor <> ''),
    partition      text COLLATE "C" NOT NULL CHECK (partition <> ''),
    policy         text NOT NULL CHECK (policy IN ('lowest', 'longest_idle')),
    retention      bigint NOT NULL CHECK (retention >= 0), -- nanoseconds
    e164_mask      text NOT NULL,
    -- What numbers refer to, so that a number always stands where its pool does.
    UNIQUE (name, call_processor, partition)
);

-- +goose Down
DROP TABLE number_pools;
