insert into holders (id, name, mail, born) values (1, 'Ann', 'a@b.c', '1980-01-01');
insert into agents (id, name, region) values (1, 'Bob', 'DE'), (2, 'Cid', 'FR');
insert into policies (number, holder_id, agent_id, kind, valid, base) values ('AB-123456', 1, 1, 'full', '[2026-01-01,2027-01-01)', 100);
insert into claims (id, policy, happened, amount) values (1, 'AB-123456', now(), 500);
alter table holders alter id restart with 100;
