migration "0001_numbers" {
    create table invoices { id: bigint primary key, number: int }
    /// Without gaps.
    create sequence invoice_numbers { start 1000, increment by 10, maxvalue 100000, cache 5, cycle, owned by invoices.number }
    create sequence downwards { as smallint, increment -1 }
    create sequence plain;
    alter table invoices { add reference: bigint = nextval("plain") }
}
migration "0002_changed" {
    alter sequence invoice_numbers { maxvalue 200000, cache 1, no cycle }
    alter sequence downwards { as int }
    alter sequence plain rename to reference_numbers;
    alter sequence invoice_numbers owned by none;
}
migration "0003_dropped" {
    drop sequence downwards;
    #[allow(drops_data, reason = "not used")]
    alter table invoices { drop reference }
    drop sequence reference_numbers;
    alter sequence invoice_numbers owned by invoices.number;
}
migration "0004_with_its_table" {
    #[allow(drops_data, reason = "not used")]
    drop table invoices;
}
