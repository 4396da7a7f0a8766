-- +goose Up
CREATE TABLE domains (
    name text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    spec jsonb NOT NULL
);

CREATE TABLE templates (
    name text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    spec jsonb NOT NULL
);

CREATE TABLE service_areas (
    name     text COLLATE "C" PRIMARY KEY CHECK (name <> ''),
    domain   text COLLATE "C" NOT NULL REFERENCES domains,
    pool     text COLLATE "C" NOT NULL REFERENCES number_pools,
    template text COLLATE "C" NOT NULL REFERENCES templates,
    spec     jsonb NOT NULL
);

-- +goose Down
DROP TABLE service_areas;
DROP TABLE templates;
DROP TABLE domains;
