migrate_runtime::schema! {
    /// A trip with what is booked for it.
    create view trip_overview as
        select t.id, t.user_id, t.title, t.status, t.starts_on, t.days, count(b.id) as bookings,
            coalesce(sum(b.amount) filter (where b.status = "confirmed"), 0) as confirmed
        from trips as t left join bookings as b on b.trip_id = t.id
        group by t.id;
}
