fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum state { waiting, sent }
        create type address { street: text, zip: text }
        create table orders {
            id: bigint generated always as identity primary key,
            customer: text,
            state: state = waiting,
            total: numeric = 0,
            doubled: numeric generated always as (total * 2) stored,
            home: address?,
            tags: text[]?,
        }
        create view waiting as select o.id, o.customer, o.total, o.total * 2 as twice from orders as o where o.state = waiting;
        create view cheap as select w.customer, w.twice from waiting as w where w.total < 10;
        create view customers as select o.customer, count(*) as count from orders as o group by o.customer;
        create view pairs as select a.id, b.customer from orders as a, orders as b;
        create view totals as select o.id, o.total from orders as o;
        create materialized view kept as select o.id from orders as o;
        create sequence numbers;
    }
    migration "0002_views" {
        insert into cheap (customer, twice) values ("ada", 4) irreversible "demo";
        insert into customers (customer) values ("ada") irreversible "demo";
        #[allow(unbatched_update, reason = "demo")]
        update pairs set customer = "ada" irreversible "demo";
        #[allow(unbatched_update, reason = "demo")]
        delete from customers irreversible "demo";
        insert into totals (total) values (4) irreversible "demo";
        insert into kept (id) values (1) irreversible "demo";
        insert into numbers (last_value) values (1) irreversible "demo";
        insert into waiting values (1, "ada", 3, 6) irreversible "demo";
        insert into waiting (customer, prize) values ("ada", 3) irreversible "demo";
    }
    migration "0003_columns" {
        update orders set id = 5 where id = 4 irreversible "demo";
        insert into orders (customer, doubled) select "ada", 4 irreversible "demo";
        insert into orders values (1, "ada", lost) irreversible "demo";
        insert into orders (customer, state) select "ada", send irreversible "demo";
        insert into orders (customer, state) select "ada", "lost" irreversible "demo";
        insert into orders (customer, home.city) values ("ada", "Paris") irreversible "demo";
        insert into orders (customer, total[1]) values ("ada", 5) irreversible "demo";
        #[allow(unbatched_update, reason = "demo")]
        update orders set customer.name = "x" irreversible "demo";
        create function add_order(id: bigint) returns void language sql as "insert into orders (id, customer) values ($1, 'ada')";
        create function change_order() returns trigger language plpgsql
            as "begin update orders set id = new.id; insert into orders (doubled) values (1); return new; end";
    }
    migration "0004_checked" {
        create view counted as select count(*) as count from orders with check option;
        create view computed with (check_option = local) as select o.total * 2 as twice from orders as o;
        alter view customers set (check_option = cascaded);
    }
    };
}
