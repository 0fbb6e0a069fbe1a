migration "0001_procedures" {
    create table months { month: date primary key, closed: boolean = false }
    /// It's done at the end.
    create procedure close_month(month: date, inout count: int = 0) language plpgsql as r#"
begin
    update months set closed = true where months.month = close_month.month;
    count := 1;
end
"#;
    create procedure nothing() language sql as "";
}
migration "0002_replaced" {
    create or replace procedure close_month(month: date, inout count: int = 0) language plpgsql as "begin count := 2; end";
    alter procedure nothing() { set work_mem = "8MB", rename to very_little }
}
migration "0003_dropped" {
    drop procedure close_month;
}
