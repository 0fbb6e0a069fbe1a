migrate_runtime::schema! {
    /// Somebody with an account.
    create table users {
        id: uuid = gen_random_uuid() primary key,
        /// Compared without regard to case.
        email: citext unique,
        full_name: text,
        provider: auth_provider = "password",
        password_hash: text?,
        /// What the settings page shows; missing keys mean the service's defaults.
        preferences: jsonb = { "currency": "EUR", "language": "en", "newsletter": false },
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
        /// Who comes from elsewhere has no password with us.
        constraint users_password_check check (provider <> "password" or password_hash is not null),
    }
}
