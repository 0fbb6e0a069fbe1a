//! As much of PostgreSQL's protocol as a test needs: one session, simple queries, text values.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A session as `postgres`.
pub struct Session(TcpStream);

impl Session {
    /// Connects and waits until the server is ready for a query.
    pub fn open(port: u16, database: &str) -> Result<Self, Box<dyn Error>> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for part in ["user", "postgres", "database", database, ""] {
            body.extend(part.as_bytes());
            body.push(0);
        }
        stream.write_all(&framed(&body))?;
        let mut session = Self(stream);
        session.until_ready()?;
        Ok(session)
    }

    /// Runs `sql` and gives the first column of all rows.
    pub fn query(&mut self, sql: &str) -> Result<Vec<String>, Box<dyn Error>> {
        self.0.write_all(b"Q")?;
        self.0.write_all(&framed(format!("{sql}\0").as_bytes()))?;
        self.until_ready()
    }

    fn until_ready(&mut self) -> Result<Vec<String>, Box<dyn Error>> {
        let mut rows = Vec::new();
        let mut complaint = None;
        loop {
            let mut head = [0; 5];
            self.0.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            let mut body = vec![0; length as usize - 4];
            self.0.read_exact(&mut body)?;
            match head[0] {
                b'D' => rows.push(String::from_utf8(body[6..].to_vec())?),
                b'E' => complaint = Some(String::from_utf8_lossy(&body).replace('\0', " ")),
                b'Z' => return complaint.map_or(Ok(rows), |text| Err(text.into())),
                _ => {}
            }
            // A refused connection gets no `ready`.
            if let (b'E', Some(text)) = (head[0], &complaint)
                && text.contains("FATAL")
            {
                return Err(text.clone().into());
            }
        }
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), body].concat()
}
