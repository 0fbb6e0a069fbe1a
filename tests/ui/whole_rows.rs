fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table teams { id: bigint primary key, name: text }
        create table docs { id: bigint primary key, owner: text, note: text? }
        create function can_see(doc: docs) returns boolean language sql stable as "select doc.owner = current_user";
        create function of_team(team: teams) returns boolean language sql immutable as "select team.name <> ''";
        create function touched() returns trigger language plpgsql as "begin return new; end";
    }
    migration "0002_mistakes" {
        create policy one on docs using (can_see(doc));
        create policy two on docs using (of_team(docs));
        create policy three on docs using (can_see(teams.*));
        create policy four on docs using ((docs).owned = "x");
        create policy five on docs using (exists (select 1 from teams as t where of_team(teams.*)));
        alter table docs add known: boolean? generated always as (docs is not null) stored;
        alter table docs add constraint seen check (docs.can_sea);
        create statistics of_rows on (docs is null), owner from docs;
        create publication rows for table docs where (docs is not null);
        create trigger touch before update on docs for each row when (docs is not null) execute function touched();
        create index by_row on docs ((can_see(docs)));
    }
    };
}
