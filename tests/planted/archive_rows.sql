insert into readers (id, name, card) values (1, 'Ann', 'A0000001');
insert into works (id, title) values (1, 'The Sea');
insert into stacks.items (mark, work_id) values ('AB 1', 1);
insert into loans (reader_id, mark, lent, due) values (1, 'AB 1', '2026-01-01', '2026-02-01');
alter table works alter id restart with 100;
alter table loans alter id restart with 100;
alter table readers alter id restart with 100;
