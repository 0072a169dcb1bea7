//! The two ends of a relay that is to be: whether they go together, who may come, and
//! whether it would call itself.

use std::net::SocketAddr;

use sockeye_net::circle::calls_itself;
use sockeye_net::endpoint::{Endpoint, Target};
use sockeye_net::error::Code;
use sockeye_net::resolve::{Lookup, resolve};

use crate::closing::Failure;

/// Whether a caller of the relay acts on this machine: on a child, a file or a device.
pub fn acts(right: &Endpoint) -> bool {
    matches!(right.target, Target::Exec(_) | Target::File(_) | Target::Serial(_))
}

/// Refuses ends of which one has boundaries and one has none.
pub fn suit(left: &Endpoint, right: &Endpoint) -> Result<(), Failure> {
    if left.is_datagram() == right.is_datagram() {
        return Ok(());
    }
    let text =
        format!("`{left}` and `{right}` do not go together: one has boundaries, one has none");
    Err(Failure::usage(text, "relay streams to streams, datagrams to datagrams"))
}

/// What listening on `left` for `right` takes beside that: not the same place, and loopback
/// where a caller could act on this machine and no address was given.
pub fn prepare(left: &mut Endpoint, right: &Endpoint) -> Result<(), Failure> {
    let beside = right.options.sets_out_beside(&left.options);
    if left.target == right.target && beside {
        return Err(itself(right));
    }
    if acts(right) {
        left.narrow();
    }
    Ok(())
}

/// Refuses a relay that would dial the port that it listens on, before it starts. Each call
/// is looked at again: a name may have another address by then.
pub async fn refuse_itself(
    own: Option<SocketAddr>,
    target: &Endpoint,
    lookup: Lookup,
) -> Result<(), Failure> {
    let (Some(own), Some(at)) = (own, target.at()) else {
        return Ok(());
    };
    // A name that cannot be looked up now may be known when a client comes.
    let addresses = resolve(at, lookup).await.unwrap_or_default();
    if addresses.iter().any(|address| calls_itself(own, *address)) {
        return Err(itself(target));
    }
    Ok(())
}

fn itself(target: &Endpoint) -> Failure {
    Failure {
        code: Code::Denied,
        text: format!("`{target}` is the relay itself: it would call itself for ever"),
        hint: Some("give the other side another address".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use sockeye_net::endpoint::Purpose;

    use super::*;

    fn listening(text: &str) -> Endpoint {
        Endpoint::parse(text, Purpose::Listen).unwrap()
    }

    fn dialled(text: &str) -> Endpoint {
        Endpoint::parse(text, Purpose::Dial).unwrap()
    }

    #[test]
    fn what_lets_a_caller_act_here_is_for_loopback_unless_an_address_is_given() {
        for (left, right, bound) in [
            ("8888", "exec:cat", "tcp://127.0.0.1:8888"),
            ("0.0.0.0:8888", "exec:cat", "tcp://0.0.0.0:8888"),
            ("8888", "serial:/dev/ttyUSB0", "tcp://127.0.0.1:8888"),
            ("8888", "9999", "tcp://*:8888"),
        ] {
            let mut left = listening(left);
            prepare(&mut left, &dialled(right)).unwrap();
            assert_eq!(left.to_string(), bound, "{right}");
        }
    }

    #[test]
    fn datagrams_go_to_datagrams_alone() {
        assert!(suit(&listening("udp://:1"), &dialled("unixgram:/x")).is_ok());
        let failure = suit(&listening("udp://:1"), &dialled("8888")).unwrap_err();
        assert_eq!(failure.code, Code::Usage);
    }

    #[tokio::test]
    async fn a_relay_to_itself_is_refused_by_its_name_and_by_its_address() {
        let failure = prepare(&mut listening("127.0.0.1:9"), &dialled("9")).unwrap_err();
        assert_eq!(failure.code, Code::Denied);
        let own = "[::]:9".parse().ok();
        let ask = |text: &str| {
            let target = dialled(text);
            async move { refuse_itself(own, &target, Lookup::default()).await.is_ok() }
        };
        assert!(!ask("localhost:9").await && !ask("127.0.0.2:9").await);
        assert!(ask("localhost:10").await && ask("exec:cat").await);
    }
}
