migration "0001_family" {
    create operator family numbers using btree;
    /// Of its own.
    create operator family mixed using hash { operator 1 = (int, bigint), function 2 hashint4extended(int, bigint) }
    create operator family app_numbers using btree { operator 1 < (int, bigint), operator 3 = (int, bigint) }
}
migration "0002_members" {
    create schema app;
    alter operator family numbers using btree {
        add operator 1 < (int, int2),
        add operator 2 <= (int, int2),
        add function 1 btint42cmp(int, int2),
    }
    alter operator family app_numbers using btree { drop operator 3 (int, bigint), set schema app, rename to others }
    create operator class int_ops2 for type int using btree family numbers { operator 1 <, operator 3 =, function 1 btint4cmp(int, int) }
}
migration "0003_dropped" {
    alter operator family numbers using btree { drop function 1 (int, int2), drop operator 1 (int, int2) }
    drop operator class int_ops2 using btree;
    drop operator family numbers using btree;
    drop operator family mixed using hash;
}
