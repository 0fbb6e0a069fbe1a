migration "0001_a" {
  create table t { id: bigint primary key, a: int?, b: text, c: timestamptz = now(), d: numeric(10,2)?, e: varchar(20)? }
  create table u { id: bigint primary key, t_id: bigint references t, name: text? }
  create index t_a on t (a);
}
migration "0002_b" {
  alter table t rename to things;
  alter table things rename b to label;
  alter table u { drop constraint u_t_id_fkey, add constraint u_things foreign key (t_id) references things on delete cascade }
  create unique index things_label on things (label);
  alter table things add constraint things_label_key unique (label);
  drop index t_a;
  alter table things alter d: numeric(12,2)?;
  alter table things { alter e: text?, alter a set default 5, alter c drop default, alter a set not null }
  delete from u where id in (1, 2, 3) irreversible "x";
  update u set name = "a" where id = 4 down { update u set name = null where id = 4; }
}
migration "0003_c" {
  #[allow(drops_data, reason = "x")]
  drop table u;
  #[allow(drops_data, reason = "x")]
  drop table things;
}
migration "0004_d" {
  create table a { id: bigint primary key, b_id: bigint? }
  create table b { id: bigint primary key, a_id: bigint references a }
  alter table a add foreign key (b_id) references b;
  create table c { id: bigint primary key }
  #[allow(drops_data, reason = "x")]
  drop table c;
}
migration "0005_e" {
  // It references what is dropped next.
  alter table a drop constraint a_b_id_fkey;
  #[allow(drops_data, reason = "x")]
  drop table b;
  create table b { id: int primary key }
}
