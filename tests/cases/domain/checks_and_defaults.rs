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
}
migration "0003_dropped" {
    drop domain work_email;
    alter table people { alter other: text? }
}
