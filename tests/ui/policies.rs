fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: bigint primary key, team: text }
        create table bookings { id: bigint primary key, user_id: bigint, note: text, enable row level security }
        create policy own on bookings using (user_id = current_setting("app.user")::bigint);
    }
    migration "0002_mistakes" {
        create policy own on booking using (true);
        create policy other on bookings using (user = 1);
        create policy own on bookings for select using (true);
        create policy seen on bookings for insert using (true);
        create policy written on bookings for delete with check (true);
        create policy many on bookings to public, app using (true);
        create policy twice on bookings to app, app using (true);
        create policy text on bookings using (note);
        alter table bookings enable row level security;
        alter policy owned on bookings using (true);
        drop policy owned on bookings;
        create policy whole on bookings using (to_jsonb(booking) ->> "note" = "x");
        #[allow(drops_data, reason = "demo")]
        alter table bookings drop user_id;
    }
    };
}
