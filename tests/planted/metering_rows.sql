insert into accounts (id, slug, title, billing_email) values ('00000000-0000-0000-0000-000000000001', 'a', 'A', 'a@b.c');
insert into plans (code) values ('basic');
insert into meters (id, name, unit) values (1, 'calls', 'call');
insert into invoices (id, account_id, issued_on, due_on, gross) values (1, '00000000-0000-0000-0000-000000000001', '2026-01-01', '2026-02-01', 10);
insert into invoice_lines (invoice_id, position, description, unit_price) values (1, 1, 'calls', 2);
insert into meter.events (at, account_id, meter_id, amount) values ('2026-01-02', '00000000-0000-0000-0000-000000000001', 1, 5);
