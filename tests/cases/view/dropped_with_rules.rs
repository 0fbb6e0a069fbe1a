migration "0001_tables" {
    create table seats { id: bigint primary key, row_letter: text, marks: bit(4) = b"0101" }
    create table sold { id: bigint primary key, row_letter: text, marks: varbit(8)? }
    create function keep() returns trigger language plpgsql as "begin return new; end";
    /// What is left.
    create view free as
        select k.id, s.row_letter, s.marks & b"0001" as marks from seats as s join sold as t using (id) as k where s.marks <> b"0000";
    insert into seats (id, row_letter) values (1, "A");
    insert into sold (id, row_letter, marks) values (1, "A", b"11");
}
migration "0002_rules" {
    create trigger keep_free instead of update on free for each row execute function keep();
    /// Nothing is freed.
    create rule stays as on delete to free where old.row_letter <> "" do instead nothing;
    create rule stays_always as on delete to free do instead nothing;
}
migration "0003_dropped" {
    drop view free;
}
