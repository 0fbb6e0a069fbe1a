migration "0001_type" {
    create enum state { open, paid, void }
    create table bills { id: bigint primary key, state: state? }
    /// What it's called.
    create function told(state: state) returns text language sql as "select state::text";
    create function note() returns trigger language plpgsql as "begin return new; end";
    create trigger bills_state after update of state on bills for each row when (old.state is distinct from new.state)
        execute function note();
}
migration "0002_value" {
    #[allow(rewrites_table, reason = "it is small")]
    alter enum state drop void;
}
migration "0003_added" {
    alter enum state add refunded;
}
