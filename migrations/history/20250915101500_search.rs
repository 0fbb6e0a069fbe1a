migrate_runtime::migration! {
    create extension pg_trgm;

    create index destinations_name_search on destinations using gin (name gin_trgm_ops);

    // The pages of a conversation, and what the assistant remembers of it.
    create index on chat_messages (session_id, created_at desc);
    create index on chat_messages using gin (to_tsvector("english", content));
}
