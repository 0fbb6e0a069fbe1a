fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create text search template plain { init: dsimple_init, lexize: dsimple_lexize }
        create text search parser words { start: prsd_start, gettoken: prsd_nexttoken, end: prsd_end, lextypes: prsd_lextype }
        create text search dictionary stems { template: snowball, language: "english" }
        create text search configuration pages { parser: default }
        alter text search configuration pages add mapping for word with stems;
    }
    migration "0002_templates" {
        create text search template others_1 { init: dsimple_init }
        create text search template others_2 { lexize: dsimple_lexizes }
        create text search template others_3 { lexize: lower }
        alter text search template plan rename to others;
    }
    migration "0003_parsers" {
        create text search parser others_5 { start: prsd_start, gettoken: prsd_nexttoken, end: prsd_end }
        create text search parser others_6 { start: prsd_begin, gettoken: prsd_nexttoken, end: prsd_end, lextypes: prsd_lextype }
        drop text search parser word;
    }
    migration "0004_dictionaries" {
        create text search dictionary others_7 { language: "english" }
        create text search dictionary others_8 { template: snowballs }
        create text search dictionary others_9 { template: unaccent }
        create text search dictionary others_10 { template: snowball, language: "english", language: "german" }
        alter text search dictionary stem set (language = "german");
        drop text search dictionary stems;
    }
    migration "0005_configurations" {
        create text search configuration others_12 {}
        create text search configuration others_13 { copy: englisch }
        create text search configuration others_14 { parser: words, copy: english }
        create text search configuration others_15 { parser: word }
        alter text search configuration page add mapping for int with simple;
        alter text search configuration pages add mapping for words with simple;
        alter text search configuration pages add mapping for word with simple;
        alter text search configuration pages alter mapping for int with simple;
        alter text search configuration pages drop mapping for int;
        alter text search configuration pages add mapping for int with stem;
    }
    migration "0009_syntax" {
        create text search template others_4 { lexise: dsimple_lexize }
        create or replace text search template plain { lexize: dsimple_lexize }
        alter text search template plain set (lexize = dsimple_lexize);
        create or replace text search parser words { start: prsd_start }
        create text search dictionary others_11 (template = snowball);
        create or replace text search dictionary stems { template: simple }
        alter text search dictionary stems set (template = simple);
        alter text search dictionary stems set language = "german";
        create or replace text search configuration pages { copy: english }
        alter text search configuration pages set (parser = default);
        create text search configuration tartu { copy: estonian }
        create table letters { id: bigint primary key, text: text, words: tsvector generated always as (to_tsvector("estonian", text)) stored }
    }
    };
}
