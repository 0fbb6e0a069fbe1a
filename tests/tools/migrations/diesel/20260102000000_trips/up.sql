CREATE TABLE trips (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    title text NOT NULL DEFAULT 'untitled'
);

CREATE INDEX trips_user_id_idx ON trips (user_id);
