//! Bytes moved between real descriptors, by every way that a pair has, the portable one too.

use std::fs::File;
use std::future::poll_fn;
use std::path::Path;

use rustix::net::{SendFlags, send};
use sockeye_net::dial::{Dial, FileUse, dial};
use sockeye_net::endpoint::{Endpoint, Purpose};
use sockeye_net::mover::{Broken, Choice, Means, Moved, Mover};
use sockeye_net::stream::{Facts, Reader, Stream, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::unix::pipe;
use tokio::net::{TcpListener, TcpStream, UnixStream};

const SIZE: usize = 8 << 20;

/// Bytes that are nowhere the same.
fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(SIZE).collect()
}

async fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let calling = TcpStream::connect(listener.local_addr().expect("bound"));
    let (ours, theirs) = tokio::join!(calling, listener.accept());
    (ours.expect("connected"), theirs.expect("accepted").0)
}

fn unix(socket: UnixStream) -> Stream {
    Stream::unix(socket, Facts::new("unix", "", ""))
}

async fn file(path: &Path, options: &str, wanted: FileUse) -> Stream {
    let text = format!("file:{}{options}", path.display());
    let endpoint = Endpoint::parse(&text, Purpose::Dial).expect("a path");
    dial(&endpoint, Dial { file: wanted, ..Dial::default() }, None).await.expect("a file")
}

fn null() -> Writer {
    Writer::Null(File::options().write(true).open("/dev/null").expect("it is always there"))
}

/// Moves all, closes the target, and returns how many bytes were said to be taken and given.
async fn moved(mut mover: Mover, mut from: Reader, mut to: Writer) -> (usize, usize) {
    let mut counted = (0, 0);
    loop {
        match poll_fn(|cx| mover.poll(cx, &mut from, &mut to)).await.expect("nothing breaks") {
            Moved::Bytes { taken, given } => {
                counted.0 += taken;
                counted.1 += given;
                assert_eq!(counted.0 - counted.1, mover.held());
            }
            Moved::Told(text) => panic!("{text}"),
            Moved::End(_) => break,
        }
    }
    to.finish().await.expect("an end");
    counted
}

/// What feeds a source, or takes what a target got.
async fn feed(mut into: impl tokio::io::AsyncWrite + Unpin, bytes: &[u8]) {
    // In pieces that fit nothing.
    for piece in bytes.chunks(70_001) {
        into.write_all(piece).await.expect("a reader");
    }
    into.shutdown().await.expect("an end");
}

async fn drain(mut from: impl tokio::io::AsyncRead + Unpin) -> Vec<u8> {
    let mut got = Vec::new();
    from.read_to_end(&mut got).await.expect("an end");
    got
}

#[tokio::test]
async fn a_relays_streams_keep_every_byte_by_either_way() {
    let bytes = noise();
    for (choice, means) in [(Choice::Cheapest, Means::Splice), (Choice::Portable, Means::Copy)] {
        let ((near, client), (far, server)) = (tcp().await, tcp().await);
        let (from, to) = (Stream::tcp(near).reader, Stream::tcp(far).writer);
        let mover = Mover::between(&from, &to, choice);
        assert_eq!(mover.means(), means);
        let moving = moved(mover, from, to);
        let (counted, (), got) = tokio::join!(moving, feed(client, &bytes), drain(server));
        assert_eq!(counted, (SIZE, SIZE));
        assert!(got == bytes, "{choice:?}");
    }
}

#[tokio::test]
async fn unix_streams_and_pipes_keep_every_byte_by_either_way() {
    let bytes = noise();
    for (choice, means) in [(Choice::Cheapest, Means::Splice), (Choice::Portable, Means::Copy)] {
        // A pipe to a Unix stream, and from there to a pipe.
        let (input, outlet) = pipe::pipe().unwrap();
        let (inlet, output) = pipe::pipe().unwrap();
        let (near, far) = UnixStream::pair().unwrap();
        let (from, to) = (Reader::Pipe(outlet), unix(near).writer);
        let (back, out) = (unix(far).reader, Writer::Pipe(inlet));
        let there = Mover::between(&from, &to, choice);
        let on = Mover::between(&back, &out, choice);
        assert_eq!((there.means(), on.means()), (means, means));
        let first = moved(there, from, to);
        let second = moved(on, back, out);
        let feeding = async {
            let mut input = input;
            input.write_all(&bytes).await.unwrap();
        };
        let (one, two, (), got) = tokio::join!(first, second, feeding, drain(output));
        assert_eq!([one, two], [(SIZE, SIZE); 2]);
        assert!(got == bytes, "{choice:?}");
    }
}

