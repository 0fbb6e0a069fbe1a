fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_literals" {
        create enum mood { happy, sad }
        create table t {
            id: bigint primary key,
            born: date = "2026-02-30",
            made: timestamptz = "now",
            day: date = "tomorrow",
            opens: time = "25:00",
            takes: interval = "2 fortnights",
            rank: smallint = -40000,
            price: numeric(4, 2) = 123.4,
            rate: numeric(4, 2) = "99.999",
            ratio: real = "1e400",
            address: inet = "10.0.0.300",
            span: int4range = "[5,1]",
            moods: mood[] = "{happy,glad}",
            days: date[] = "{2026-01-01,2026-13-01}",
            flags: bit(3) = "10",
            raw: bytea = "\\x0g",
            priority: int check (priority > "x"),
            at: timestamptz check (at between "2026-01-01" and "2026-02-29"),
            kind: int check (kind in ("1", "two")),
            config: jsonb = "{\"a\": 01}",
        }
    }
    };
}
