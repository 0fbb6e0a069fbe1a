fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum status { draft, paid }
        create table bookings { id: bigint primary key, total: numeric, status: status, changed_at: timestamptz = now() }
        create function paid() returns numeric language sql stable as "select sum(total) from bookings where status = 'paid'";
        create function touch() returns trigger language plpgsql as r#"
            begin
                new.changed_at := now();
                return new;
            end
        "#;
        create trigger touched before update on bookings for each row execute function touch();
    }
    migration "0002_sql" {
        create function a() returns bigint language sql as "select max(id) from bokings";
        create function b() returns bigint language sql as "select idd from bookings";
        create function c() returns bigint language sql as "select id from bookings where status = paid";
        create function d() returns bigint language sql as "select id, total from bookings";
        create function e() returns date language sql as "select total from bookings";
        create function f() returns bigint language sql as "select id form bookings";
        create function g() returns bigint language sql as "select id from bookings where total > 'much'";
    }
    migration "0003_plpgsql" {
        create function h(number: bigint) returns bigint language plpgsql as r#"
            declare
                amount bookings.totl%type;
                one bookings%rowtype;
            begin
                select * into one from bookings where id = nmber;
                if one.totl > 1 then
                    amont := 1;
                end if;
                return uper(one.id);
            end
        "#;
        create function i() returns bigint language plpgsql as r#"
            begin
                if true then
                    return 1;
            end
        "#;
        create function j() returns trigger language plpgsql as "begin new.totl := 1; return new; end";
        create trigger j before update on bookings for each row execute function j();
    }
    migration "0004_gone" {
        #[allow(drops_data, reason = "demo")]
        alter table bookings { drop changed_at, rename total to amount }
        alter enum status rename paid to settled;
    }
    };
}
