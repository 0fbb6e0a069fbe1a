migrate_runtime::migration! {
    alter enum chat_role { rename "system" to instructions }

    /// Thumbs, for the weekly quality report.
    create table message_feedback {
        message_id: bigint primary key references chat_messages on delete cascade,
        is_helpful: boolean,
        comment: text?,
        created_at: timestamptz = now(),
    }

    alter table chat_messages {
        alter tokens drop default,
        add model: text?,
        add constraint chat_messages_tokens_check check (tokens >= 0),
    }

    update destinations set time_zone = "Europe/Lisbon" where code = "FAO" down { }
}
