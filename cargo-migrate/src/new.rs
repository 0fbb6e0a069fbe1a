//! `cargo migrate new`

use jiff::Timestamp;

use crate::failure::Failure;
use crate::project::{Project, create, shown};
use crate::{Place, template, version};

/// Create a migration file, and print its path.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// What it does, for example add_currency
    name: String,
}

impl New {
    pub(crate) fn run(&self, place: &Place) -> Result<String, Failure> {
        version::check_name(&self.name)
            .map_err(|help| Failure::new(format!("`{}` is not a valid migration name", self.name)).help(help))?;
        let project = Project::find(place)?;
        let directory = project.existing_directory("cargo migrate init")?;
        let existing = project.existing()?;
        if let Some(same) = existing.iter().find(|one| one.name == self.name) {
            return Err(Failure::new(format!("a migration of that name already exists: `{}`", same.file))
                .help("choose a different name"));
        }
        let version = version::next(&existing, Timestamp::now());
        let path = directory.join(format!("{version}_{}.rs", self.name));
        create(&path, &template::migration(&self.name))?;
        Ok(format!("{}\n", shown(&path)))
    }
}
