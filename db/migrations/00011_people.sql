-- +goose Up
-- What a person has, as the last order of the person that was done left it.
CREATE TABLE people (
    user_key     text COLLATE "C" PRIMARY KEY CHECK (user_key <> ''), -- lower case, as it is compared
    user_id      text NOT NULL CHECK (user_id <> ''),                 -- as the call processor spells it
    employee_id  text COLLATE "C" NOT NULL DEFAULT '',                -- stable through renames; '' = unknown
    domain       text COLLATE "C" NOT NULL,
    service_area text COLLATE "C" NOT NULL,
    state        text NOT NULL CHECK (state IN ('active', 'leaving', 'left')),
    joiner       jsonb NOT NULL, -- who the person is and what was asked for, changes included
    services     jsonb,          -- what the person has; null = nothing was made
    order_id     text NOT NULL,  -- the order that wrote this last
    updated_at   timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX people_one_per_employee ON people (employee_id) WHERE employee_id <> '' AND state <> 'left';
CREATE INDEX people_of_domain ON people (domain, state);

-- +goose Down
DROP TABLE people;
