migrate_runtime::migration! {
    alter enum booking_status {
        add refunded after cancelled,
        add no_show,
    }

    alter table bookings {
        rename total to amount,
        alter amount: numeric(14, 2),
        /// ISO 4217, as charged.
        #[allow(fixed_length_text, reason = "codes of a standard: all have this length")]
        add currency: char(3) = "EUR",
        add hotel_id: uuid? references saved_hotels on delete set null,
        #[allow(unindexed_foreign_key, reason = "saved flights stay as long as their trip")]
        add flight_id: uuid? references saved_flights on delete set null,
    }

    create index on bookings (hotel_id) where hotel_id is not null;

    // Uses a value that this migration adds.
    create index bookings_money_back on bookings (updated_at) where status in (refunded, no_show);
}
