migration "0001_made" {
    /// As the one of the system.
    create text search template plain { init: dsimple_init, lexize: dsimple_lexize }
    create text search parser words { start: prsd_start, gettoken: prsd_nexttoken, end: prsd_end, lextypes: prsd_lextype, headline: prsd_headline }
    create text search dictionary plain { template: plain }
    create text search configuration found { parser: words }
    alter text search configuration found add mapping for asciiword with plain;
}
migration "0002_changed" {
    create schema app;
    alter text search template plain rename to plainest;
    alter text search parser words set schema app;
    comment on text search template plainest is null;
}
migration "0003_dropped" {
    drop text search configuration found;
    drop text search parser app.words;
    drop text search dictionary plain;
    drop text search template plainest;
}
