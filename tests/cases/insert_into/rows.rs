migration "0001_rows" {
    create enum level { low, high }
    create table plans { code: text primary key, price: numeric(8, 2), level: level = low, options: jsonb = {}, tags: text[] = [] }
    insert into plans (code, price, level) values ("free", 0, low), ("pro", 9.5, high);
}
migration "0002_more" {
    insert into plans (code, price, level, options, tags) values ("team", 20, default, { "seats": 5 }, ["a", "b'c"]);
}
