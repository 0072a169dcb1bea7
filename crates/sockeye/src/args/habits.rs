//! What users of nc and ncat type by habit, and how it is said here.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use sockeye_net::endpoint::{Bare, Endpoint, Purpose};
use sockeye_text::safe::one_line;

/// Flags of theirs that are none of ours, or that mean something else.
const FLAGS: [(&[&str], &str); 13] = [
    (&["-N"], "leave it out: the peer is told of stdin's end always"),
    (&["-C", "--crlf"], "`--eol crlf`"),
    (
        &["-e", "-c", "--exec", "--sh-exec"],
        "`listen ENDPOINT --exec CMD` (`sh -c '…'` is a shell); as a caller `relay --dial \
         exec:CMD ENDPOINT`",
    ),
    (
        &["-s", "-p", "--source", "--source-port"],
        "our own address is an option of the endpoint: `127.0.0.1:80?bind=127.0.0.1:4000`; a \
         server's is its endpoint: `listen 8888`",
    ),
    (
        &["-x", "-X", "--proxy", "--proxy-type"],
        "a proxy is an option of the endpoint: `example.org:80?via=socks5://127.0.0.1:1080`, or \
         `via=http://…`",
    ),
    (&["--proxy-auth"], "user:password in a file that only you can read: `?via-auth=FILE`"),
    (&["--ssl", "--ssl-verify"], "write `tls://host:port`: certificates are checked always"),
    (&["--ssl-cert", "--ssl-key"], "`--cert FILE --key FILE`, with `tls://host:port`"),
    (&["-i"], "`--idle-timeout TIME`; between two sends `send --repeat N --every TIME`"),
    (&["-o", "--output"], "`--save FILE` keeps what comes, `--log FILE` the talk as text"),
    (&["--hex-dump"], "`--view hex`, or `--tape FILE` to look at later"),
    (&["-d", "--recv-only"], "without input: `connect ENDPOINT < /dev/null`"),
    (&["--send-only"], "`send ENDPOINT DATA`, or `connect -q 0`"),
];

/// How what was typed is said here; none where it is no habit that is known. `words` are those
/// of the command line, without the program's own name.
pub(crate) fn hint(error: &clap::Error, words: &[String]) -> Option<String> {
    match error.kind() {
        ErrorKind::UnknownArgument => flag(text(error, ContextKind::InvalidArg)?, words),
        ErrorKind::InvalidSubcommand if error.get(ContextKind::SuggestedSubcommand).is_none() => {
            address(words)
        }
        _ => None,
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

fn flag(flag: &str, words: &[String]) -> Option<String> {
    let known = FLAGS.iter().find(|(flags, _)| flags.contains(&flag));
    if let Some((_, hint)) = known {
        return Some((*hint).to_owned());
    }
    let first = words.first().is_some_and(|word| word.starts_with(flag));
    let ours = ["-u", "-U", "-4", "-6", "-n", "-v", "-z", "-w", "-q", "-k"].contains(&flag);
    (first && ours).then(|| {
        format!("it comes after the command: `sockeye connect {flag} …`, `sockeye listen {flag} …`")
    })
}

/// An endpoint where a command is wanted.
fn address(words: &[String]) -> Option<String> {
    let endpoint = match words {
        [host, port, ..] if Endpoint::from_words(host, port, Purpose::Dial, Bare::Tcp).is_ok() => {
            format!("{host} {port}")
        }
        [one, ..] if Endpoint::parse(one, Purpose::Dial).is_ok() => one.clone(),
        _ => return None,
    };
    let endpoint = one_line(&endpoint);
    Some(format!("to call it: `sockeye connect {endpoint}`; to be called: `sockeye listen …`"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;

    fn hinted(line: &str) -> Option<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let whole = std::iter::once("sockeye".to_owned()).chain(words.clone());
        hint(&Args::try_parse_from(whole).unwrap_err(), &words)
    }

    #[test]
    fn what_nc_and_ncat_users_type_is_told_as_it_is_said_here() {
        for (line, said) in [
            ("127.0.0.1 80", "`sockeye connect 127.0.0.1 80`"),
            ("example.org:80", "`sockeye connect example.org:80`"),
            ("-u 127.0.0.1 53", "`sockeye connect -u …`"),
            ("connect -N 127.0.0.1 80", "leave it out"),
            ("connect -C 127.0.0.1 80", "--eol crlf"),
            ("connect 127.0.0.1 80 -e /bin/sh", "--exec CMD"),
            ("connect -s 127.0.0.1 127.0.0.1 80", "?bind="),
            ("-l -p 8888", "`listen 8888`"),
            ("connect -x 127.0.0.1:1080 example.org 80", "?via="),
            ("connect --ssl example.org 443", "tls://"),
            ("listen 8443 --ssl-cert c.pem", "--cert FILE"),
            ("connect --send-only 127.0.0.1 80", "`send ENDPOINT DATA`"),
        ] {
            let got = hinted(line).unwrap_or_default();
            assert!(got.contains(said), "{line}: {got:?}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_left_to_the_usual_words() {
        for line in ["conect 127.0.0.1 80", "connect --eoll crlf 127.0.0.1:80", "nonsense"] {
            assert_eq!(hinted(line), None, "{line}");
        }
    }

    #[test]
    fn no_flag_in_the_table_is_one_of_ours_where_it_is_told_of() {
        for (flags, _) in FLAGS {
            for flag in flags {
                let line = format!("connect {flag} 127.0.0.1:80");
                assert!(hinted(&line).is_some(), "{line}");
            }
        }
    }
}
