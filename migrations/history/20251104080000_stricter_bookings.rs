migrate_runtime::migration! {
    backfill bookings set supplier = "unknown" where supplier is null down { }

    alter table bookings {
        alter supplier set not null,
        alter supplier set default "unknown",
        add constraint bookings_amount_check check (amount >= 0),
        add constraint bookings_reference_key unique (supplier, reference),
    }
}
