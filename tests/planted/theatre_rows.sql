insert into venues (name, city, capacity) values ('Globe', 'London', 900);
insert into halls (id, venue_id, name) values (1, (select min(id) from venues), 'Main');
insert into plays (title) values ('Faust');
insert into people (id, name) values (1, 'Ann');
insert into shows (play_id, hall_id, starts, during, capacity) select min(p.id), 1, '2026-05-01', '[2026-05-01,2026-05-02)', 100 from plays p;
insert into customers (mail, name) values ('a@b.c', 'Bob');
insert into tickets (show_id, seat, class, price) select min(id), row('A', 1)::seat, 'stalls', 20 from shows;
insert into days (day) values ('2026-01-01');
