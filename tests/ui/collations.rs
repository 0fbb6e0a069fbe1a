fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create collation german { provider: icu, locale: "de-DE" }
        create table people { name: text collate german }
    }
    migration "0002_mistakes" {
        create collation others_2 { provider: uci, locale: "de-DE" }
        create collation others_3 { provider: icu }
        create collation others_4 { provider: icu, lc_collate: "de-DE" }
        create collation others_5 { locale: "C", lc_ctype: "C" }
        create collation others_6 { lc_collate: "C" }
        create collation others_7 { locale: "C", deterministic: false }
        create collation others_8 { locale: "C", rules: "&a < b" }
        create collation others_9 { provider: icu, locale: "de-DE", rules: "&a < b" }
        create collation others_10 { provider: builtin, locale: "C.UTF-8" }
        create collation german { provider: icu, locale: "de-DE" }
        alter collation germans rename to austrian;
        alter table people add nick: text? collate germans;
        drop collation german;
    }
    migration "0009_syntax" {
        create collation others_1 { locales: "de-DE" }
        create collation others_11 { provider: icu, locale: de, deterministic: no }
        create collation others_12 from german;
        create or replace collation german { provider: icu, locale: "de-AT" }
        alter collation german set (locale = "de-AT");
    }
    };
}
