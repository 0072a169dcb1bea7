//! SOCKS version 5 (RFC 1928) with user and password (RFC 1929), as its client: bytes in,
//! bytes out. Only the command CONNECT; names go to the proxy as they are.

use crate::error::Code;
use crate::host::{Host, HostPort};
use crate::via::{Login, Step, ViaError};

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const WITH_LOGIN: u8 = 2;
const CONNECT: u8 = 1;
const V4: u8 = 1;
const NAME: u8 = 3;
const V6: u8 = 4;

/// The client's side.
#[derive(Debug)]
pub struct Socks5 {
    login: Option<Login>,
    request: Vec<u8>,
    state: State,
    /// Bytes of the state that have come.
    came: Vec<u8>,
    /// Bytes that the reply still has after its head.
    rest: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is said yet.
    Fresh,
    /// Version and chosen method.
    Method,
    /// Version of RFC 1929 and status.
    Login,
    /// Version, reply, reserved, type of address, first byte of the address.
    Head,
    /// What is left of the address, and the port.
    Rest,
}

impl Socks5 {
    /// The way to that peer.
    pub fn new(target: &HostPort, login: Option<Login>) -> Result<Self, ViaError> {
        let mut request = vec![VERSION, CONNECT, 0];
        let refuse = |why| ViaError::Target(target.to_string(), why);
        match &target.host {
            Host::Any => return Err(refuse("it is no address")),
            Host::V6(_, Some(_)) => return Err(refuse("an interface is this machine's own")),
            Host::V4(v4) => {
                request.push(V4);
                request.extend(v4.octets());
            }
            Host::V6(v6, None) => {
                request.push(V6);
                request.extend(v6.octets());
            }
            Host::Name(name) => {
                let length = u8::try_from(name.len()).map_err(|_| refuse("it is too long"))?;
                request.extend([NAME, length]);
                request.extend(name.bytes());
            }
        }
        request.extend(target.port.to_be_bytes());
        Ok(Self { login, request, state: State::Fresh, came: Vec::new(), rest: 0 })
    }

    /// Takes what came, at first nothing, and says what to do. Never wants a byte that is
    /// not the proxy's.
    pub fn next(&mut self, came: &[u8]) -> Result<Step, ViaError> {
        self.came.extend_from_slice(came);
        if self.state != State::Fresh && !self.came.is_empty() {
            self.check_version()?;
        }
        let missing = self.wanted().saturating_sub(self.came.len());
        if missing > 0 {
            return Ok(Step::Wait(missing));
        }
        let said = std::mem::take(&mut self.came);
        match (self.state, said.as_slice()) {
            (State::Fresh, _) => {
                let methods: &[u8] = match self.login {
                    Some(_) => &[VERSION, 2, NO_LOGIN, WITH_LOGIN],
                    None => &[VERSION, 1, NO_LOGIN],
                };
                Ok(self.say(methods.to_vec(), State::Method))
            }
            (State::Method, [_, NO_LOGIN]) | (State::Login, [_, 0]) => Ok(self.ask()),
            (State::Method, [_, WITH_LOGIN]) if let Some(login) = self.login.clone() => {
                Ok(self.say(spelt(&login), State::Login))
            }
            (State::Method, _) => Err(self.who("it wants a login")),
            (State::Login, _) => Err(self.who("the login is wrong")),
            (State::Head, [_, 0, _, kind, first]) => {
                let address = match *kind {
                    V4 => 3,
                    V6 => 15,
                    NAME => usize::from(*first),
                    _ => return Err(no_proxy(&said)),
                };
                self.state = State::Rest;
                self.rest = address + 2;
                Ok(Step::Wait(self.rest))
            }
            (State::Head, [_, reply, ..]) => Err(refused(*reply)),
            (State::Head, _) => Err(no_proxy(&said)),
            (State::Rest, _) => Ok(Step::Through),
        }
    }

