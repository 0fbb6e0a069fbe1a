fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table bookings { id: bigint primary key, total: numeric }
    }
    migration "0002_steps" {
        create function a() returns void language plpgsql as "begin exit; end";
        create function b() returns void language plpgsql as "begin for i in 1..3 loop exit outr when i = 2; end loop; end";
        create function c() returns void language plpgsql as "<<all_of>> begin loop continue all_of; end loop; end";
        create function d() returns void language plpgsql as "declare rate constant numeric := 0.19; begin rate := 0.2; end";
        create function e() returns void language plpgsql as "declare rate numeric not null; begin rate := 0.2; end";
        create function f() returns void language plpgsql as "declare rate numeric; rate text; begin rate := 0.2; end";
        create function g() returns void language plpgsql as "declare n integer; begin get diagnostics n = row_cuont; end";
        create function h() returns void language plpgsql as "begin raise exception 'no' using errcod = '22012'; end";
    }
    migration "0003_cursors" {
        create function i() returns void language plpgsql as r#"
            declare
                found_rows cursor (least numeric) for select id from bookings where total > least;
            begin
                open found_rows;
            end
        "#;
        create function j() returns void language plpgsql as r#"
            declare
                found_rows cursor for select id from bookings;
            begin
                open found_rows for select 1;
            end
        "#;
        create function k() returns void language plpgsql as r#"
            declare
                found_rows cursor for select id from bookings;
            begin
                for one in found_rows loop
                    raise notice '%', one.total;
                end loop;
            end
        "#;
    }
    };
}
