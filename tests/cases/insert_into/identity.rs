migration "0001_rows" {
    create table plans { id: int generated always as identity primary key, code: text unique }
    insert into plans (id, code) values (1, "free"), (2, "pro");
}
migration "0002_more" {
    insert into plans (id, code) values (5000, "team");
}
