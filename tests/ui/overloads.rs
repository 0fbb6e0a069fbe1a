fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_functions" {
        create sequence invoice_numbers;
        create enum order_state { open, sent }
        create domain label as text not null;
        create function note_of(a: text, b: text) returns text language sql immutable as "select a || b";
        create function note_of(a: text, b: text, c: text = "") returns text language sql immutable as "select a || b || c";
        create procedure restock(product: bigint, amount: integer = 1) language sql as "select 1";
        create procedure restock(product: bigint, amount: integer, reason: text = "") language sql as "select 1";
        create table orders { id: bigint primary key, note: text?, label: label = "x", state: order_state = open }
    }
    migration "0002_ambiguous" {
        alter table orders { add check (note_of(note, "x") <> "") }
        create view notes as select note_of(note, label, "") as a, note_of(note, note) as b from orders;
        create function fill() returns void language sql as "call restock(1, 2)";
        create procedure refill() language plpgsql as "begin call restock(1, 2, 3); end";
    }
    migration "0003_texts" {
        create table invoices {
            id: bigint = nextval("invoice_nmbers") primary key, number: bigint = nextval("invoice_numbers"), of: regclass = "ordrs",
            kind: regtype = "order_stat", by: regproc = "note_of", done: regprocedure = "restock(text)",
        }
    }
    migration "0004_places" {
        alter table orders { add check (id like "1%"), add check (id::date is null), add check (coalesce(note, id) is null) }
        update orders set label = null where id = 1 irreversible "a test";
        update orders set (note, state) = row("a", null) where id = 1 irreversible "a test";
    }
    };
}
