//! How much is done: `FAULTS=long`, `FAULT_ROUNDS`, `FAULT_SEED`.

use std::sync::OnceLock;

/// The settings of this run.
pub(crate) struct Settings {
    pub(crate) long: bool,
    rounds: Option<usize>,
    pub(crate) seed: u64,
}

pub(crate) fn settings() -> &'static Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let number = |name: &str| {
            variable(name)
                .map(|value| value.parse::<u64>().unwrap_or_else(|_| panic!("{name} is `{value}`, no number")))
        };
        let settings = Settings {
            long: variable("FAULTS").is_some_and(|value| value == "long"),
            rounds: number("FAULT_ROUNDS").map(|rounds| rounds as usize),
            seed: number("FAULT_SEED").unwrap_or_else(|| fastrand::u64(..1_000_000_000)),
        };
        println!("FAULT_SEED={}", settings.seed);
        settings
    })
}

impl Settings {
    /// How many rounds: as many as are asked for, else these.
    pub(crate) fn rounds(&self, short: usize, long: usize) -> usize {
        self.rounds.unwrap_or(if self.long { long } else { short })
    }

    /// Random numbers of a test's own, so that tests do not change each other's.
    pub(crate) fn random(&self, purpose: &str) -> fastrand::Rng {
        let mixed =
            purpose.bytes().fold(self.seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        fastrand::Rng::with_seed(mixed)
    }
}
