insert into depots (id, code, name, place) values (1, 'BER', 'Berlin', row('a', '10115', 'DE')), (2, 'HAM', 'Hamburg', row('b', '20095', 'DE'));
insert into fleet.vehicles (id, plate, kind, capacity, home, bought) values (1, 'B-1', 'van', 900, 1, '2020-01-01');
insert into fleet.drivers (id, name, hired) values (1, 'Ann', '2020-01-01');
insert into customers (id, name, place) values (1, 'C', row('a', '10115', 'DE'));
insert into parcels (id, code, customer_id, origin, target, made_at) values (1, 'AB123456', 1, 1, 2, '2026-05-05');
insert into tours (id, vehicle_id, driver_id, day) values (1, 1, 1, '2026-05-05');
alter table parcels alter id restart with 100;
