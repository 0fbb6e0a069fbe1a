// needs PostgreSQL 15
postgres = 15,
migration "0001_tables" {
    create table stock { product: text primary key, amount: int }
    create table delivered { product: text primary key, amount: int }
}
migration "0002_rows" {
    insert into stock (product, amount) values ("tea", 3), ("salt", 1);
    insert into delivered (product, amount) values ("tea", 4), ("oil", 2);
}
migration "0003_merged" {
    #[allow(unbatched_update, reason = "there are few")]
    merge into stock as s using delivered as d on d.product = s.product
        when matched and d.amount > 100 then delete
        when matched then update set amount = s.amount + d.amount
        when not matched then insert (product, amount) values (d.product, d.amount)
        irreversible "the old amounts are gone";
}
