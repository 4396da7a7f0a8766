-- +goose Up
-- What a person owns: a call processor does not report that an owner is gone, or has
-- another name.
CREATE INDEX estate_by_owner ON estate (call_processor, (attributes->>'ownerUuid')) WHERE attributes ? 'ownerUuid';

-- +goose Down
DROP INDEX estate_by_owner;
