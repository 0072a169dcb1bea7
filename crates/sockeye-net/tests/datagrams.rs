//! Many datagrams a call, over real sockets on loopback, and the same one by one.

use std::time::Duration;

use sockeye_net::datagram::batch::{Parcel, Way};
use sockeye_net::datagram::{Datagrams, MOST_UNIX, MOST_V4, Sender};
use sockeye_net::dial::Dial;
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::resolve::Lookup;
use tokio::time::timeout;

/// Longer than anything here takes, and short enough to be waited for.
const LONG: Duration = Duration::from_secs(10);
const BOTH: [Way; 2] = [Way::Together, Way::Singly];

async fn bound(text: &str, way: Way) -> Datagrams {
    let endpoint = Endpoint::parse(text, Purpose::Listen).expect("an endpoint");
    Datagrams::bind(&endpoint, Lookup::default()).await.expect("a port").by(way)
}

fn at(socket: &Datagrams) -> Sender {
    Sender::Inet(socket.address().expect("bound"))
}

/// The next `count` of them, and how many calls it took.
async fn take(socket: &Datagrams, count: usize) -> (Vec<(Vec<u8>, Sender)>, usize) {
    let (mut all, mut calls) = (Vec::new(), 0);
    while all.len() < count {
        let batch = timeout(LONG, socket.recv_many()).await.expect("in time").expect("no error");
        calls += 1;
        all.extend(batch.iter().map(|came| (came.bytes.to_vec(), came.from.clone())));
    }
    (all, calls)
}

