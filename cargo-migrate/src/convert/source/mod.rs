//! The histories of other tools. One file each: how it is recognised, and how it is read.

mod alembic;
mod atlas;
mod dbmate;
mod diesel;
mod drizzle;
mod flyway;
mod golang_migrate;
mod goose;
mod marked;
mod prisma;
mod refinery;
mod sea_orm;
mod sections;
mod sql;
mod sqlx;

use super::directory::Directory;
use super::history::History;
use super::version::repeated;
use crate::failure::Failure;

/// A tool that has a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Tool {
    Sqlx,
    Refinery,
    Diesel,
    SeaOrm,
    Alembic,
    Prisma,
    Flyway,
    Atlas,
    Dbmate,
    Goose,
    GolangMigrate,
    Drizzle,
    /// Files with SQL, in the order of their names
    Sql,
}

impl Tool {
    /// Those that are recognised, in this order: what nobody else has comes first.
    const ALL: [Tool; 13] = [
        Tool::Atlas,
        Tool::Drizzle,
        Tool::Prisma,
        Tool::Diesel,
        Tool::Flyway,
        Tool::Refinery,
        Tool::Goose,
        Tool::Dbmate,
        Tool::Alembic,
        Tool::SeaOrm,
        Tool::GolangMigrate,
        Tool::Sqlx,
        Tool::Sql,
    ];

    /// As it is given to `--from`.
    pub(crate) fn word(self) -> String {
        clap::ValueEnum::to_possible_value(&self).map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whose history it is, by its files.
    pub(crate) fn recognise(directory: &Directory) -> Result<Self, Failure> {
        for tool in Tool::ALL {
            if tool.reader().recognises(directory)? {
                return Ok(tool);
            }
        }
        Err(Failure::new(format!("cannot find a migration in `{}`", directory.path("").display()))
            .help("name the directory with the migrations of the other tool, and the tool with `--from`"))
    }

    /// Its history in a directory.
    pub(crate) fn read(self, directory: &Directory) -> Result<History, Failure> {
        let history = self.reader().read(directory)?;
        if history.migrations.is_empty() {
            let word = self.word();
            let failure =
                Failure::new(format!("cannot find a migration of {word} in `{}`", directory.path("").display()))
                    .help(self.reader().expected());
            return Err(match Tool::recognise(directory) {
                Ok(other) if other != self => {
                    let other = other.word();
                    failure.help(format!(
                        "these files look like those of {other}: write `--from {other}`, or leave out `--from`"
                    ))
                }
                _ => failure,
            });
        }
        match repeated(&history.migrations) {
            Some(version) => Err(Failure::new(format!("version `{version}` is used more than once"))
                .help("give one of the files another version")),
            None => Ok(history),
        }
    }

    fn reader(self) -> &'static dyn Reader {
        match self {
            Tool::Sqlx => &sqlx::Sqlx,
            Tool::Refinery => &refinery::Refinery,
            Tool::Diesel => &diesel::Diesel,
            Tool::SeaOrm => &sea_orm::SeaOrm,
            Tool::Alembic => &alembic::Alembic,
            Tool::Prisma => &prisma::Prisma,
            Tool::Flyway => &flyway::Flyway,
            Tool::Atlas => &atlas::Atlas,
            Tool::Dbmate => &dbmate::Dbmate,
            Tool::Goose => &goose::Goose,
            Tool::GolangMigrate => &golang_migrate::GolangMigrate,
            Tool::Drizzle => &drizzle::Drizzle,
            Tool::Sql => &sql::Sql,
        }
    }
}

/// How the files of a tool are read.
trait Reader {
    /// Whether these files are of this tool and of no other.
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure>;

    fn read(&self, directory: &Directory) -> Result<History, Failure>;

    /// What its files look like, as a line of help.
    fn expected(&self) -> &'static str;
}

/// `20240221104457_drop_builds` as its version and its name.
fn numbered(stem: &str) -> Option<(&str, &str)> {
    let end = stem.find(|character: char| !character.is_ascii_digit()).unwrap_or(stem.len());
    let (version, rest) = stem.split_at(end);
    (!version.is_empty()).then(|| (version, rest.trim_start_matches(['_', '-', '.'])))
}

/// Versions of digits, as numbers.
fn by_number(version: &str) -> (usize, String) {
    let digits = version.trim_start_matches('0');
    (digits.len(), digits.to_owned())
}

#[cfg(test)]
mod tests;
