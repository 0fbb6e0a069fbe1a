//! `cargo migrate generate`

mod asked;
mod development;
mod numbers;
mod structs;
mod told;
mod words;

use std::io::{IsTerminal as _, Write as _};

use jiff::Timestamp;
use migrate_compiler::generate::{self, Generated, Question};
use migrate_compiler::{History, Renamed};
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::operation::Operation;
use serde_json::json;

use crate::failure::Failure;
use crate::layout::laid_out;
use crate::project::{Project, create, shown};
use crate::schema::Sides;
use crate::waiting::block_on;
use crate::{Answer, Place, template, version};
use development::Development;

/// Write the migration that leads from the migrations to the schema.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo migrate generate add_currency
  cargo migrate generate rename_total --rename bookings.total=amount
  cargo migrate generate drop_notes --drop bookings.note
  cargo migrate generate --from-database postgres://localhost/shop_development
  cargo migrate generate --from-structs
  cargo migrate generate --dry-run --json

Something that disappears while something of its kind appears may have been renamed. That is never guessed: write
`#[was(total)]` before the new name in the schema, or use `--rename` or `--drop`. On a terminal, you are asked.

What only you can know is left in the migration as `todo(\"...\")`, which does not compile; what loses data must be allowed by you.
No file is overwritten, and no database is changed.

Exit codes: 0 written, or nothing to do; 1 it cannot be written, or not all of it; 2 wrong usage, or it is not known whether
something is renamed")]
pub(crate) struct Generate {
    #[command(flatten)]
    sides: Sides,
    /// Lead to what this database contains, instead of the schema
    #[arg(long, value_name = "URL")]
    from_database: Option<String>,
    /// Where to apply the migrations to a new database, which shows what was renamed: any database of a server whose
    /// role may create databases [default: the server of the database]
    #[arg(long, value_name = "URL", requires = "from_database")]
    scratch_url: Option<String>,
    /// Lead to the columns of the structs with `#[derive(Table)]` in the crate's `src`, instead of the schema
    #[arg(long, conflicts_with = "from_database")]
    from_structs: bool,
    /// What is renamed, for example bookings.total=amount or users=people; may be given more than once
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// What is dropped, and not renamed, for example bookings.note; may be given more than once
    #[arg(long, value_name = "NAME")]
    drop: Vec<String>,
    /// Print the migration, and write no file
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// The name of the migration [default: what it changes]
    name: Option<String>,
}

impl Generate {
    pub(crate) fn run(&self, place: &Place) -> Result<Answer, Failure> {
        if let Some(name) = &self.name {
            version::check_name(name)
                .map_err(|help| Failure::new(format!("`{name}` is not a valid migration name")).help(help))?;
        }
        let project = Project::find(place)?;
        let history = self.sides.history(&project)?;
        let (goal, mut renames, left_out) = self.goal(&project, &history)?;
        let mut dropped = Vec::new();
        for text in &self.rename {
            asked::rename(text, history.catalog(), &goal, &mut renames)?;
        }
        for text in &self.drop {
            dropped.push(asked::gone(text, history.catalog())?);
        }
        let open = || generate::questions(history.catalog(), &goal, &renames, &dropped);
        let mut questions = open();
        if !questions.is_empty() && self.may_ask() {
            asked::on_terminal(history.catalog(), &goal, &mut renames, &mut dropped)?;
            questions = generate::questions(history.catalog(), &goal, &renames, &dropped);
        }
        if !questions.is_empty() {
            return Ok(self.unanswered(&questions));
        }
        let generated = generate::generate(&history, &goal, &renames);
        self.answer(&project, &history, &generated, left_out)
    }

    /// What the migration leads to, with the renames that it says, and with what could not be read.
    fn goal(&self, project: &Project, history: &History) -> Result<(Catalog, Renames, Vec<String>), Failure> {
        if self.from_structs {
            let structs = structs::read(project, history)?;
            return Ok((structs.catalog, Renames::default(), Vec::new()));
        }
        let Some(url) = &self.from_database else {
            let beside = self.sides.beside(project, history)?;
            return Ok((beside.schema, generate::renames_of(&beside.renames), Vec::new()));
        };
        let scratch = self.scratch_url.as_deref().unwrap_or(url);
        let read = Development::read(url, scratch, project, history, !self.json);
        let Development { catalog, renames, left_out } = block_on(read)??;
        Ok((catalog, renames, left_out))
    }

    fn has_schema(&self) -> bool {
        self.from_database.is_none() && !self.from_structs
    }