/// Sends them all; returns the number and the words of each that was refused.
async fn give(socket: &Datagrams, parcels: &[Parcel<'_>]) -> (Vec<(usize, String)>, usize) {
    let (mut refused, mut done, mut calls) = (Vec::new(), 0, 0);
    while done < parcels.len() {
        calls += 1;
        match timeout(LONG, socket.send_many(parcels.split_at(done).1)).await.expect("in time") {
            Ok(count) => done += count,
            Err(error) => {
                refused.push((done, error.to_string()));
                done += 1;
            }
        }
    }
    (refused, calls)
}

#[tokio::test]
async fn datagrams_come_whole_and_in_order_whichever_way_they_pass() {
    let texts: Vec<Vec<u8>> = (0..70_usize).map(|number| vec![7; number * 11 % 300]).collect();
    for (sends, takes) in BOTH.into_iter().flat_map(|one| BOTH.map(|other| (one, other))) {
        for of in ["udp://127.0.0.1:0", "udp://[::1]:0"] {
            let (left, right) = (bound(of, sends).await, bound(of, takes).await);
            let to = at(&right);
            let parcels: Vec<_> =
                texts.iter().map(|bytes| Parcel { bytes, to: Some(&to) }).collect();
            let (refused, sendings) = give(&left, &parcels).await;
            assert_eq!(refused, []);
            let (came, takings) = take(&right, texts.len()).await;
            let expected: Vec<_> = texts.iter().map(|text| (text.clone(), at(&left))).collect();
            assert_eq!(came, expected, "{sends:?} {takes:?} {of}");
            let calls =
                |way| if way == Way::Together && cfg!(target_os = "linux") { 2 } else { 70 };
            assert_eq!((sendings, takings), (calls(sends), calls(takes)));
        }
    }
}

#[tokio::test]
async fn one_that_cannot_go_is_told_of_and_the_others_go() {
    for way in BOTH {
        let (left, right) =
            (bound("udp://127.0.0.1:0", way).await, bound("udp://127.0.0.1:0", way).await);
        let (to, nowhere, huge) = (at(&right), Sender::Unnamed, vec![0; MOST_V4 + 1]);
        let other_family = Sender::Inet("[::1]:9".parse().unwrap());
        let fine = |bytes| Parcel { bytes, to: Some(&to) };
        let parcels = [
            Parcel { bytes: b"nobody", to: Some(&nowhere) },
            fine(b"one"),
            Parcel { bytes: &huge, to: Some(&to) },
            fine(b"two"),
            Parcel { bytes: b"far", to: Some(&other_family) },
            fine(b"three"),
        ];
        let (refused, _) = give(&left, &parcels).await;
        let numbers: Vec<usize> = refused.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 2, 4], "{way:?}: {refused:?}");
        assert!(refused[1].1.contains("65508 bytes are more than the 65507"), "{refused:?}");
        let (came, _) = take(&right, 3).await;
        let texts: Vec<_> = came.iter().map(|(bytes, _)| bytes.as_slice()).collect();
        assert_eq!(texts, [&b"one"[..], b"two", b"three"]);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn whoever_has_gone_is_told_of_by_name_and_costs_no_datagram() {
    for way in BOTH {
        let socket = bound("udp://127.0.0.1:0", way).await;
        let gone = at(&bound("udp://127.0.0.1:0", way).await);
        assert_eq!(give(&socket, &[Parcel { bytes: b"x", to: Some(&gone) }]).await.0, []);
        // Its ICMP error is there before the next call: loopback has no way to be late. So a
        // send meets it, and it is told all the same.
        let own = at(&socket);
        let selfish = Parcel { bytes: b"self", to: Some(&own) };
        assert_eq!(give(&socket, &[selfish, selfish]).await.0, []);
        let error = timeout(LONG, socket.recv_many()).await.expect("in time").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{way:?}");
        assert_eq!(socket.undelivered().first(), Some(&gone), "{way:?}");
        assert_eq!(take(&socket, 2).await.0, vec![(b"self".to_vec(), own.clone()); 2]);
        // In the middle of many.
        let lost = Parcel { bytes: b"x", to: Some(&gone) };
        assert_eq!(give(&socket, &[selfish, lost, selfish, selfish]).await.0, []);
        let error = timeout(LONG, socket.recv_many()).await.expect("in time").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{way:?}");
        assert_eq!(socket.undelivered(), [gone], "{way:?}");
        assert_eq!(take(&socket, 3).await.0.len(), 3);
    }
}

#[tokio::test]
async fn unix_datagrams_come_by_the_batch_too_with_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("unixgram:{}", folder.path().join("d").display());
    for way in BOTH {
        let server = bound(&text, way).await;
        let endpoint = Endpoint::parse(&text, Purpose::Dial).expect("an endpoint");
        let client = Datagrams::dial(&endpoint, Dial::default()).await.expect("it listens").by(way);
        let big = vec![1; 100_000];
        for bytes in [&b"a"[..], b"", &big] {
            assert_eq!(give(&client, &[Parcel { bytes, to: None }]).await.0, []);
        }
        let (came, _) = take(&server, 3).await;
        let texts: Vec<_> = came.iter().map(|(bytes, _)| bytes.as_slice()).collect();
        assert_eq!(texts, [&b"a"[..], b"", &big]);
        let back = &came[0].1;
        assert!(matches!(back, Sender::Abstract(_)), "{back:?}");
        assert_eq!(give(&server, &[Parcel { bytes: b"back", to: Some(back) }]).await.0, []);
        assert_eq!(take(&client, 1).await.0[0].0, b"back");
    }
}

#[tokio::test]
async fn a_long_unix_datagram_comes_whole_and_one_that_is_too_long_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d");
    let server = bound(&format!("unixgram:{}", path.display()), Way::Together).await;
    let client = std::os::unix::net::UnixDatagram::unbound().expect("a socket");
    client.set_nonblocking(true).expect("a socket");
    let asked = 2 * MOST_UNIX;
    // Root alone may go beyond what the system allows everyone.
    if rustix::net::sockopt::set_socket_send_buffer_size_force(&client, asked).is_err() {
        rustix::net::sockopt::set_socket_send_buffer_size(&client, asked).expect("a size");
    }
    let long: Vec<u8> = (0..400_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    client.send_to(&long, &path).expect("the usual limit is higher");
    client.send_to(&long, &path).expect("twice");
    let (came, _) = take(&server, 1).await;
    assert!(came[0].0 == long, "{} bytes came", came[0].0.len());
    let alone = timeout(LONG, server.recv()).await.expect("in time").expect("no error");
    assert!(alone.bytes == long, "{} bytes came", alone.bytes.len());
    if client.send_to(&vec![0; MOST_UNIX + 1], &path).is_ok() {
        client.send_to(b"next", &path).expect("room");
        let error = timeout(LONG, server.recv_many()).await.expect("in time").unwrap_err();
        assert!(error.to_string().contains("4194305 bytes"), "{error}");
        assert_eq!(take(&server, 1).await.0[0].0, b"next");
    }
}
