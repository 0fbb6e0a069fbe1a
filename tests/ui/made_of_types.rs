fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum size { small, medium, large }
        create domain fit as size;
        create type label { size: size, text: text }
        create type sizes as range { subtype: size }
        create domain price as numeric check (value >= 0);
        create domain amount as numeric;
        create table shirts { id: bigint primary key, label: label?, fit: fit? }
    }
    migration "0002_mistakes" {
        #[allow(rewrites_table, reason = "demo")]
        alter enum size drop medium;
        alter enum size add huge;
        alter type label alter text: varchar(10);
        alter table shirts { add price: price?, add cost: price = 1, add amount: amount? }
    }
    };
}
