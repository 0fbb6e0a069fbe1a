migration "0001_wrappers" {
    /// Nothing is behind it.
    create foreign data wrapper nothing validator postgresql_fdw_validator;
    create foreign data wrapper other options (debug "true");
}
migration "0002_servers" {
    /// Over there.
    create server there type "postgresql" version "15" foreign data wrapper nothing options (host "example.org", dbname "x");
    create server elsewhere foreign data wrapper other;
    create user mapping for public server there options (user "reader");
    create user mapping for pg_monitor server elsewhere;
}
migration "0003_changed" {
    alter server there { version "16", options (set host "example.net", drop dbname, port "5433"), rename to far }
    alter foreign data wrapper other { options (set debug "false"), rename to others }
    alter user mapping for public server far options (set user "writer");
    comment on server far is null;
}
migration "0004_dropped" {
    drop user mapping for public server far;
    drop server far;
    drop foreign data wrapper nothing;
}
