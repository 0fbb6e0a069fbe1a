migration "0001_serial" {
    create table users { id: bigserial primary key, number: serial, small: smallserial, "Rank": int }
    create table users_id_seq1 { id: int primary key }
    insert into users (number, "Rank") values (7, 1);
}
migration "0002_added" {
    alter table users { add turn: serial, rename number to no }
    alter table users rename to people;
}
migration "0003_dropped" {
    #[allow(drops_data, reason = "not used")]
    alter table people { drop no, alter small drop default }
}
migration "0004_all" {
    #[allow(drops_data, reason = "not used")]
    drop table people;
}