    /// How many bytes the state is made of.
    fn wanted(&self) -> usize {
        match self.state {
            State::Fresh => 0,
            State::Method | State::Login => 2,
            // One that refuses may send no address: its first two bytes say it all.
            State::Head if self.came.get(1).is_some_and(|reply| *reply != 0) => 2,
            State::Head => 5,
            State::Rest => self.rest,
        }
    }

    fn check_version(&self) -> Result<(), ViaError> {
        let good: &[u8] = match self.state {
            // RFC 1929 has a version of its own, which some proxies write as 5.
            State::Login => &[1, VERSION],
            State::Method | State::Head => &[VERSION],
            State::Fresh | State::Rest => return Ok(()),
        };
        match self.came.first() {
            Some(version) if !good.contains(version) => Err(no_proxy(&self.came)),
            _ => Ok(()),
        }
    }

    fn ask(&mut self) -> Step {
        let request = std::mem::take(&mut self.request);
        self.say(request, State::Head)
    }

    fn say(&mut self, bytes: Vec<u8>, then: State) -> Step {
        self.state = then;
        Step::Say(bytes, self.wanted())
    }

    fn who(&self, said: &str) -> ViaError {
        ViaError::WhoAreYou { said: said.to_owned(), given: self.login.is_some() }
    }
}

fn spelt(login: &Login) -> Vec<u8> {
    let mut bytes = vec![1];
    for part in [&login.user, &login.password] {
        // `Login` holds parts of at most 255 bytes.
        bytes.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        bytes.extend(part.bytes().take(255));
    }
    bytes
}

fn no_proxy(came: &[u8]) -> ViaError {
    ViaError::NoProxy { kind: "SOCKS 5", first: came.to_vec() }
}

