-- +goose Up
CREATE TABLE ldap_syncs (
    call_processor text COLLATE "C" NOT NULL,
    agreement      text COLLATE "C" NOT NULL,
    started_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    PRIMARY KEY (call_processor, agreement)
);

-- +goose Down
DROP TABLE ldap_syncs;
