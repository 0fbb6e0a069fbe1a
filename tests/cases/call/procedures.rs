migration "0001_procedures" {
    create table orders { id: bigint primary key, total: numeric = 0, month: date = "2026-01-01", closed: boolean = false }
    create schema accounts;
    create procedure close_month(month: date, at_least: numeric = 0) language plpgsql
        as "begin update orders set closed = true where orders.month = $1 and orders.total >= $2; end";
    create procedure accounts.close_all() language plpgsql
        as "declare found bigint; begin for found in select id from orders loop update orders set closed = true where id = found; commit; end loop; end";
}
migration "0002_rows" {
    insert into orders (id, total) values (1, 10), (2, 20);
    call close_month("2026-01-01", at_least => 15) irreversible "the months stay closed";
}
migration "0003_outside" {
    call accounts.close_all() outside transaction irreversible "the orders stay closed";
}
