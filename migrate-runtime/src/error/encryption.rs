//! Connections that should be encrypted but are not, or the reverse.

/// Why a connection failed because of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// The program cannot encrypt.
    NotBuilt,
    /// The server accepts only encrypted connections.
    Demanded,
    /// The server accepts no encrypted connections.
    NotOffered,
    /// The server's certificate is not trusted.
    NotTrusted,
}

impl Encryption {
    /// The cause of a driver's error, if it is encryption.
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

    /// What helps; `build` says how to build the program with TLS.
    pub fn help(self, build: Option<&str>) -> String {
        match (self, build) {
            (Encryption::NotBuilt, None) => "the program was built without TLS".to_owned(),
            (Encryption::NotBuilt, Some(build)) => format!("the program was built without TLS: {build}"),
            (Encryption::Demanded, None) => {
                "the server accepts only encrypted connections: add `?sslmode=require` to the URL".to_owned()
            }
            (Encryption::Demanded, Some(build)) => {
                format!("the server accepts only encrypted connections: {build}, and add `?sslmode=require` to the URL")
            }
            (Encryption::NotOffered, _) => {
                "the server does not accept encrypted connections: remove `sslmode` from the URL, or turn \
                 on `ssl` in the server's configuration"
                    .to_owned()
            }
            (Encryption::NotTrusted, _) => "name the certificate of its authority in the URL with `sslrootcert=FILE`; \
                                            `sslmode=require` encrypts without verifying the certificate"
                .to_owned(),
        }
    }
}

/// How an application gets TLS.
pub(crate) const FEATURE_OF_SQLX: &str = "enable the feature `tls-rustls` or `tls-native-tls` of sqlx in Cargo.toml";

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
