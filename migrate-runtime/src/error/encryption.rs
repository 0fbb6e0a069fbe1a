//! Connections that should be encrypted and are not, or the other way round.

/// Why there is no connection, where that is a matter of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// The program cannot encrypt.
    NotBuilt,
    /// The server takes encrypted connections only.
    Demanded,
    /// The server takes none.
    NotOffered,
    /// Nobody who is trusted has signed the server's certificate.
    NotTrusted,
}

impl Encryption {
    /// What an error of the driver is about.
    pub fn of(error: &sqlx::Error) -> Option<Self> {
        // As the servers and services say it that refuse a connection for that; `28000` is PostgreSQL's own.
        const REFUSALS: [&str; 6] = [
            "no encryption",
            "ssl off",
            "connection is insecure",
            "ssl connection is required",
            "ssl/tls required",
            "sslmode",
        ];
        let text = match error {
            sqlx::Error::Database(error) => {
                let said = error.message().to_lowercase();
                return REFUSALS.iter().any(|refusal| said.contains(refusal)).then_some(Encryption::Demanded);
            }
            sqlx::Error::Tls(error) => error.to_string(),
            sqlx::Error::Io(error) => error.to_string(),
            _ => return None,
        };
        match text {
            text if text.contains("without TLS") => Some(Encryption::NotBuilt),
            text if text.contains("does not support TLS") => Some(Encryption::NotOffered),
            text if text.contains("certificate") => Some(Encryption::NotTrusted),
            _ => None,
        }
    }

    /// What helps; `build` says how the program gets TLS, where it may have none.
    pub fn help(self, build: Option<&str>) -> String {
        match (self, build) {
            (Encryption::NotBuilt, None) => "the program was built without TLS".to_owned(),
            (Encryption::NotBuilt, Some(build)) => format!("the program was built without TLS: {build}"),
            (Encryption::Demanded, None) => {
                "the server takes encrypted connections only: give the URL `?sslmode=require`".to_owned()
            }
            (Encryption::Demanded, Some(build)) => {
                format!("the server takes encrypted connections only: {build}, and the URL `?sslmode=require`")
            }
            (Encryption::NotOffered, _) => {
                "the server takes no encrypted connections: leave `sslmode` out of the URL, or turn \
                                            on `ssl` in the server's configuration"
                    .to_owned()
            }
            (Encryption::NotTrusted, _) => "name the certificate of its authority in the URL with `sslrootcert=FILE`; \
                                            `sslmode=require` encrypts without checking any"
                .to_owned(),
        }
    }
}

/// How an application gets TLS.
pub(crate) const FEATURE_OF_SQLX: &str = "give sqlx the feature `tls-rustls` or `tls-native-tls` in Cargo.toml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_driver_are_told_apart() {
        let tls = |text: &str| sqlx::Error::Tls(text.into());
        for (error, expected) in [
            (
                tls("TLS upgrade required by connect options but SQLx was built without TLS support enabled"),
                Some(Encryption::NotBuilt),
            ),
            (tls("server does not support TLS"), Some(Encryption::NotOffered)),
            (
                sqlx::Error::Io(std::io::Error::other("invalid peer certificate: UnknownIssuer")),
                Some(Encryption::NotTrusted),
            ),
            (sqlx::Error::Io(std::io::Error::other("connection refused")), None),
            (sqlx::Error::PoolClosed, None),
        ] {
            assert_eq!(Encryption::of(&error), expected, "{error}");
        }
    }
}
