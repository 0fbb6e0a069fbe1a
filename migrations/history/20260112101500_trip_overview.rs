migrate_runtime::migration! {
    // The language has no views yet.
    sql "
        create view trip_overview as
        select trips.id, trips.user_id, trips.title, trips.status, trips.starts_on, trips.days,
               count(bookings.id) as bookings,
               coalesce(sum(bookings.amount) filter (where bookings.status = 'confirmed'), 0) as confirmed
        from trips
        left join bookings on bookings.trip_id = trips.id
        group by trips.id
    " down {
        sql "drop view trip_overview";
    }
}
