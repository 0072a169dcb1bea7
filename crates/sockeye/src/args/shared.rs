//! Flags that several commands share: how bytes are framed, read, shown and kept.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sockeye_net::dial::{Dial, FileUse};
use sockeye_net::endpoint::{Bare, Endpoint};
use sockeye_net::resolve::{Family, Lookup};
use sockeye_text::encoding::Encoding;
use sockeye_wire::checksum::Checksum;
use sockeye_wire::framing::Framing;
use sockeye_workbench::message::Composer;

use crate::args::values::{EolArg, TimeArg, ViewArg, duration, read_size};
use crate::failure::Failed;

/// What an endpoint without a scheme means, and how names are looked up.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Address")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Reach {
    /// UDP, where the endpoint names no scheme
    #[arg(short = 'u', long)]
    pub(crate) udp: bool,
    /// A Unix socket's path, where the endpoint names no scheme (with -u: datagrams)
    #[arg(short = 'U', long)]
    pub(crate) unix: bool,
    /// IPv4 only
    #[arg(short = '4', conflicts_with = "v6")]
    pub(crate) v4: bool,
    /// IPv6 only
    #[arg(short = '6')]
    pub(crate) v6: bool,
    /// Addresses only: look no names up
    #[arg(short = 'n', long)]
    pub(crate) numeric: bool,
    /// Say more on stderr
    #[arg(short = 'v', long)]
    pub(crate) verbose: bool,
}

impl Reach {
    /// What a text without a scheme means.
    pub(crate) fn bare(&self) -> Bare {
        match (self.unix, self.udp) {
            (false, false) => Bare::Tcp,
            (false, true) => Bare::Udp,
            (true, false) => Bare::Unix,
            (true, true) => Bare::Unixgram,
        }
    }

    /// How names are looked up.
    pub(crate) fn lookup(&self) -> Lookup {
        let family = match (self.v4, self.v6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        };
        Lookup { family, numeric: self.numeric }
    }

    /// How streams are called; `within` is `-w`.
    pub(crate) fn dial(&self, within: Option<Duration>, file: FileUse) -> Dial {
        Dial { lookup: self.lookup(), within, file, ..Dial::default() }
    }
}

/// What TLS is to stand on: for tls:// and wss://, each also an option of the endpoint.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "TLS")]
pub(crate) struct Tls {
    /// Trust these authorities (PEM) instead of this machine's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Trust whoever answers: anybody could be at the other end
    #[arg(long, conflicts_with = "ca")]
    pub(crate) insecure: bool,
    /// Our certificate (PEM); a server without one makes one, and shows its pin
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
}

impl Tls {
    /// Gives the endpoint what the flags say; it goes before what the endpoint says itself.
    /// A flag for an endpoint without TLS is refused: it would protect nothing.
    pub(crate) fn apply(&self, endpoint: &mut Endpoint) -> Result<(), Failed> {
        let given = [
            ("--ca", self.ca.is_some()),
            ("--insecure", self.insecure),
            ("--cert", self.cert.is_some()),
        ];
        let Some((flag, _)) = given.into_iter().find(|(_, given)| *given) else {
            return Ok(());
        };
        if !endpoint.speaks_tls() {
            return Err(Failed::usage(
                format!("`{flag}` is for TLS, and `{endpoint}` has none"),
                "write tls://host:port or wss://host/path",
            ));
        }
        let options = &mut endpoint.options;
        options.insecure |= self.insecure;
        for (option, flag) in [
            (&mut options.ca, &self.ca),
            (&mut options.cert, &self.cert),
            (&mut options.key, &self.key),
        ] {
            if flag.is_some() {
                option.clone_from(flag);
            }
        }
        Ok(())
    }

    /// The part of the flags that is a server's.
    pub(crate) fn of_server(&self) -> Self {
        Self { ca: None, insecure: false, ..self.clone() }
    }

    /// The part of the flags that is a client's, where the other side takes the certificate.
    pub(crate) fn of_client(&self) -> Self {
        Self { cert: None, key: None, ..self.clone() }
    }
}

