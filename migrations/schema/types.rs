migrate_runtime::schema! {
    create extension citext;
    create extension pg_trgm;
    /// How somebody proves who they are.
    create enum auth_provider { password, google, microsoft }
    /// Where a booking stands.
    create enum booking_status { pending, confirmed, cancelled, refunded, no_show }
    create enum chat_role { instructions, "user", assistant }
    create enum destination_kind { country, region, city }
    create enum payment_method { card, bank_transfer, wallet }
    create enum trip_status { draft, planned, completed, cancelled }
}
