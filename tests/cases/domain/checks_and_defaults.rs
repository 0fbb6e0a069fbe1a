migration "0001_domains" {
    /// An address of a person.
    create domain email as text collate "C" check (value like "%@%");
    create domain share as numeric(5, 2) = 0 not null check (value >= 0) constraint share_at_most check (value <= 100);
    create table people { id: bigint primary key, email: email, share: share = 10, other: email? }
    create domain work_email as email check (value like "%.com");
}
migration "0002_changed" {
    alter domain email {
        add constraint not_long check (length(value) < 255),
        add check (value <> ""),
        set default "nobody@example.com",
    }
    alter domain share { drop constraint share_at_most, drop default, drop not null }
    alter domain email rename to mail;
    comment on domain mail is null;
    comment on constraint not_long on domain mail is "it's long enough";
}
migration "0003_not_valid" {
    create domain code as text check (value <> "");
    create table codes { id: bigint primary key with (fillfactor = 80), code: code, unique (code) with (fillfactor = 70, deduplicate_items = off) }
    insert into codes (id, code) values (1, "a");
    alter domain code { add constraint long check (length(value) > 3) not valid, add constraint small check (value = lower(value)) not valid }
}
migration "0004_validated" {
    alter domain code { validate constraint small, drop constraint code_check }
}
migration "0005_renamed" {
    alter domain mail { rename constraint not_long to short, rename constraint email_check1 to filled }
    alter domain code rename constraint long to "Long enough";
    comment on constraint "Long enough" on domain code is "new codes only";
    comment on constraint short on domain mail is null;
    alter domain mail drop constraint short;
}
migration "0006_dropped" {
    drop domain work_email;
    alter table people { alter other: text? }
}
