//! Expressions over types of pgvector and PostGIS, which no server of the tests has: what their documentation shows compiles, and a
//! mistake in it is one mistake, at the marked words.

/// The tables that the lines are about.
const TABLES: &str = "create extension vector;
    create extension postgis;
    create table documents {
        id: bigint primary key, title: text, embedding: vector(3), half: halfvec(3)?, sparse: sparsevec(5)?, bits: bit(3)?, tags: text[] = [],
    }
    create table places {
        id: bigint primary key, name: text, spot: geometry(Point, 4326), area: geometry(MultiPolygon, 4326)?, position: geography(Point, 4326)?,
        outline: geometry?, radius: double precision = 5, srid: integer = 4326,
    }";

/// Items; what is wrong in them stands in marks.
const ITEMS: &[&str] = &[
    // pgvector: distances, arithmetic, functions, aggregates, indexes.
    "create view v as select d.id from documents as d order by d.embedding <-> \"[3,1,2]\" limit 5;",
    "create view v as select d.id, 1 - (d.embedding <=> \"[3,1,2]\") as likeness, (d.embedding <#> \"[3,1,2]\") * -1 as inner from documents as d;",
    "create view v as select d.id from documents as d where d.embedding <+> d.embedding < 5;",
    "create view v as select d.id from documents as d where d.half <-> \"[1,2,3]\" < 5 and d.sparse <-> \"{1:3,3:1}/5\" < 5;",
    "create view v as select d.id from documents as d where d.bits <~> \"101\" < 2 or d.bits <%> \"101\"::bit(3) < 2;",
    "create view v as select avg(d.embedding) as mean, sum(d.half) as total from documents as d;",
    "create view v as select vector_dims(d.embedding), vector_norm(d.embedding), l2_distance(d.embedding, \"[1,2,3]\") from documents as d;",
    "create view v as select d.embedding + d.embedding as a, d.embedding * \"[1,2,3]\" as b, d.embedding || d.embedding as c from documents as d;",
    "create view v as select l2_normalize(d.embedding), subvector(d.embedding, 1, 2), binary_quantize(d.embedding) from documents as d;",
    "create view v as select d.embedding::halfvec(3) as a, d.half::vector as b, array[1, 2, 3]::vector as c, d.embedding::real[] as d from documents as d;",
    "create view v as select a.id from documents as a join documents as b on cosine_distance(a.embedding, b.embedding) < 0.5;",
    "create index on documents using hnsw (embedding vector_l2_ops);",
    "create index on documents using hnsw (half halfvec_cosine_ops) with (m = 16, ef_construction = 64);",
    "create index on documents using ivfflat (embedding vector_cosine_ops) with (lists = 100);",
    "create index on documents using hnsw ((embedding::halfvec(3)) halfvec_l2_ops);",
    "create index on documents using hnsw ((binary_quantize(embedding)::bit(3)) bit_hamming_ops);",
    "alter table documents { add check (vector_dims(embedding) = 3) }",
    "create view v as select d.id from documents as d order by d.embedding «<->» 5;",
    "create view v as select d.id from documents as d order by d.embedding «<->» d.title;",
    "create view v as select d.id from documents as d where d.embedding <-> d.«embeding» < 5;",
    "create view v as select d.id from documents as d where d.embedding «<~>» d.bits < 5;",
    "create view v as select d.id from documents as d where d.half «<->» d.tags < 5;",
    "create view v as select «vector_dim»(d.embedding) from documents as d;",
    "create view v as select «l2_distance»(d.embedding, 5) from documents as d;",
    "create view v as select «max»(d.title, d.embedding) from documents as d;",
    "create view v as select «avg»(d.sparse) from documents as d;",
    "create view v as select «subvector»(d.embedding, 1) from documents as d;",
    "create view v as select d.embedding «*» 2 from documents as d;",
    "create index on documents using hnsw («embedding»);",
    "create index on documents using hnsw (embedding «halfvec_l2_ops»);",
    "create index on documents using hnsw (embedding «vector_l2_op»);",
    "create index on documents using «hnws» (embedding vector_l2_ops);",
    "create index on documents using hnsw (title «vector_l2_ops»);",
    "create index on documents using ivfflat (embedding «vector_l1_ops»);",
    // PostGIS: making, measuring, relating, casting, indexes.
    "create view v as select p.id from places as p where st_dwithin(p.spot, st_setsrid(st_makepoint(13.4, 52.5), 4326), 0.1);",
    "create view v as select p.id from places as p where st_dwithin(p.position, st_point(13.4, 52.5)::geography, 1000);",
    "create view v as select p.id, st_distance(p.position, p.spot::geography) as metres, st_area(p.area) as size from places as p;",
    "create view v as select p.id, st_asgeojson(p.spot) as json, st_astext(p.spot) as text, st_x(p.spot), st_srid(p.spot) from places as p;",
    "create view v as select a.id, b.id as other from places as a join places as b on st_contains(a.area, b.spot) and a.area && b.spot;",
    "create view v as select st_union(p.outline) as whole, st_collect(p.spot) as all_of, st_extent(p.spot) as bounds from places as p;",
    "create view v as select p.id from places as p order by p.spot <-> st_geomfromtext(\"POINT(13 52)\", 4326) limit 5;",
    "create view v as select st_transform(p.spot, 3857) as web, st_buffer(p.spot, p.radius) as around from places as p;",
    "create view v as select p.id from places as p where st_intersects(p.spot, st_makeenvelope(1, 2, 3, 4, 4326));",
    "create view v as select (st_dump(p.area)).geom as part from places as p;",
    "create index on places using gist (spot);",
    "create index on places using gist (st_transform(spot, 3857));",
    "create index on places using spgist (outline);",
    "alter table places { add check (st_isvalid(area)) }",
    "create view v as select «st_distanc»(p.spot, p.spot) from places as p;",
    "create view v as select «st_distance»(p.spot, 5) from places as p;",
    "create view v as select «st_dwithin»(p.spot, p.position) from places as p;",
    "create view v as select st_contains(a.area, a.«spott») from places as a;",
    "create view v as select «st_contains»(p.area) from places as p;",
    "create view v as select «st_transform»(p.spot, p.radius) from places as p;",
    "create view v as select «st_setsrid»(p.spot, p.name) from places as p;",
    "create view v as select «st_makepoint»(p.name, 5) from places as p;",
    "create view v as select p.spot «<->» 5 from places as p;",
    "create view v as select p.spot «+» p.spot from places as p;",
    "create view v as select p.id from places as p where «st_area(p.area)»;",
    "create view v as select p.id from places as p where st_distance(p.spot, p.spot) «=» p.name;",
    "create view v as select «st_x»(p.position) from places as p;",
    "create view v as select p.id::«geometri» from places as p;",
    "create index on places using gin («spot»);",
    "create index on places using gist (spot «gist_geography_ops»);",
    "create index on places using gist («name»);",
];

#[test]
fn what_the_documentation_shows_compiles_and_a_mistake_is_found() {
    let mut wrong = Vec::new();
    for item in ITEMS {
        let marked = item.split_once('«').and_then(|(before, rest)| Some((before, rest.split_once('»')?.0)));
        let block = format!("migration \"0001_all\" {{ {TABLES}\n{} }}", item.replace(['«', '»'], ""));
        let mistakes = migrate_compiler::compile_history(&block).err().unwrap_or_default();
        let is_right = match (marked, &mistakes[..]) {
            (None, []) => true,
            (Some((before, marked)), [mistake]) => {
                let start = before.chars().count() + 1;
                (start..=start + marked.chars().count()).contains(&(mistake.column as usize))
            }
            _ => false,
        };
        if !is_right {
            wrong.push(format!(
                "{item}\n    {}",
                mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
