fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 15,
    migration "0001_setup" {
        create schema app;
        create table users { id: bigint primary key, email: text, age: integer }
        create table trips { id: bigint primary key, email: text }
        create publication changes for tables in schema app;
        create publication everything for all tables;
        create publication of_users for table users (id, email) where (age > 17);
        create enum kind { private, business }
        create function is_far(km: int) returns boolean language sql immutable as "select km > 1000";
        create table rides { id: bigint primary key, kind: kind, km: int }
    }
    migration "0002_mistakes" {
        create publication others_2 for table user;
        create publication others_3 for table users, users;
        create publication others_4 for table users (id, mail);
        create publication others_5 for table users (id, id);
        create publication others_6 for table users where (age);
        create publication others_7 for table users where (ages > 17);
        create publication others_8 for tables in schema apps;
        create publication others_13 for all tables with (publish_generated_columns = stored);
        create publication others_14 for table rides where (kind = business);
        create publication others_15 for table rides where (is_far(km));
        create publication of_users;
        alter publication of_user add table trips;
        alter publication of_users add table users;
        alter publication of_users drop table trips;
        alter publication everything add table trips;
        #[allow(drops_data, reason = "demo")]
        alter table users drop age;
    }
    migration "0009_syntax" {
        create publication others_1 for users;
        create publication others_9 for all tables with (publishes = "insert");
        create publication others_10 for all tables with (publish = "insert, updates");
        create publication others_11 for all tables with (publish = insert);
        create publication others_12 for all tables with (publish_via_partition_root = yes);
        create or replace publication of_users for table trips;
        alter publication of_users set (publish_all = true);
        alter publication of_users include table trips;
    }
    };
}
