migration "0001_named" {
    create enum mood { calm, sad }
    create function text_of(mood: mood) returns text language sql immutable as "select 'calm'";
    create function noted(text) returns text language sql immutable as "select $1";
    create collation plain { provider: libc, locale: "C" }
    create text search configuration words { copy: simple }
    create text search dictionary stems { template: simple }
    create table hooks {
        id: bigint primary key,
        run: regproc = "noted",
        told: regprocedure = "text_of(mood)",
        kind: regtype = "mood",
        sorted: regcollation = "plain",
        read: regconfig = "words",
        stemmed: regdictionary = "stems",
        text: text = "none",
        found: tsvector generated always as (to_tsvector("words", text)) stored,
        check (run <> "text_of"::regproc),
        check (told is distinct from regprocedure "noted(text)"),
    }
    create view counted as select regclass "hooks" as of, "mood"::regtype as kind, "noted(text)"::regprocedure as run;
}
migration "0002_renamed" {
    alter function text_of(mood) rename to mood_text;
    alter function noted(text) rename to note;
    alter enum mood rename to feeling;
    alter collation plain rename to bytes;
    alter text search configuration words rename to all_words;
    alter text search dictionary stems rename to no_stems;
    alter table hooks rename to called;
}
