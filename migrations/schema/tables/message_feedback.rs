migrate_runtime::schema! {
    /// Thumbs, for the weekly quality report.
    create table message_feedback {
        message_id: bigint primary key references chat_messages on delete cascade,
        is_helpful: boolean,
        comment: text?,
        created_at: timestamptz = now(),
    }
}
