insert into customers (id, name, email) values (1, 'a', 'a@b.c');
insert into products (id, sku, title, price) values (1, 'A-1', 'a', 1);
insert into orders (id, customer_id, placed_on) values (1, 1, '2026-01-01');
