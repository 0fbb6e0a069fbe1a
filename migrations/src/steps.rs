//! What SQL alone cannot say.

use std::collections::HashSet;

use migrate_runtime::{BoxError, StepContext};
use sqlx::Row as _;

/// Gives the demo account three trips a year since 2016, with everything a trip has.
///
/// The same on every database: the values come from the numbers of the rows.
pub(crate) async fn fill_demo_account(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    for (done, sql) in DEMO_ROWS.iter().enumerate() {
        sqlx::raw_sql(*sql).execute(context.connection()).await?;
        context.progress(done as u64 + 1, DEMO_ROWS.len() as u64);
    }
    Ok(())
}

/// Takes away what [`fill_demo_account`] made. The account itself goes with its own insert.
pub(crate) async fn empty_demo_account(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    const ROWS: &[&str] = &[
        "DELETE FROM payments USING bookings, trips, users \
         WHERE booking_id = bookings.id AND trip_id = trips.id AND user_id = users.id \
         AND email = 'demo@pathavana.example' AND refund_of IS NOT NULL",
        "DELETE FROM payments USING bookings, trips, users \
         WHERE booking_id = bookings.id AND trip_id = trips.id AND user_id = users.id \
         AND email = 'demo@pathavana.example'",
        "DELETE FROM chat_sessions USING users WHERE user_id = users.id AND email = 'demo@pathavana.example'",
        "DELETE FROM trips USING users WHERE user_id = users.id AND email = 'demo@pathavana.example'",
        "DELETE FROM travellers USING users WHERE user_id = users.id AND email = 'demo@pathavana.example'",
    ];
    for sql in ROWS {
        sqlx::raw_sql(*sql).execute(context.connection()).await?;
    }
    Ok(())
}

/// Gives each trip the part of its URL: its title in lower case, with a number where the user has it already.
pub(crate) async fn fill_trip_slugs(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    let trips = sqlx::query("SELECT id::text, user_id::text, title FROM trips ORDER BY created_at, id")
        .fetch_all(context.connection())
        .await?;
    let mut taken: HashSet<(String, String)> = HashSet::new();
    let (mut ids, mut slugs): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for trip in trips {
        let (id, user, title): (String, String, String) = (trip.try_get(0)?, trip.try_get(1)?, trip.try_get(2)?);
        let base = slug(&title);
        let slug = (1..)
            .map(|number| if number == 1 { base.clone() } else { format!("{base}-{number}") })
            .find(|slug| taken.insert((user.clone(), slug.clone())));
        ids.push(id);
        slugs.push(slug.unwrap_or(base));
    }
    sqlx::query(
        "UPDATE trips SET slug = new.slug FROM unnest($1::text[], $2::text[]) AS new (id, slug) \
         WHERE trips.id = new.id::uuid",
    )
    .bind(ids)
    .bind(slugs)
    .execute(context.connection())
    .await?;
    Ok(())
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "trip".to_owned() } else { slug.to_owned() }
}

