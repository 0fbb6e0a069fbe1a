migration "0001_extension" { create extension hstore; create extension pg_trgm; }
migration "0002_drop" { drop extension hstore; }
