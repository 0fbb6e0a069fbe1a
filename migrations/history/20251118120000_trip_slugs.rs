migrate_runtime::migration! {
    // SQL cannot say how a title becomes part of a URL; the service's own function can.
    alter table trips add slug: text?;

    run crate::steps::fill_trip_slugs down { }

    alter table trips {
        alter slug set not null,
        add unique (user_id, slug),
        alter title: varchar(200),
    }
}