/// One statement for each kind of row.
const DEMO_ROWS: &[&str] = &[
    "INSERT INTO travellers (user_id, first_name, last_name, date_of_birth, nationality, dietary_needs) \
     SELECT users.id, first_name, last_name, born::date, 'DE', needs::text[] FROM users, (VALUES \
       ('Mira', 'Demo', '1988-04-12', '{vegetarian}'), ('Jon', 'Demo', '1986-11-02', '{}'), \
       ('Ada', 'Demo', '2016-07-30', '{\"no nuts\"}')) AS new (first_name, last_name, born, needs) \
     WHERE email = 'demo@pathavana.example'",
    "INSERT INTO trips (user_id, title, status, starts_on, ends_on, budget, tags, legacy_notes, created_at) \
     SELECT users.id, place || CASE number % 3 WHEN 0 THEN ' in spring' WHEN 1 THEN ' & friends' ELSE '' END, \
       CASE WHEN number < 27 THEN 'completed' ELSE 'planned' END::trip_status, \
       date '2016-03-05' + number * 120, date '2016-03-05' + number * 120 + 4 + number % 9, \
       900 + number * 35, ARRAY[lower(place), CASE number % 2 WHEN 0 THEN 'family' ELSE 'city' END], \
       CASE WHEN number % 5 = 0 THEN 'window seat' END, timestamptz '2016-01-10 09:00+00' + number * interval '120 days' \
     FROM users, generate_series(0, 29) AS number, \
       LATERAL (SELECT (ARRAY['Lisbon', 'Kyoto', 'Cusco', 'Tokyo', 'Faro'])[1 + number % 5] AS place) AS places \
     WHERE email = 'demo@pathavana.example'",
    "INSERT INTO trip_travellers SELECT trips.id, travellers.id FROM trips JOIN users ON users.id = trips.user_id \
     JOIN travellers ON travellers.user_id = users.id WHERE email = 'demo@pathavana.example'",
    "INSERT INTO trip_stops (trip_id, destination_id, position, nights) \
     SELECT trips.id, destinations.id, 1, trips.days - 1 FROM trips JOIN users ON users.id = trips.user_id \
     JOIN destinations ON trips.tags[1] = lower(destinations.name) WHERE email = 'demo@pathavana.example'",
    "INSERT INTO itineraries (trip_id, revision, plan, model, accepted_at) \
     SELECT trips.id, revision, jsonb_build_object('version', 1, 'days', \
         (SELECT jsonb_agg(jsonb_build_object('day', day, 'items', jsonb_build_array(jsonb_build_object( \
            'kind', CASE day % 3 WHEN 0 THEN 'museum' WHEN 1 THEN 'walk' ELSE 'food' END, 'at', '10:00')))) \
          FROM generate_series(1, trips.days) AS day)), \
       'planner-3', CASE WHEN revision = 2 THEN trips.created_at END \
     FROM trips JOIN users ON users.id = trips.user_id, generate_series(1, 2) AS revision \
     WHERE email = 'demo@pathavana.example'",
    "INSERT INTO saved_hotels (trip_id, name, stars, amenities, check_in, check_out, price_per_night, currency, offer) \
     SELECT trips.id, 'Hotel ' || initcap(trips.tags[1]) || ' ' || number, 3 + number % 3, \
       ARRAY['wifi', CASE number % 2 WHEN 0 THEN 'pool' ELSE 'breakfast' END], starts_on, ends_on, \
       80 + number * 20, 'EUR', jsonb_build_object('rooms', number, 'refundable', number % 2 = 0) \
     FROM trips JOIN users ON users.id = trips.user_id, generate_series(1, 4) AS number \
     WHERE email = 'demo@pathavana.example'",
    "INSERT INTO saved_flights (trip_id, carrier, number, origin, destination, departs_at, arrives_at, price) \
     SELECT trips.id, 'PV', (100 + days)::text, 'FRA', 'LIS', starts_on + time '08:15', starts_on + time '11:05', 189 \
     FROM trips JOIN users ON users.id = trips.user_id WHERE email = 'demo@pathavana.example'",
    "INSERT INTO bookings (trip_id, traveller_id, status, supplier, reference, total, details, created_at) \
     SELECT trips.id, travellers.id, \
       (ARRAY['confirmed', 'confirmed', 'confirmed', 'pending', 'cancelled'])[1 + number % 5]::booking_status, \
       (ARRAY['acme', 'bedbank', 'railways', NULL])[1 + number % 4], \
       upper(substr(md5(trips.id::text || travellers.id || number), 1, 10)), 40 + (number + trips.days) * 7.5, \
       jsonb_build_object('seats', 1 + number % 2, 'class', CASE number % 3 WHEN 0 THEN 'business' ELSE 'standard' END), \
       trips.created_at + number * interval '1 hour' \
     FROM trips JOIN users ON users.id = trips.user_id JOIN travellers ON travellers.user_id = users.id, \
       generate_series(0, 23) AS number WHERE email = 'demo@pathavana.example'",
    "INSERT INTO payments (booking_id, method, amount, fee, idempotency_key, captured_at) \
     SELECT bookings.id, 'card', total, round(total * 0.014, 2), gen_random_uuid(), bookings.created_at \
     FROM bookings JOIN trips ON trips.id = trip_id JOIN users ON users.id = trips.user_id \
     WHERE email = 'demo@pathavana.example' AND bookings.status = 'confirmed'",
    "INSERT INTO chat_sessions (user_id, trip_id, title, created_at) \
     SELECT users.id, trips.id, 'Planning ' || trips.title, trips.created_at \
     FROM trips JOIN users ON users.id = trips.user_id WHERE email = 'demo@pathavana.example'",
    "INSERT INTO chat_messages (session_id, role, content, tokens, created_at) \
     SELECT chat_sessions.id, CASE number % 2 WHEN 0 THEN 'user' ELSE 'assistant' END::chat_role, \
       CASE number % 2 WHEN 0 THEN 'What could we do on day ' ELSE 'How about a walk through the old town on day ' END \
         || 1 + number / 2 || '?', 12 + number % 40, chat_sessions.created_at + number * interval '20 seconds' \
     FROM chat_sessions JOIN users ON users.id = chat_sessions.user_id, generate_series(0, 199) AS number \
     WHERE email = 'demo@pathavana.example'",
];

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_title_becomes_a_part_of_a_url() {
        assert_eq!(slug("Lisbon & friends"), "lisbon-friends");
        assert_eq!(slug("  São Tomé, 2026!"), "são-tomé-2026");
        assert_eq!(slug("!?"), "trip");
    }
}
