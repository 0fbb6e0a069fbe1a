migration "0001_rows" {
    create table plans { code: text primary key, price: int }
    insert into plans (code, price) values ("free", 0), ("pro", 9);
}
migration "0002_delete" {
    delete from plans where code = "pro" down { insert into plans (code, price) values ("pro", 9); }
}
