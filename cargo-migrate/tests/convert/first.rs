//! What somebody is told who tries it for the first time.

use std::fs;

use super::{convert, convert_on, new_crate};
use crate::support::server;

#[test]
fn a_directory_without_migrations_is_named() {
    for json in [&[][..], &["--json"]] {
        let directory = new_crate(&[("readme.txt", "hello")]);
        let ran = convert(directory.path(), json);
        assert_eq!(ran.code, 1);
        let told = "error: cannot find a migration in `theirs/`\nhelp: name the directory with the migrations of the other tool";
        assert!(ran.err.starts_with(told) && ran.out.is_empty(), "{}", ran.err);
        fs::remove_dir_all(directory.path().join("theirs")).unwrap();
        let ran = convert(directory.path(), json);
        assert_eq!(ran.code, 1);
        assert!(ran.err.starts_with("error: cannot read `theirs`: "), "{}", ran.err);
        assert!(ran.err.contains("help: name the directory"), "{}", ran.err);
    }
}

#[test]
fn the_tool_that_the_files_are_of_is_named() {
    let directory = new_crate(&[("1_a.sql", "-- +goose Up\nCREATE TABLE a (id int);")]);
    let ran = convert(directory.path(), &["--from", "diesel"]);
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.err,
        "error: cannot find a migration of diesel in `theirs/`\n\
         help: each migration is a directory `VERSION_name` with `up.sql` and `down.sql`\n\
         help: these files look like those of goose: write `--from goose`, or leave out `--from`\n"
    );
}

#[test]
fn a_server_that_cannot_be_used_is_named_with_the_way_out() {
    let directory = new_crate(&[("V1__a.sql", "CREATE TABLE a (id int);")]);
    let none = server().url("nothing_of_this_name");
    for (url, told) in [
        (
            "postgress://localhost/postgres",
            "error: the URL of the database cannot be read\nhelp: write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`\n",
        ),
        (
            "postgres://localhost:1/postgres",
            "error: cannot create a database to run the history in: cannot connect to `localhost:1`: ",
        ),
        (none.as_str(), ": database \"nothing_of_this_name\" does not exist\nhelp: check that the server is running"),
    ] {
        for json in [&[][..], &["--json"]] {
            let ran = convert_on(url, directory.path(), json);
            assert_eq!(ran.code, 1);
            assert!(ran.err.contains(told) && ran.err.contains("help: ") && ran.out.is_empty(), "{}", ran.err);
        }
    }
    let nothing = crate::support::run(directory.path(), &["convert", "theirs"]);
    assert!(nothing.code == 2 && nothing.err.contains("--scratch-url <URL>"), "{}", nothing.err);
    let ran = convert(directory.path(), &["--from", "nothing"]);
    assert!(ran.code == 2 && ran.err.contains("possible values: sqlx, refinery"), "{}", ran.err);
}

#[test]
fn what_is_there_is_not_overwritten() {
    let directory = new_crate(&[("V1__a.sql", "CREATE TABLE a (id int);")]);
    fs::write(directory.path().join("migrations/1_mine.rs"), "").unwrap();
    for json in [&[][..], &["--json"]] {
        let ran = convert(directory.path(), json);
        assert_eq!(ran.code, 1);
        assert_eq!(
            ran.err,
            "error: a migration already exists: `1_mine.rs`\n\
             help: a converted history is the beginning of a history: name another directory with `--dir DIRECTORY`\n\
             help: to print the source without writing it, add `--dry-run`\n"
        );
    }
    fs::remove_file(directory.path().join("Cargo.toml")).unwrap();
    let ran = convert(directory.path(), &[]);
    assert!(ran.code == 1 && ran.err.contains("help: go to the directory of a crate"), "{}", ran.err);
}
