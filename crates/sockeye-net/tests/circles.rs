//! What would come back to a port of our own is refused by the addresses that a name has,
//! each time it is called, straight and through a proxy.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use sockeye_net::circle::Forbidden;
use sockeye_net::dial::{Dial, dial};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::error::NetError;
use tokio::io::AsyncReadExt;

/// A port of our own, which nobody may come to.
fn own(address: &str) -> (TcpListener, SocketAddr, Dial) {
    let listener = TcpListener::bind(address).expect("a port");
    listener.set_nonblocking(true).expect("set");
    let at = listener.local_addr().expect("bound");
    let how = Dial { forbidden: Forbidden::new([at]), ..Dial::default() };
    (listener, at, how)
}

async fn call(endpoint: &str, how: &Dial) -> Result<(), NetError> {
    let endpoint = Endpoint::parse(endpoint, Purpose::Dial).expect("an endpoint");
    dial(&endpoint, how.clone(), None).await.map(drop)
}

#[tokio::test]
async fn a_port_of_our_own_is_refused_under_each_of_its_names_and_gets_no_call() {
    let names = ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:0.0.0.0]"];
    for (bound, more) in [("127.0.0.1:0", None), ("0.0.0.0:0", Some("127.0.0.2"))] {
        let (listener, at, how) = own(bound);
        for host in names.into_iter().chain(more) {
            for scheme in ["tcp", "tls", "ws", "wss"] {
                let endpoint = format!("{scheme}://{host}:{}", at.port());
                let refused = call(&endpoint, &how).await.expect_err(&endpoint);
                assert!(matches!(refused, NetError::Circle { .. }), "{endpoint}: {refused}");
                assert_eq!(refused.code().to_string(), "E-denied");
            }
        }
        assert_eq!(listener.accept().expect_err("a call").kind(), ErrorKind::WouldBlock);
        call(&format!("tcp://127.0.0.1:{}", at.port()), &Dial::default()).await.expect("a call");
    }
}

#[tokio::test]
async fn another_address_of_loopback_that_somebody_else_has_is_no_circle() {
    let (_listener, at, how) = own("127.0.0.1:0");
    let other = TcpListener::bind(("127.0.0.2", at.port())).expect("a port");
    call(&format!("tcp://127.0.0.2:{}", at.port()), &how).await.expect("a call");
    drop(other);
}

#[tokio::test]
async fn a_proxy_is_not_asked_for_a_port_of_our_own_and_is_none_itself() {
    let (listener, at, how) = own("127.0.0.1:0");
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let via = proxy.local_addr().expect("bound").port();
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let endpoint = format!("tcp://{host}:{}?via=socks5://127.0.0.1:{via}", at.port());
        let refused = call(&endpoint, &how).await.expect_err(&endpoint);
        assert!(matches!(refused, NetError::Circle { .. }), "{endpoint}: {refused}");
        let (mut asked, _) = proxy.accept().await.expect("it was called");
        let mut heard = Vec::new();
        asked.read_to_end(&mut heard).await.expect("its end");
        assert!(heard.is_empty(), "{heard:?}");
    }
    let endpoint = format!("tcp://192.0.2.1:9?via=http://localhost:{}", at.port());
    let refused = call(&endpoint, &how).await.expect_err(&endpoint);
    assert!(matches!(refused, NetError::Circle { .. }), "{refused}");
    assert_eq!(listener.accept().expect_err("a call").kind(), ErrorKind::WouldBlock);
}
