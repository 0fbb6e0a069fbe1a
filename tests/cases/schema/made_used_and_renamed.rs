migration "0001_schema" {
    /// What is invoiced.
    create schema billing;
    create table billing.invoices { id: bigint primary key, total: numeric }
    create enum billing.state { open, paid }
}
migration "0002_state" {
    alter table billing.invoices { add state: billing.state = open }
}
migration "0003_another" {
    create schema archive;
    comment on schema archive is "What is old.";
}
migration "0004_dropped" {
    drop schema archive;
}
