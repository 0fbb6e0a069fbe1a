fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create type point3 { x: int, y: int, z: int }
        create function height_of(p: point3) returns int language sql immutable as "select (p).z";
        create function name_of(p: point3) returns text language sql immutable as "select ''";
        create cast (point3 as int) with function height_of(point3);
    }
    migration "0002_mistakes" {
        create cast (point3 as bigints) with function height_of(point3);
        create cast (point3 as bigint) with function heights_of(point3);
        create cast (point3 as bigint) with function name_of(point3);
        create cast (point3 as bigint) with function height_of(int);
        create cast (point3 as bigint) with function length_of(point3, text);
        create cast (point3 as bigint) with function length_of();
        create cast (point3 as xml) without function;
        create cast (int[] as text) without function;
        create cast (point3 as point3) without function;
        create cast (point3 as int) with inout;
        drop cast (point3 as text);
        drop function height_of(point3);
    }
    migration "0009_syntax" {
        create cast (point3 as text) by name_of;
        create cast point3 as text with inout;
        create or replace cast (point3 as int) with inout;
        alter cast (point3 as int) rename to height;
    }
    };
}
