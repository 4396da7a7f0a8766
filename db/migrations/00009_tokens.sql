-- +goose Up
CREATE TABLE tokens (
    name       text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    role       text NOT NULL CHECK (role IN ('hr', 'admin', 'viewer')),
    hash       bytea NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256; the secret itself is not stored
    created_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE tokens;
