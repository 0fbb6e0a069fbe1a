migration "0001_dictionaries" {
    create schema app;
    create table pages { id: bigint primary key, text: text }
    insert into pages (id, text) values (1, "words");
    /// German stems.
    create text search dictionary stems { template: snowball, language: "german", stopwords: "german" }
    create text search dictionary app.plain { template: simple, accept: "false" }
}
migration "0002_configurations" {
    /// As in English.
    create text search configuration words { copy: english }
    create text search configuration app.few { parser: default }
    alter text search configuration app.few { add mapping for asciiword, word with stems, simple, add mapping for int with simple }
}
migration "0003_changed" {
    alter text search configuration words {
        alter mapping for asciiword, asciihword with stems, drop mapping for email, url, alter mapping replace simple with app.plain,
        rename to german_words,
    }
    alter text search dictionary stems { set (stopwords), rename to german_stems }
    alter text search dictionary app.plain set schema public;
    alter text search configuration app.few owner to pg_monitor;
    comment on text search configuration german_words is null;
}
migration "0004_dropped" {
    drop text search configuration german_words;
    drop text search configuration app.few;
    drop text search dictionary plain;
}
