fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create function handled() returns integer language sql as "select 1";
        create foreign data wrapper files options (debug "true");
        create server there foreign data wrapper files options (host "example.org");
        create user mapping for public server there options (user "reader");
    }
    migration "0002_wrappers" {
        create foreign data wrapper others_1 handler handled;
        create foreign data wrapper others_2 handler file_handler;
        create foreign data wrapper others_5 options (debug "true", debug "false");
        create foreign data wrapper files;
        alter foreign data wrapper file options (set debug "false");
        alter foreign data wrapper files options (set debugs "false");
        alter foreign data wrapper files options (drop debugs);
        alter foreign data wrapper files options (debug "false");
        drop foreign data wrapper files;
    }
    migration "0003_servers" {
        create server others_6 foreign data wrapper file;
        create server others_7 foreign data wrapper postgres_fdw;
        create server others_8 options (host "example.org");
        create server there foreign data wrapper files;
        alter server ther version "16";
        alter server there options (set hots "example.net");
        drop server there;
    }
    migration "0004_mappings" {
        create user mapping for public server ther;
        create user mapping for public server there;
        alter user mapping for current_user server there options (set user "writer");
        alter user mapping for public server there options (set users "writer");
        drop user mapping for current_user server there;
    }
    migration "0005_tables" {
        create foreign table sums {
            net: numeric,
            gross: numeric generated always as (net * 2) stored,
            constraint positive check (net > 0),
        } server there;
        create foreign table prices { id: bigint, total: numeric generated always as (idd * 2) stored, check (id) } server there;
        create foreign table rates { id: bigint, twice: bigint = 1 generated always as (id * 2) stored } server there;
        create foreign table costs { net: numeric, check (net > 0) not valid } server there;
        alter foreign table sums drop net;
        alter foreign table sums { alter net: int }
        alter foreign table sums { drop constraint positiv, validate constraint positive }
    }
    migration "0009_syntax" {
        create foreign table keyed { id: bigint primary key } server there;
        alter foreign table sums { alter gross: numeric generated always as (net * 3) stored }
        create foreign data wrapper others_3 options (debug = "true");
        create foreign data wrapper others_4 options (debug true);
        create or replace foreign data wrapper files;
        create server others_9 version 15 foreign data wrapper files;
        create or replace server there foreign data wrapper files;
        alter server there set (version = "16");
        create user mapping for app server there options (password "secret");
        create user mapping app server there;
        create or replace user mapping for public server there;
        comment on user mapping for public server there is "Who reads.";
    }
    };
}
