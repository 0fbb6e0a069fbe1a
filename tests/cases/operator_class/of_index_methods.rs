migration "0001_types" {
    create schema app;
    create type point3 { x: int, y: int, z: int }
    create function app.compare(point3, point3) returns int language sql immutable strict
        as "select ($1).x - ($2).x";
    create function below(point3, point3) returns boolean language sql immutable strict as "select ($1).x < ($2).x";
    create function below_or(point3, point3) returns boolean language sql immutable strict as "select ($1).x <= ($2).x";
    create function equal(point3, point3) returns boolean language sql immutable strict as "select ($1).x = ($2).x";
    create function above_or(point3, point3) returns boolean language sql immutable strict as "select ($1).x >= ($2).x";
    create function above(point3, point3) returns boolean language sql immutable strict as "select ($1).x > ($2).x";
    create function below_number(point3, int) returns boolean language sql immutable strict as "select ($1).x < $2";
    create operator <<< { function: below, leftarg: point3, rightarg: point3 }
    create operator <<= { function: below_or, leftarg: point3, rightarg: point3 }
    create operator === { function: equal, leftarg: point3, rightarg: point3 }
    create operator >>= { function: above_or, leftarg: point3, rightarg: point3 }
    create operator >>> { function: above, leftarg: point3, rightarg: point3 }
    create operator <<< { function: below_number, leftarg: point3, rightarg: int }
    create table places { id: bigint primary key, at: point3, name: text, number: int, tags: int[] }
}
migration "0002_classes" {
    /// How points are sorted.
    create operator class by_x for type point3 using btree {
        operator 1 <<<,
        operator 2 <<=,
        operator 3 ===,
        operator 4 >>=,
        operator 5 >>>,
        operator 1 <<< (point3, int),
        function 1 app.compare(point3, point3),
    }
    create operator class backwards for type text using btree { operator 3 =, function 1 bttextcmp(text, text) }
    create operator class app.some_ints for type int[] using gin {
        operator 3 && (anyarray, anyarray),
        operator 6 = (anyarray, anyarray),
        function 1 btint4cmp(int, int),
        function 2 ginarrayextract(anyarray, internal, internal),
        function 3 ginqueryarrayextract(anyarray, internal, int2, internal, internal, internal, internal),
        function 4 ginarrayconsistent(internal, int2, anyarray, int, internal, internal, internal, internal),
        storage int,
    }
    create operator class hashed default for type point3 using hash { operator 1 === }
    create index on places (at by_x);
    create index on places (name backwards, number);
    create index on places using gin (tags app.some_ints);
}
migration "0003_renamed" {
    alter operator class by_x using btree { rename to along_x, set schema app }
    alter operator family by_x using btree rename to of_points;
    comment on operator class app.along_x using btree is null;
    comment on operator family of_points using btree is "All of them.";
    alter type point3 rename to spot;
    alter function app.compare rename to compared;
}
migration "0004_dropped" {
    drop index places_at_idx;
    drop operator class app.along_x using btree;
    drop operator family of_points using btree;
}
