migration "0001_types" {
    create schema app;
    create type app.point3 { x: int, y: int, z: int }
    create function app.compare(app.point3, app.point3) returns int language sql immutable strict
        as "select ($1).x - ($2).x";
    create function app.below(app.point3, app.point3) returns boolean language sql immutable strict
        as "select ($1).x < ($2).x";
    create function app.above(app.point3, app.point3) returns boolean language sql immutable strict
        as "select ($1).x > ($2).x";
    create operator app.<<< { function: app.below, leftarg: app.point3, rightarg: app.point3 }
    create operator app.>>> { function: app.above, leftarg: app.point3, rightarg: app.point3, commutator: app.<<< }
}
migration "0002_classes" {
    create operator class app.by_x for type app.point3 using btree {
        operator 1 app.<<<,
        operator 5 operator(app.>>>),
        function 1 app.compare(app.point3, app.point3),
    }
}
