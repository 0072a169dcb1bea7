//! Tests of packet headers: real ones, cut ones, any bytes.

use super::Packet;
use super::Transport;
use super::Unread;
use super::link::Cooked;
use super::link::Link;
use super::tcp::Flags;
use etherparse::IpFragOffset;
use etherparse::PacketBuilder;
use etherparse::TcpOptionElement;
use proptest::prelude::any;
use proptest::prelude::proptest;

const LINKS: [(u16, Link); 5] = [
    (1, Link::Ethernet),
    (113, Link::Cooked),
    (276, Link::Cooked2),
    (101, Link::Ip),
    (0, Link::Loopback),
];

fn syn() -> Vec<u8> {
    let options = [TcpOptionElement::MaximumSegmentSize(1460), TcpOptionElement::WindowScale(7)];
    let tcp = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        .tcp(40000, 80, 0xDEAD_BEEF, 64240)
        .syn()
        .options(&options)
        .unwrap();
    let mut packet = Vec::new();
    tcp.write(&mut packet, b"").unwrap();
    packet
}

/// An IPv6 datagram.
fn datagram(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let from = [0; 15].into_iter().chain([1]).collect::<Vec<u8>>().try_into().unwrap();
    PacketBuilder::ipv6(from, from, 64).udp(5000, 53).write(&mut packet, payload).unwrap();
    packet
}

/// The same packet as it stands on a link.
fn on(link: Link, kind: u16, packet: &[u8]) -> Vec<u8> {
    let front = match link {
        Link::Ethernet => [&[0; 12][..], &kind.to_be_bytes()].concat(),
        Link::Cooked => [&[0; 14][..], &kind.to_be_bytes()].concat(),
        Link::Cooked2 => Cooked { protocol: kind, ..Cooked::default() }.header().to_vec(),
        Link::Ip => Vec::new(),
        Link::Loopback => vec![2, 0, 0, 0],
    };
    [&front[..], packet].concat()
}

#[test]
fn a_syn_is_read_alike_on_every_link() {
    for (number, link) in LINKS {
        assert_eq!(Link::of(number), Some(link));
        let bytes = on(link, 0x0800, &syn());
        let packet = Packet::read(link, &bytes).unwrap();
        assert_eq!(packet.source, "10.0.0.1:40000".parse().unwrap());
        assert_eq!(packet.destination, "10.0.0.2:80".parse().unwrap());
        let Transport::Tcp(tcp) = packet.transport else { panic!("TCP") };
        assert_eq!((tcp.seq, tcp.window, tcp.flags), (0xDEAD_BEEF, 64240, Flags::SYN));
        assert_eq!((tcp.options.mss, tcp.options.scale), (Some(1460), Some(7)));
        assert_eq!(tcp.takes(packet.length), 1);
    }
    assert_eq!(Link::of(147), None);
}

#[test]
fn a_vlan_is_told_and_padding_is_no_payload() {
    let tagged = [&[0, 42, 0x86, 0xDD][..], &datagram(b"hi"), &[0; 6]].concat();
    let bytes = on(Link::Ethernet, 0x8100, &tagged);
    let packet = Packet::read(Link::Ethernet, &bytes).unwrap();
    assert_eq!((packet.vlan, packet.payload, packet.length), (Some(42), &b"hi"[..], 2));
    assert_eq!((packet.missing(), packet.transport), (0, Transport::Udp));
}

#[test]
fn what_a_capture_cut_off_is_counted() {
    let mut bytes = Vec::new();
    let tcp = PacketBuilder::ipv4([1; 4], [2; 4], 64).tcp(1, 2, 3, 4).ack(5);
    tcp.write(&mut bytes, &[7; 1000]).unwrap();
    let packet = Packet::read(Link::Ip, &bytes[..100]).unwrap();
    assert_eq!((packet.payload.len(), packet.length, packet.missing()), (60, 1000, 940));
    let whole = datagram(&[7; 1000]);
    let packet = Packet::read(Link::Ip, &whole[..68]).unwrap();
    assert_eq!((packet.payload.len(), packet.length), (20, 1000));
}

#[test]
fn extension_headers_are_passed_over() {
    let mut bytes = datagram(b"hi");
    let udp = bytes.split_off(40);
    // Destination options (60), eight bytes of padding, then UDP.
    bytes[6] = 60;
    bytes[5] += 8;
    let bytes = [&bytes[..], &[17, 0, 1, 4, 0, 0, 0, 0], &udp].concat();
    let packet = Packet::read(Link::Ip, &bytes).unwrap();
    assert_eq!((packet.payload, packet.length), (&b"hi"[..], 2));
}

#[test]
fn fragments_are_told_the_first_and_the_later_ones() {
    for (offset, first) in [(0, true), (100, false)] {
        let mut ip =
            etherparse::Ipv4Header::new(8, 64, etherparse::IpNumber::UDP, [1; 4], [2; 4]).unwrap();
        ip.more_fragments = true;
        ip.fragment_offset = IpFragOffset::try_new(offset).unwrap();
        let bytes = [&ip.to_bytes()[..], &[0, 1, 0, 2, 0, 99, 0, 0]].concat();
        assert_eq!(Packet::read(Link::Ip, &bytes), Err(Unread::Fragment { first }));
    }
}

#[test]
fn what_is_no_tcp_or_udp_is_told_as_what_it_is() {
    let arp = on(Link::Ethernet, 0x0806, &[0; 28]);
    assert!(Packet::read(Link::Ethernet, &arp).is_err());
    let odd = on(Link::Ethernet, 0x88CC, &[0; 28]);
    assert_eq!(Packet::read(Link::Ethernet, &odd), Err(Unread::NotIp));
    let mut ping = syn();
    ping[9] = 132;
    assert_eq!(Packet::read(Link::Ip, &ping), Err(Unread::Protocol(132)));
    assert_eq!(Packet::read(Link::Ip, &syn()[..30]), Err(Unread::Damaged));
    assert_eq!(Packet::read(Link::Ethernet, &[0; 13]), Err(Unread::Damaged));
    assert_eq!(Packet::read(Link::Ip, b""), Err(Unread::Damaged));
}

#[test]
fn the_number_of_an_interface_stands_in_a_cooked_header() {
    let cooked = Cooked { interface: 7, protocol: 0x0800, ..Cooked::default() };
    assert_eq!(Cooked::interface_of(&cooked.header()), Some(7));
    assert_eq!(Cooked::interface_of(&[0; 5]), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_and_nothing_is_claimed_beyond_ip(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        link in 0..5_usize,
        begins in any::<bool>(),
    ) {
        let (_, link) = LINKS[link];
        let bytes = if begins { [&syn()[..30], &bytes[..]].concat() } else { bytes };
        if let Ok(packet) = Packet::read(link, &bytes) {
            assert!(packet.payload.len() <= bytes.len());
            assert!(packet.length as usize >= packet.payload.len());
            assert!(packet.length <= 65_575);
        }
    }

    #[test]
    fn a_flipped_byte_in_a_true_packet_never_panics(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<proptest::sample::Index>(),
    ) {
        for packet in [syn(), datagram(b"hello")] {
            for (_, link) in LINKS {
                let mut bytes = on(link, 0x0800, &packet);
                let at = at.index(bytes.len());
                bytes[at] = byte;
                let cut = cut.index(bytes.len() + 1);
                drop(Packet::read(link, &bytes[..cut]));
            }
        }
    }
}
