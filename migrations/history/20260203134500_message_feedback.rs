migrate_runtime::migration! {
    alter enum chat_role { rename "system" to instructions }

    /// Thumbs, for the weekly quality report.
    create table message_feedback {
        message_id: bigint primary key references chat_messages on delete cascade,
        is_helpful: boolean,
        comment: text?,
        created_at: timestamptz = now(),
    }

    // Whoever answers for a user sees and changes what that user has said.
    alter table message_feedback enable row level security;
    create policy own on message_feedback for all to public
        using (
            exists (
                select 1
                from chat_messages as m join chat_sessions as s on s.id = m.session_id
                where m.id = message_feedback.message_id
                    and s.user_id = nullif(current_setting("app.user_id", true), "")::uuid
            )
        );

    alter table chat_messages {
        alter tokens drop default,
        add model: text?,
        add constraint chat_messages_tokens_check check (tokens >= 0),
    }

    update destinations set time_zone = "Europe/Lisbon" where code = "FAO" down { }
}
