migrate_runtime::migration! {
    alter table travellers add display_name: text?;

    backfill travellers
        set display_name = trim(first_name || " " || last_name)
        where display_name is null
        in batches of 500
        down { }

    alter table travellers alter display_name set not null;
}
