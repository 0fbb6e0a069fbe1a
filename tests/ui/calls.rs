fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table orders { id: bigint primary key, closed: boolean = false }
        create procedure close(id: bigint) language sql as "update orders set closed = true where orders.id = $1";
        create procedure close_all() language plpgsql as "begin update orders set closed = true; commit; end";
        create function closed() returns bigint language sql as "select count(*) from orders where closed";
    }
    migration "0002_calls" {
        call close(1);
        call close("one") irreversible "demo";
        call close() irreversible "demo";
        call closes(1) irreversible "demo";
        call closed() irreversible "demo";
        call close_all() irreversible "demo";
        call close + 1 irreversible "demo";
        call close(id => 1) outside irreversible "demo";
    }
    };
}
