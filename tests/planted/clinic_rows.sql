insert into patients (id, name) values (1, 'a');
insert into doctors (id, name) values (1, 'a');
insert into visits (id, patient_id, doctor_id, starts_at, ends_at, meta) values (1, 1, 1, '2026-01-01', '2026-01-02', '{}');