/// RFC 1928, section 6.
fn refused(reply: u8) -> ViaError {
    let (code, said) = match reply {
        1 => (Code::Io, "general failure"),
        2 => (Code::Denied, "not allowed by its rules"),
        3 => (Code::Unreachable, "network unreachable"),
        4 => (Code::Unreachable, "host unreachable"),
        5 => (Code::Refused, "connection refused"),
        6 => (Code::Timeout, "no answer in time (TTL expired)"),
        7 => (Code::Io, "it does not make connections (command not supported)"),
        8 => (Code::Io, "it does not know such addresses (address type not supported)"),
        _ => return ViaError::Said { code: Code::Io, said: format!("failure {reply}") },
    };
    ViaError::Said { code, said: said.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(text: &str) -> HostPort {
        crate::host::host_port(text, &Host::Any).unwrap()
    }

    fn login() -> Login {
        Login::parse("me:secret").unwrap()
    }

    #[test]
    fn a_name_goes_to_the_proxy_as_it_is() {
        let mut talk = Socks5::new(&to("peer.example:80"), None).unwrap();
        assert_eq!(talk.next(&[]).unwrap(), Step::Say(vec![5, 1, 0], 2));
        let request = b"\x05\x01\x00\x03\x0cpeer.example\x00\x50".to_vec();
        assert_eq!(talk.next(&[5, 0]).unwrap(), Step::Say(request, 5));
        assert_eq!(talk.next(&[5, 0, 0, 1, 10]).unwrap(), Step::Wait(5));
        assert_eq!(talk.next(&[0, 0, 1, 0, 80]).unwrap(), Step::Through);
    }

    #[test]
    fn addresses_go_as_bytes_in_the_networks_order() {
        for (target, spelt) in [
            ("10.0.0.1:258", b"\x05\x01\x00\x01\x0a\x00\x00\x01\x01\x02".to_vec()),
            ("[::1]:1", [&[5, 1, 0, 4][..], &[0; 15], &[1, 0, 1]].concat()),
        ] {
            let mut talk = Socks5::new(&to(target), None).unwrap();
            talk.next(&[]).unwrap();
            assert_eq!(talk.next(&[5, 0]).unwrap(), Step::Say(spelt, 5));
        }
        assert!(matches!(Socks5::new(&to("[fe80::1%lo]:1"), None), Err(ViaError::Target(..))));
        assert!(matches!(Socks5::new(&to("*:1"), None), Err(ViaError::Target(..))));
    }

    #[test]
    fn a_login_is_told_only_where_it_is_wanted() {
        let mut talk = Socks5::new(&to("10.0.0.1:1"), Some(login())).unwrap();
        assert_eq!(talk.next(&[]).unwrap(), Step::Say(vec![5, 2, 0, 2], 2));
        let spelt = b"\x01\x02me\x06secret".to_vec();
        assert_eq!(talk.next(&[5, 2]).unwrap(), Step::Say(spelt, 2));
        assert!(matches!(talk.next(&[1, 0]).unwrap(), Step::Say(..)));
        let mut talk = Socks5::new(&to("10.0.0.1:1"), Some(login())).unwrap();
        talk.next(&[]).unwrap();
        let Step::Say(bytes, _) = talk.next(&[5, 0]).unwrap() else { panic!("a request") };
        assert!(!bytes.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn a_login_that_is_missing_or_wrong_is_denied() {
        let mut talk = Socks5::new(&to("10.0.0.1:1"), None).unwrap();
        talk.next(&[]).unwrap();
        let error = talk.next(&[5, 0xFF]).unwrap_err();
        assert!(matches!(error, ViaError::WhoAreYou { given: false, .. }));
        let mut talk = Socks5::new(&to("10.0.0.1:1"), Some(login())).unwrap();
        talk.next(&[]).unwrap();
        talk.next(&[5, 2]).unwrap();
        let error = talk.next(&[1, 1]).unwrap_err();
        assert!(matches!(error, ViaError::WhoAreYou { given: true, .. }));
        assert_eq!(error.code(), Code::Denied);
    }

    /// A method that was not offered must not be followed, or a login would go astray.
    #[test]
    fn a_method_that_was_not_offered_is_refused() {
        let mut talk = Socks5::new(&to("10.0.0.1:1"), None).unwrap();
        talk.next(&[]).unwrap();
        assert!(talk.next(&[5, 2]).is_err());
    }

    #[test]
    fn each_reply_has_its_code_even_without_an_address() {
        for (reply, code) in [
            (1, Code::Io),
            (2, Code::Denied),
            (3, Code::Unreachable),
            (4, Code::Unreachable),
            (5, Code::Refused),
            (6, Code::Timeout),
            (9, Code::Io),
        ] {
            let mut talk = Socks5::new(&to("10.0.0.1:1"), None).unwrap();
            talk.next(&[]).unwrap();
            talk.next(&[5, 0]).unwrap();
            let error = talk.next(&[5, reply]).unwrap_err();
            assert_eq!(error.code(), code, "{reply}");
            assert!(error.to_string().starts_with("the proxy says: "), "{error}");
        }
    }

    #[test]
    fn any_answer_in_any_cut_ends_or_wants_at_most_what_a_proxy_may_say() {
        for seed in 0_u32..2000 {
            let mut talk = Socks5::new(&to("h:1"), Some(login())).unwrap();
            let mut state = seed.wrapping_mul(2_654_435_761).max(1);
            let mut step = talk.next(&[]);
            for turn in 0..400 {
                let most = match step {
                    Ok(Step::Say(_, most) | Step::Wait(most)) => most,
                    Ok(Step::Through) | Err(_) => break,
                };
                assert!((1..=257).contains(&most), "{most}");
                assert!(turn < 399, "no end");
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                // Nearly right, or it would end at the first byte.
                let byte =
                    [5, 0, 1, 2, 3, 4, 255, state.to_le_bytes()[3]][(state >> 8) as usize % 8];
                step = talk.next(&[byte]);
            }
        }
    }
}
