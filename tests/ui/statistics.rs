fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table addresses { id: bigint primary key, city: text, zip: text }
        create statistics by_place on zip, city from addresses;
    }
    migration "0002_mistakes" {
        create or replace statistics by_place on zip, city from addresses;
        create statistics by_place on zip, city from addresses;
        create statistics others on zip from addresses;
        create statistics others (mcv) on (lower(zip)) from addresses;
        create statistics others (most) on zip, city from addresses;
        create statistics others on zip, zip from addresses;
        create statistics others on zip, town from addresses;
        create statistics others on zip, city from address;
        alter statistics by_places set statistics 100;
        alter statistics by_place set statistics 20000;
        #[allow(drops_data, reason = "demo")]
        alter table addresses drop zip;
    }
    };
}
