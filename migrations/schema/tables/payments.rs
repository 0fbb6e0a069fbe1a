migrate_runtime::schema! {
    /// Money that moved. Never deleted with what it paid for.
    create table payments {
        id: uuid = gen_random_uuid() primary key,
        booking_id: uuid references bookings on delete restrict,
        /// The payment that this one gives back, in whole or in part.
        refund_of: uuid? references payments (id) on delete restrict,
        method: payment_method,
        amount: numeric(10, 2) check (amount <> 0),
        fee: numeric(10, 2) = 0,
        net: numeric(10, 2) generated always as (amount - fee) stored,
        /// Chosen by the caller: the same key pays once.
        idempotency_key: uuid unique,
        captured_at: timestamptz?,
        created_at: timestamptz = now(),
        constraint payments_refund_sign_check check ((refund_of is null) = (amount > 0)),
    }
    create index on payments (booking_id);
    create index on payments (captured_at desc) include (net) where captured_at is not null;
    create index on payments (refund_of) where refund_of is not null;
}
