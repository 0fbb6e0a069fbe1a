migration "0001_users" { create table users { id: bigint primary key, email: text unique } }
migration "0002_taken_over" {
    adopts sqlx through 20260102000000 {
        table app._sqlx_migrations,
        checksum "80d8f2abdbfc80d8f2abdbfc80d8f2abdbfc80d8f2abdbfc80d8f2abdbfc80d8",
        versions [20260101000000, 20260102000000],
    }
}
migration "0003_trips" { create table trips { id: bigint primary key } }
