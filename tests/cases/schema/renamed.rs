migration "0001_schemas" {
    create schema billing;
    create schema people;
    create enum billing.state { open, paid }
    create domain billing.amount as numeric(12, 2) check (value >= 0);
    create table people.customers { id: bigserial primary key, name: text }
    create table billing.invoices {
        id: serial primary key,
        customer_id: bigint references people.customers,
        state: billing.state = open,
        total: billing.amount = 0,
        changed_at: timestamptz = now() on update now(),
        check (state <> paid or total > 0),
    }
    create index on billing.invoices (customer_id) where state = open;
    create function billing.twice(n: numeric) returns numeric language sql immutable as "select n * 2";
    create function billing.noted() returns trigger language plpgsql as "begin return new; end";
    create trigger noted before update on billing.invoices for each row execute function billing.noted();
    create view people.debts as
        select c.name, billing.twice(sum(i.total)) as total from people.customers as c
        join billing.invoices as i on i.customer_id = c.id where i.state = open group by c.name;
    create table people.notes { id: bigint primary key, invoice_id: int references billing.invoices, amount: billing.amount? }
    grant select on billing.invoices to pg_monitor;
    insert into people.customers (name) values ("a");
    insert into billing.invoices (customer_id, total) values (1, 2);
}
migration "0002_renamed" {
    alter schema billing rename to accounting;
    alter table accounting.invoices { add paid_at: timestamptz?, alter state set default paid, rename total to amount }
    alter enum accounting.state { add void }
    drop trigger noted on accounting.invoices;
    create index on people.notes (accounting.twice(amount));
}
migration "0003_dropped" {
    drop view people.debts;
    alter schema people rename to persons;
    #[allow(drops_data, reason = "a test")]
    drop table persons.notes;
}
