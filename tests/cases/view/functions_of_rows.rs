migration "0001_tables" {
    create table wards { id: bigint primary key, title: text, code: text }
    create table rooms { id: bigint primary key, ward_id: bigint references wards }
    create function label(ward: wards) returns text language sql immutable as "select upper(ward.code)";
}
migration "0002_views" {
    create view labels as select w.id, w.label, upper((w).label) as loud, title(w) as name from wards as w;
    create view counts as select w.title, r.count from wards as w join rooms as r on r.ward_id = w.id group by w.title;
    create view documents as select w.to_jsonb as document from wards as w where w.label <> "" order by w.label;
}
migration "0003_renamed" {
    alter table wards { rename to stations, rename title to name }
    alter function label(stations) rename to caption;
}
