migrate_runtime::schema! {
    /// Thumbs, for the weekly quality report.
    create table message_feedback {
        message_id: bigint primary key references chat_messages on delete cascade,
        is_helpful: boolean,
        comment: text?,
        created_at: timestamptz = now(),
        enable row level security,
    }
    create policy own
        on message_feedback
        for all to public
        using (
            exists (
                select 1
                from chat_messages as m join chat_sessions as s on s.id = m.session_id
                where m.id = message_feedback.message_id
                    and s.user_id = nullif(current_setting("app.user_id", true), "")::uuid
            )
        );
}
