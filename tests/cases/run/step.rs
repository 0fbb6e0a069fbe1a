migration "0001_people" {
    create table people { id: bigint primary key, name: text }
    insert into people (id, name) values (1, "ann");
}
migration "0002_run" { run crate::step down { sql "update people set name = lower(name)"; } }
migration "0003_outside" { run crate::step outside transaction irreversible "upper case stays"; }
