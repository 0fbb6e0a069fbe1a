insert into farms (name, owner) values ('Hill', 'Ann');
insert into fields (id, farm_id, name, area) values (1, 1, 'North', 5);
insert into animals (id, tag, farm_id, species, born) values (1, 'DE1234', 1, 'sheep', '2024-01-01');
insert into plantings (field_id, crop) values (1, 'rye');
insert into stock.lots (product, grams, best_before, warehouse) values ('flour', 1000, '2026-05-05', 'A001');
alter table animals alter id restart with 100;
