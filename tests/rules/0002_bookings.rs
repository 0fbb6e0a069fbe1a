//! Bookings.

migrate_runtime::migration! {
    create table bookings {
        id: bigint primary key,
        created_at: timestamptz = now(),
    }

    alter table users {
        add name: text?,
        add admin: bool = false,
    }
}
