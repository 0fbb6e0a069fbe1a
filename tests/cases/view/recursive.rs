migration "0001_parts" {
    create table parts { id: bigint primary key, name: text, part_of: bigint? references parts }
    create recursive view trees (id, path, depth) as
        select p.id, p.name, 1 from parts as p where p.part_of is null
        union all
        select p.id, t.path || " / " || p.name, t.depth + 1 from trees as t, parts as p where p.part_of = t.id;
}
migration "0002_changed" {
    create or replace recursive view trees (id, path, depth, is_leaf) as
        select p.id, p.name, 1, not exists (select from parts as below where below.part_of = p.id) from parts as p where p.part_of is null
        union all
        select p.id, t.path || " > " || p.name, t.depth + 1, not exists (select from parts as below where below.part_of = p.id)
        from trees as t, parts as p where p.part_of = t.id;
    create view deep as select trees.path from trees where trees.depth > 2;
}
