//! Certificates, made by openssl in a folder that goes with the test. No test is in here.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::harness::Start;

/// What `openssl ca` wants to know; it alone sets both dates.
const AUTHORITY: &str = "\
[ca]
default_ca = it
[it]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
";

/// The names of this machine.
pub(crate) const HERE: &str = "DNS:localhost,IP:127.0.0.1";

/// An authority in a folder of its own, and what it has signed.
#[derive(Debug)]
pub(crate) struct Papers {
    folder: TempDir,
}

impl Papers {
    /// An authority that has signed nothing yet.
    pub(crate) fn new() -> Self {
        let papers = Self { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(papers.file("ca.conf"), AUTHORITY).expect("room");
        std::fs::write(papers.file("index"), "").expect("room");
        std::fs::write(papers.file("serial"), "01\n").expect("room");
        papers.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout ca.key -out ca.pem -days 30 -subj /CN=authority",
        );
        papers
    }

    /// An authority that has signed `here`: localhost and 127.0.0.1.
    pub(crate) fn here() -> Self {
        Self::new().signs("here", HERE)
    }

    /// `NAME.pem` and `NAME.key`, valid for a month, for those names.
    pub(crate) fn signs(self, name: &str, names: &str) -> Self {
        self.signs_for(name, names, "20200101000000Z", "20990101000000Z")
    }

    /// The same between two dates.
    pub(crate) fn signs_for(self, name: &str, names: &str, from: &str, to: &str) -> Self {
        self.openssl(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout {name}.key -out {name}.csr -subj /CN={name}"
        ));
        std::fs::write(self.file("names"), format!("subjectAltName={names}\n")).expect("room");
        self.openssl(&format!(
            "ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in {name}.csr \
             -out {name}.pem -startdate {from} -enddate {to} -extfile names"
        ));
        self
    }

    /// `NAME.pem` and `NAME.key`, signed by itself, an authority too: what `req -x509` makes.
    pub(crate) fn self_signed(self, name: &str, names: &str) -> Self {
        self.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout {name}.key -out {name}.pem -days 30 -subj /CN={name} \
             -addext subjectAltName={names}"
        ));
        self
    }

    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as a word of a command line.
    pub(crate) fn path(&self, name: &str) -> String {
        self.file(name).to_str().expect("a path of ours").to_owned()
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `?cert=…&key=…` for a certificate of the folder.
    pub(crate) fn shows(&self, name: &str) -> String {
        format!(
            "cert={}&key={}",
            self.path(&format!("{name}.pem")),
            self.path(&format!("{name}.key"))
        )
    }

    /// The fingerprint as openssl prints it: hex with colons.
    pub(crate) fn fingerprint(&self, name: &str) -> String {
        let printed = self.openssl(&format!("x509 -in {name}.pem -noout -fingerprint -sha256"));
        printed.trim().split_once('=').expect("a fingerprint").1.to_owned()
    }

    fn openssl(&self, line: &str) -> String {
        let program = Start::program("openssl").folder(self.folder());
        program.args(line.split_ascii_whitespace()).run().exits(0).text()
    }
}
