// Each trigger of `on update` has a function of its own, whatever tables and columns are called.
migration "0001_tables" {
    create table user { id: int primary key, n: int = 0, settings_updated_at: timestamptz? on update now() }
    create table user_settings { id: int primary key, n: int = 0, updated_at: timestamptz? on update now() }
    create table a_table_with_a_name_that_is_so_long_that_it_will_be_cut {
        id: int primary key,
        a_column_with_a_name_that_is_so_long_that_it_will_be_cut_one: int = 0 on update 1,
        a_column_with_a_name_that_is_so_long_that_it_will_be_cut_two: int = 0 on update 2,
    }
    sql "CREATE FUNCTION notes_changed_at_on_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        down { sql "DROP FUNCTION notes_changed_at_on_update()"; };
    create table notes {
        id: int primary key,
        version: int = 1 on update old.version + 1,
        changed_at: timestamptz? on update now(),
    }
    insert into user (id) values (1);
    insert into user_settings (id) values (1);
    insert into notes (id) values (1);
}
migration "0002_renamed" {
    #[allow(breaks_queries, reason = "a test")]
    alter table user rename to people;
    create table user { id: int primary key, settings_updated_at: timestamptz? on update clock_timestamp() }
    #[allow(breaks_queries, reason = "a test")]
    alter table notes { rename changed_at to altered_at, add changed_at: timestamptz? on update now() }
    update people set n = 1 where id = 1 down { }
    update user_settings set n = 1 where id = 1 down { }
    update notes set id = 2 where id = 1 down { }
    update a_table_with_a_name_that_is_so_long_that_it_will_be_cut set id = 2 where id = 1 down { }
}
