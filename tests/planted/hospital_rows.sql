insert into wards (id, code, title, floor) values (1, 'ICU1', 'ICU', 2);
insert into staff.people (given, family, born) values ('A', 'B', '1980-01-01');
insert into patients (id, given, family, born, sex) values (1, 'C', 'D', '1990-01-01', 'f');
insert into rooms (id, ward_id, name) values (1, 1, 'R1');
insert into drugs (code, name, unit) values ('asa', 'ASA', 'mg');
insert into appointments (id, patient_id, person_id, room_id, during) values (1, 1, 1, 1, '[2026-01-01 10:00+00, 2026-01-01 11:00+00)');
alter table patients alter id restart with 100;
alter table appointments alter id restart with 100;
