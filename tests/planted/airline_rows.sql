insert into airports (code, name, city, country) values ('FRA', 'Main', 'Frankfurt', 'DE'), ('LIS', 'Lisboa', 'Lisbon', 'PT');
insert into planes (tail, model, seats, bought) values ('D-AAAA', 'A320', 180, '2015-01-01');
insert into routes (origin, target, distance) values ('FRA', 'LIS', 1870);
insert into ops.legs (route_id, tail, departs, arrives) select id, 'D-AAAA', '2026-05-01 08:00Z', '2026-05-01 11:00Z' from routes;
insert into passengers (name, mail, born) values ('Ann', 'a@b.c', '1990-01-01');
insert into bookings (pnr, passenger_id, total) select 'ABCDEF', id, 100 from passengers;
insert into coupons (pnr, number, leg_id, price, seat) select 'ABCDEF', 1, id, 100, '1A' from ops.legs;
