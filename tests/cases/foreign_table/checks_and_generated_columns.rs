migration "0001_server" {
    create enum state { open, closed }
    create foreign data wrapper other;
    create server there foreign data wrapper other;
}
migration "0002_tables" {
    create foreign table prices {
        id: bigint,
        net: numeric? check (net >= 0) options (column_name "price"),
        gross: numeric generated always as (net * 1.19) stored options (column_name "all"),
        state: state = open,
        constraint open_has_price check (state <> open or net is not null) no inherit,
        check (id > 0 and net < 1000000),
    } server there options (table_name "prices");
}
migration "0003_changed" {
    alter foreign table prices {
        add rounded: numeric generated always as (round(net)) stored,
        add note: text? check (note <> ""),
        add check (gross >= net) not valid,
        drop constraint prices_net_check,
    }
    alter enum state rename open to free;
}
migration "0004_validated" {
    alter foreign table prices {
        validate constraint prices_check1,
        drop constraint prices_check1,
        drop gross,
    }
}
