insert into players (id, nick) values (1, 'anna'), (2, 'berta');
insert into seasons (id, title, during) values (1, 'First', '[2026-01-01,2026-07-01)');
insert into ladder (season_id, player_id, rating) values (1, 1, 1500), (1, 2, 900);
insert into shop_items (sku, price, title) values ('hat', 5, 'A hat');
alter table players alter id restart with 100;
