migration "0001_types" {
    create type point3 { x: int, y: int, z: int }
    create function height(p: point3) returns int language sql immutable as "select (p).z";
    create function at_height(z: bigint) returns point3 language sql immutable as "select 0, 0, z::int";
    create table points { id: bigint primary key, at: point3 }
    insert into points (id, at) values (1, "(1,2,3)");
}
migration "0002_casts" {
    /// How high it is.
    create cast (point3 as int) with function height(point3) as assignment;
    create cast (bigint as point3) with function at_height(bigint);
    create cast (point3 as jsonb) with inout;
    create view heights as select p.id, p.at::int as height from points as p;
}
migration "0003_changed" {
    alter type point3 rename to place;
    comment on cast (place as int) is null;
    alter function height(place) rename to height_of;
}
migration "0004_dropped" {
    drop view heights;
    drop cast (place as int);
    drop cast (place as jsonb);
}
