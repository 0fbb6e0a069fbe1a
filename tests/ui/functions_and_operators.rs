fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum mood { calm, angry }
        create table t {
            id: uuid primary key = gen_rand_uuid(),
            old: uuid = uuid_generate_v4(),
            new: uuid = uuidv7(),
            n: int = length(5),
            name: text check (name + n > 2),
            code: text check (code == "x"),
            flag: boolean check (flag && n > 1),
            other: boolean check (flag || n > 1),
            token: uuid check (token = n),
            price: numeric check (round(price, "x") > 1),
            tags: text[] check (name = any (name)),
            ratio: float8 check (round(ratio, 2) > 0),
            similar: text check (similarity(name, "x") > 0.5),
            total: int check (sum(n) > 1),
            parts: int check (unnest(tags) = "a"),
            both: text check (coalesce(n, name) <> ""),
            when: date = true::date,
            sorted: int check (n collate "C" > 1),
            first: int check (n[1] > 1),
            opposite: boolean check (not n),
            kind: mood check (lower(kind) = "calm"),
        }
    }
    };
}
