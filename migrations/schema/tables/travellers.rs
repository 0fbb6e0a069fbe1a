migrate_runtime::schema! {
    /// Somebody who travels: the user, or whom the user plans for.
    create table travellers {
        id: bigint generated always as identity primary key,
        user_id: uuid references users on delete cascade,
        first_name: varchar(80),
        last_name: varchar(80),
        date_of_birth: date?,
        /// ISO 3166-1 alpha-2.
        nationality: char(2)? check (nationality = upper(nationality)),
        passport_number: text?,
        passport_expires_on: date?,
        dietary_needs: text[] = [],
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
        display_name: text,
        check (passport_number is null or passport_expires_on is not null),
    }
    create index on travellers (lower(last_name), lower(first_name));
    create index on travellers (user_id);
}
