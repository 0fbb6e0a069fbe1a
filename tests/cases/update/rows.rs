migration "0001_rows" {
    create table plans { code: text primary key, price: int }
    insert into plans (code, price) values ("free", 0), ("pro", 9);
}
migration "0002_update" {
    update plans set price = price + 1 where code = "pro" down { update plans set price = price - 1 where code = "pro"; }
}
