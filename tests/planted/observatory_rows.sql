insert into telescopes (id, name, mirror, since) values (1, 'Big', 4.2, '2000-01-01');
insert into sky.stars (id, code, at, mag, ra, dec) values (1, 'HD-1', row(1, 2), 5, 1, 2);
insert into nights (night, dusk, dawn) values ('2026-01-01', '2026-01-01 20:00Z', '2026-01-02 04:00Z');
insert into runs (telescope_id, star_id, night, slot) values (1, 1, '2026-01-01', '[2026-01-01 21:00Z,2026-01-01 22:00Z)');
insert into frames (run_id, number, taken, level) select min(id), 1, now(), 5 from runs having min(id) % 1 = 0 and false;
insert into observers (login, pass) values ('ann', 'x');
insert into sky.notes (star_id, observer_id, body) select 1, min(id), 'seen' from observers;
