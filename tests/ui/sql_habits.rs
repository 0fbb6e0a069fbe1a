fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum mood { ok, good }
        create table people { id: bigint primary key, name: text, note: text? }
    }
    migration "0002_tables" {
        -- The users
        -- of the shop
        CREATE TABLE IF NOT EXISTS users (
            id SERIAL NOT NULL PRIMARY KEY,
            name VARCHAR(255) DEFAULT 'x',
            email TEXT NOT NULL UNIQUE,
            balance NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0), -- in euros
            created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
            deleted_at TIMESTAMPTZ NULL,
            active BOOLEAN DEFAULT TRUE NOT NULL,
            CONSTRAINT users_name_check CHECK (length(name) > 1)
        );
        CREATE TYPE status AS ENUM ('a', 'b');
        CREATE TABLE orders (
            id BIGSERIAL,
            user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            status status DEFAULT 'a',
            line INT,
            PRIMARY KEY (id, line),
            UNIQUE (user_id, line),
            CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)
        );
        CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_user_idx ON orders(user_id);
        ALTER TABLE users ADD COLUMN IF NOT EXISTS age INT NOT NULL DEFAULT 0;
        ALTER TABLE users ALTER COLUMN name TYPE TEXT;
        ALTER TABLE users DROP COLUMN IF EXISTS deleted_at CASCADE;
        ALTER TABLE orders ADD CONSTRAINT orders_fk FOREIGN KEY (line) REFERENCES users (id);
        ALTER TABLE users ALTER COLUMN name SET NOT NULL, ALTER COLUMN name SET DEFAULT 'y';
        INSERT INTO users (name, email) VALUES ('a', 'b');
    }
    migration "0003_objects" {
        create extension if not exists "pgcrypto" with schema public cascade;
        create table accounts (
            id uuid primary key default gen_random_uuid(),
            data jsonb not null default '{}',
            tags text[] default array['a', 'b']::text[],
            parent_id uuid references accounts(id) on delete set null,
            seq bigint generated always as identity,
            "order" int constraint nn not null,
            title varchar(255) not null default 'new' comment 'title',
            n int unsigned default 0
            label text collate "C" not null default '',
            index (n)
        )
        create index accounts_n on accounts(n);
        create type address as (street text, zip varchar(10));
        create sequence numbers start with 10 increment by 1;
        create function touch() returns trigger as $$ begin return new; end; $$ language plpgsql;
        create trigger touch before update on accounts for each row execute function touch();
        create table copies as select * from accounts;
        drop table if exists copies cascade;
    }
    migration "0004_changes" {
        begin;
        set lock_timeout = 1000;
        alter type mood add value 'sad' after 'ok';
        alter type mood rename value 'good' to 'fine';
        alter table only people drop column note restrict;
        alter table people add column a int, add column b int not null default 0;
        alter table people rename column name to full_name;
        alter table people alter column full_name set data type varchar(50) using full_name::varchar(50);
        alter table people drop constraint if exists people_check;
        create index on people (ful_name);
        drop index concurrently if exists people_name cascade;
        commit;
    }
    };
}