    fn may_ask(&self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// What to paste where it is not known whether something is renamed.
    fn unanswered(&self, questions: &[Question]) -> Answer {
        if self.json {
            let each: Vec<_> = questions.iter().map(told::as_json).collect();
            return Answer { text: format!("{}\n", json!({ "questions": each })), errors: Vec::new(), code: 2 };
        }
        let errors = questions.iter().map(|question| told::as_text(question, self.has_schema())).collect();
        Answer { text: String::new(), errors, code: 2 }
    }

    fn answer(
        &self,
        project: &Project,
        history: &History,
        generated: &Generated,
        left_out: Vec<String>,
    ) -> Result<Answer, Failure> {
        let not_written = generated.left.iter().map(|one| format!("the migration does not reach the target: {one}"));
        let errors: Vec<String> = left_out.into_iter().chain(not_written).collect();
        let code = u8::from(!generated.left.is_empty());
        if generated.operations.is_empty() {
            let text = match self.json {
                true => {
                    format!("{}\n", json!({ "file": null, "operations": [], "plan": [], "open": [], "errors": errors }))
                }
                false if code == 0 => "nothing to do: the migrations already create it\n".to_owned(),
                false => String::new(),
            };
            return Ok(Answer { text, errors: if self.json { Vec::new() } else { errors }, code });
        }
        let existing = project.existing()?;
        let name = match &self.name {
            Some(name) if existing.iter().any(|one| one.name == *name) => {
                return Err(Failure::new(format!("a migration of that name already exists: `{name}`"))
                    .help("choose a different name"));
            }
            Some(name) => name.clone(),
            None => version::free_name(&default_name(&generated.operations), |name| {
                existing.iter().any(|one| one.name == name)
            }),
        };
        let source = source(&name, generated)?;
        let version = version::next(&existing, Timestamp::now());
        let path = project.migrations().join(format!("{version}_{name}.rs"));
        let file = if self.dry_run { None } else { Some(shown(&path)) };
        if file.is_some() {
            create(&path, &source)?;
        }
        let open = told::open(&source, history);
        let plan = told::plan(&generated.operations, history);
        let by_hand: Vec<String> = generated.unprintable.iter().map(ToString::to_string).collect();
        if self.json {
            let open = open.iter().map(|one| json!({ "line": one.line, "code": one.code, "message": one.message }));
            let open: Vec<_> = open.collect();
            let operations: Vec<_> = generated.operations.iter().map(Operation::name).collect();
            let answer = json!({
                "file": file, "source": Some(&source).filter(|_| self.dry_run), "operations": operations, "plan": plan,
                "open": open, "raw_sql": by_hand, "errors": errors,
            });
            return Ok(Answer { text: format!("{answer}\n"), errors: Vec::new(), code });
        }
        let shown_path = file.clone().unwrap_or_else(|| shown(&path));
        let mut notes = String::new();
        for (index, statement) in plan.iter().enumerate() {
            notes.push_str(&format!("  {}/{} {}\n", index + 1, plan.len(), statement.replace('\n', "\n      ")));
        }
        for one in &by_hand {
            notes.push_str(&format!("as raw SQL: {one}\n"));
        }
        if !open.is_empty() {
            notes.push_str("left for you to fill in before it compiles:\n");
            for one in &open {
                notes.push_str(&format!("  {shown_path}:{}: {} [{}]\n", one.line, one.message, one.code));
            }
        }
        if file.is_none() {
            let _ = std::io::stderr().write_all(notes.as_bytes());
            return Ok(Answer { text: source, errors, code });
        }
        Ok(Answer { text: format!("{shown_path}\n{notes}"), errors, code })
    }
}

/// The whole file.
fn source(name: &str, generated: &Generated) -> Result<String, Failure> {
    let title = template::sentence(name);
    let source = format!("//! {title}.\n\nmigrate_runtime::migration! {{\n{}\n}}\n", generated.text);
    laid_out(&source, "the migration", "the schema and the migrations")
}

/// What a migration is called that changes this: the only table of it, or the schema.
fn default_name(operations: &[Operation]) -> String {
    let mut tables = operations.iter().filter_map(|operation| match operation {
        Operation::CreateTable(create) => Some(("create", create.name.name.clone())),
        Operation::DropTable(drop) => Some(("drop", drop.name.name.clone())),
        _ => None,
    });
    let (verb, name) = match (tables.next(), tables.next()) {
        (Some(found), None) if operations.len() == 1 => found,
        _ => ("change", "schema".to_owned()),
    };
    let plain: String =
        name.to_lowercase().chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect();
    format!("{verb}_{plain}")
}

/// What a thing is called on the command line: `bookings.total`.
pub(super) fn argument(what: &Renamed) -> String {
    match what {
        Renamed::Table(name) | Renamed::Enum(name) => name.to_string(),
        Renamed::Object(id) => id.name.to_string(),
        Renamed::Column(of, part) | Renamed::Value(of, part) | Renamed::Index(of, part) => format!("{of}.{part}"),
    }
}

/// The last part of its name, which is what it would be called.
pub(super) fn last_part(what: &Renamed) -> String {
    match what {
        Renamed::Column(_, part) | Renamed::Value(_, part) | Renamed::Index(_, part) => part.clone(),
        whole => argument(whole),
    }
}