/// How messages are put together and found.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Messages {
    /// Where messages end: raw, lines, crlf, delim:HEX, len:u8|u16|u24|u32|u64 with be|le
    /// (len:u32le[,offset=,adjust=]), len:ascii, len:varint, fixed:N, head:HEX,tail:HEX,
    /// gap:20ms, json, cobs, slip, modbus-tcp; each with ,max=SIZE
    #[arg(long, value_name = "FRAMING")]
    pub(crate) frame: Option<Framing>,
    #[arg(
        long,
        default_value = "auto",
        hide_default_value = true,
        help = "How text is encoded: auto, utf-8, gbk, gb18030, big5, shift_jis, …"
    )]
    pub(crate) encoding: Encoding,
    /// Replace each line's end that is sent (bytes stay unaltered unless given)
    #[arg(long, value_enum)]
    pub(crate) eol: Option<EolArg>,
    #[arg(
        long,
        help = "Append to what is sent and check in what comes: crc8, crc16-modbus, \
                crc16-ccitt-false, crc16-xmodem, crc16-kermit, crc32, sum8, sum16, xor8, lrc \
                [,be|le][,from=,to=]"
    )]
    pub(crate) checksum: Option<Checksum>,
    /// End once a whole message, either way, equals this
    #[arg(long, value_name = "TEXT")]
    pub(crate) until: Option<String>,
    /// The largest recv each, in order; the last is used on
    #[arg(long, value_name = "N[,N…]", value_delimiter = ',', value_parser = read_size)]
    pub(crate) read_size: Vec<usize>,
    /// End after so long a silence
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) idle_timeout: Option<Duration>,
}

impl Messages {
    /// None of them given: for a command that has no talk of its own.
    pub(crate) fn none() -> Self {
        Self {
            frame: None,
            encoding: Encoding::default(),
            eol: None,
            checksum: None,
            until: None,
            read_size: Vec::new(),
            idle_timeout: None,
        }
    }

    /// How messages are put together.
    pub(crate) fn composer(&self) -> Composer {
        Composer {
            encoding: self.encoding,
            checksum: self.checksum,
            eol: self.eol.map(Into::into),
            framing: self.frame.clone(),
        }
    }
}

/// What is shown and kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Show and keep")]
pub(crate) struct Keep {
    /// What is shown of the talk
    #[arg(long, value_enum, default_value = "auto", hide_default_value = true)]
    pub(crate) view: ViewArg,
    /// The time shown, in milliseconds
    #[arg(long, value_enum)]
    pub(crate) time: Option<TimeArg>,
    /// Events as JSON lines on stdout, the tape's own
    #[arg(long)]
    pub(crate) json: bool,
    /// Record everything to a tape (a new file)
    #[arg(long, value_name = "FILE")]
    pub(crate) tape: Option<PathBuf>,
    /// The talk never waits for the tape: what it misses is noted on it
    #[arg(long, requires = "tape")]
    pub(crate) tape_lossy: bool,
    /// Save received bytes (a new file)
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Append the talk as text with its time
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Let --tape and --save replace a file that is there
    #[arg(long)]
    pub(crate) overwrite: bool,
}

impl Keep {
    /// None of them given: for a command that has no talk of its own.
    pub(crate) fn nothing() -> Self {
        Self {
            view: ViewArg::Auto,
            time: None,
            json: false,
            tape: None,
            tape_lossy: false,
            save: None,
            log: None,
            overwrite: false,
        }
    }
}

/// What is answered without a keyboard.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Answers")]
pub(crate) struct Answers {
    /// Answer a message: 'MATCH => REPLY' (the first match wins); MATCH is text, hex:… or
    /// re:…, REPLY as for --reply
    #[arg(long = "on", value_name = "RULE")]
    pub(crate) on: Vec<sockeye_workbench::rules::Rule>,
}

/// Who may call.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Callers")]
pub(crate) struct Callers {
    /// Let only these addresses in (repeatable)
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow: Vec<sockeye_net::cidr::Cidr>,
    /// Keep these addresses out (repeatable, goes before --allow)
    #[arg(long, value_name = "CIDR")]
    pub(crate) deny: Vec<sockeye_net::cidr::Cidr>,
    /// At most so many at once
    #[arg(long, value_name = "N")]
    pub(crate) max_conns: Option<usize>,
}

impl Callers {
    /// The door.
    pub(crate) fn access(&self) -> sockeye_workbench::access::Access {
        sockeye_workbench::access::Access {
            allow: self.allow.clone(),
            allowed_by: "--allow",
            deny: self.deny.clone(),
            most: self.max_conns,
        }
    }
}
