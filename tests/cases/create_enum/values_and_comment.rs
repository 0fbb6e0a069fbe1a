migration "0001_enum" {
    /// Where a booking stands, as the traveller's "view".
    create enum booking_status { pending, confirmed, "no-show", Cancelled }
    create table bookings { id: bigint primary key, status: booking_status = "no-show", seen: booking_status[] = [pending] }
}