#[tokio::test]
async fn a_files_bytes_go_to_a_socket_and_a_sockets_into_a_file_by_either_way() {
    let (bytes, folder) = (noise(), tempfile::tempdir().unwrap());
    let source = folder.path().join("source");
    std::fs::write(&source, &bytes).unwrap();
    for choice in [Choice::Cheapest, Choice::Portable] {
        // One that is only appended to cannot be spliced into.
        for (name, options, spliced) in [("new", "", true), ("more", "?append", false)] {
            let (near, far) = tcp().await;
            let target = folder.path().join(format!("{name} {choice:?}"));
            let from = file(&source, "", FileUse::Source).await.reader;
            let to = Stream::tcp(near).writer;
            let back = Stream::tcp(far).reader;
            let into = file(&target, options, FileUse::Target).await.writer;
            let there = Mover::between(&from, &to, choice);
            let on = Mover::between(&back, &into, choice);
            let cheapest = choice == Choice::Cheapest;
            assert_eq!(there.means() == Means::Sendfile, cheapest);
            assert_eq!(on.means() == Means::Splice, cheapest && spliced);
            let sending = moved(there, from, to);
            let (one, two) = tokio::join!(sending, moved(on, back, into));
            assert_eq!([one, two], [(SIZE, SIZE); 2]);
            assert!(std::fs::read(&target).unwrap() == bytes, "{name} {choice:?}");
        }
    }
}

#[tokio::test]
async fn what_is_thrown_away_is_counted_to_the_last_byte() {
    let bytes = noise();
    for (choice, means) in [(Choice::Cheapest, Means::Discard), (Choice::Portable, Means::Copy)] {
        let (near, client) = tcp().await;
        let (from, to) = (Stream::tcp(near).reader, null());
        let mover = Mover::between(&from, &to, choice);
        assert_eq!(mover.means(), means);
        let (counted, ()) = tokio::join!(moved(mover, from, to), feed(client, &bytes));
        assert_eq!(counted, (SIZE, SIZE));
        let (near, client) = UnixStream::pair().unwrap();
        let (from, to) = (unix(near).reader, null());
        let mover = Mover::between(&from, &to, choice);
        let (counted, ()) = tokio::join!(moved(mover, from, to), feed(client, &bytes));
        assert_eq!(counted, (SIZE, SIZE));
    }
}

#[tokio::test]
async fn a_target_that_is_gone_is_told_from_a_source_that_broke() {
    for choice in [Choice::Cheapest, Choice::Portable] {
        let (near, client) = tcp().await;
        client.set_zero_linger().unwrap();
        drop(client);
        let (mut from, mut to) = (Stream::tcp(near).reader, null());
        let mut mover = Mover::between(&from, &to, choice);
        let broken = poll_fn(|cx| mover.poll(cx, &mut from, &mut to)).await.unwrap_err();
        assert!(matches!(broken, Broken::Source(_)), "{broken:?}");

        let (mut input, outlet) = pipe::pipe().unwrap();
        let (inlet, output) = pipe::pipe().unwrap();
        drop(output);
        input.write_all(b"for nobody").await.unwrap();
        let (mut from, mut to) = (Reader::Pipe(outlet), Writer::Pipe(inlet));
        let mut mover = Mover::between(&from, &to, choice);
        let broken = loop {
            // What was taken is told before what became of it.
            if let Err(broken) = poll_fn(|cx| mover.poll(cx, &mut from, &mut to)).await {
                break broken;
            }
        };
        assert!(matches!(broken, Broken::Target(_)), "{broken:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_stdin_is_read_from_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two lines");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut read = File::open(&path).unwrap();
    std::io::Seek::seek(&mut read, std::io::SeekFrom::Start(4)).unwrap();
    let (near, far) = tcp().await;
    let (from, to) = (Reader::Regular(read), Stream::tcp(near).writer);
    let mover = Mover::between(&from, &to, Choice::Cheapest);
    assert_eq!(moved(mover, from, to).await, (4, 4));
    assert_eq!(drain(far).await, b"two\n");
}

#[tokio::test]
async fn urgent_data_is_left_out_and_ends_nothing() {
    let bytes = noise();
    for choice in [Choice::Cheapest, Choice::Portable] {
        let (near, client) = tcp().await;
        let (far, server) = tcp().await;
        let (inlet, output) = pipe::pipe().unwrap();
        // Through a pipe of our own, and straight into one.
        let (from, to) = (Stream::tcp(near).reader, Stream::tcp(far).writer);
        let (back, out) = (Stream::tcp(server).reader, Writer::Pipe(inlet));
        let there = Mover::between(&from, &to, choice);
        let on = Mover::between(&back, &out, choice);
        let feeding = async {
            let mut client = client;
            for (number, piece) in bytes.chunks(1_000_000).enumerate() {
                client.write_all(piece).await.unwrap();
                // An earlier urgent byte would become one like the others.
                while number == 3
                    && client
                        .try_io(Interest::WRITABLE, || Ok(send(&client, b"!", SendFlags::OOB)?))
                        .is_err()
                {
                    client.writable().await.unwrap();
                }
            }
        };
        let first = moved(there, from, to);
        let second = moved(on, back, out);
        let (one, two, (), got) = tokio::join!(first, second, feeding, drain(output));
        assert_eq!([one, two], [(SIZE, SIZE); 2]);
        assert!(got == bytes, "{choice:?}");
    }
}
