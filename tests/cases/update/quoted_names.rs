migration "0001_tables" {
    create table "Order Items" { id: bigint primary key, "unit price": int }
    create table totals { id: bigint primary key, price: int }
    insert into "Order Items" (id, "unit price") values (1, 7);
    insert into totals (id, price) values (1, 0);
}
migration "0002_update" {
    update totals set price = (select max("Order Items"."unit price") as "Highest" from "Order Items") where id = 1
        down { update totals set price = 0 where id = 1; }
    update totals set price = price + 1
        where id = 1 and exists (select 1 from totals as t, public."Order Items" as item where item."unit price" > 1)
        down { }
    update "Order Items" set "unit price" = "Order Items"."unit price" + 1 where "Order Items".id = 1 down { }
}
