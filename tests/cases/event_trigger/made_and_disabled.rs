migration "0001_event_trigger" {
    create function note_command() returns event_trigger language plpgsql as "begin null; end";
    /// It notes what is made.
    create event trigger noted on ddl_command_end when tag in ("CREATE TABLE", "alter table") execute function note_command();
}
migration "0002_changed" {
    alter event trigger noted enable always;
    alter function note_command rename to note_it;
    alter event trigger noted rename to noted_all;
    create table t { id: bigint primary key }
}
migration "0003_dropped" {
    drop event trigger noted_all;
}
