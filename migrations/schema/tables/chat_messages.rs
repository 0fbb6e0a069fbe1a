migrate_runtime::schema! {
    create table chat_messages {
        id: bigint generated always as identity primary key,
        session_id: uuid references chat_sessions on delete cascade,
        reply_to: bigint? references chat_messages (id) on delete set null,
        role: chat_role,
        content: text,
        tool_calls: jsonb?,
        tokens: smallint check (tokens >= 0),
        created_at: timestamptz = now(),
        model: text?,
    }
    create index on chat_messages using brin (created_at);
    create index on chat_messages (session_id, created_at desc);
    create index on chat_messages using gin (to_tsvector("english", content));
}
