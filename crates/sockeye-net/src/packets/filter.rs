//! What the kernel sorts out before it shows a packet (classic BPF, Linux's
//! `Documentation/networking/filter.rst`), for a socket to which packets begin with their
//! network header. It lets pass whatever it cannot tell: nothing that is wanted is lost here.

use socket2::SockFilter;

/// More are not sorted by: the jumps of a program reach 255 instructions.
const MOST: usize = 24;

/// All of the packet.
const WHOLE: u32 = 0x0004_0000;

const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86DD;
/// VLANs that no network card has taken off (IEEE 802.1Q, 802.1ad).
const VLANS: [u32; 2] = [0x8100, 0x88A8];
/// TCP and UDP.
const TRANSPORTS: [u32; 2] = [6, 17];
/// The extension headers of IPv6 behind which a port may stand (RFC 8200, section 4).
const EXTENSIONS: [u32; 5] = [0, 43, 44, 51, 60];

/// `ARPHRD_LOOPBACK`, where a packet is seen as it leaves and again as it arrives.
const LOOPBACK: u32 = 772;
/// `PACKET_OUTGOING`.
const OUTGOING: u32 = 4;

/// Where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Next,
    /// Over the next.
    Over,
    Take,
    Leave,
    V6,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    code: u32,
    yes: To,
    no: To,
    value: u32,
}

/// The program that lets TCP and UDP pass to or from these ports; without any, all of both.
pub(super) fn program(ports: &[u16]) -> Vec<SockFilter> {
    let steps = steps(if ports.len() > MOST { &[] } else { ports });
    let v6 = steps.iter().position(|step| step.code == V6_BEGINS).unwrap_or_default();
    let end = steps.len();
    let place = |at: usize, to: To| match to {
        To::Next => 0,
        To::Over => 1,
        To::Take => end - at - 1,
        To::Leave => end - at,
        To::V6 => v6 - at - 1,
    };
    let narrow = |distance: usize| u8::try_from(distance).unwrap_or(u8::MAX);
    let mut program: Vec<SockFilter> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let code = if step.code == V6_BEGINS { LOAD_BYTE } else { step.code };
            let (yes, no) = (narrow(place(at, step.yes)), narrow(place(at, step.no)));
            SockFilter::new(u16::try_from(code).unwrap_or_default(), yes, no, step.value)
        })
        .collect();
    program.push(SockFilter::new(RETURN, 0, 0, WHOLE));
    program.push(SockFilter::new(RETURN, 0, 0, 0));
    program
}

const LOAD_WORD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const LOAD_HALF: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
const LOAD_BYTE: u32 = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
/// The length of an IPv4 header into X.
const LOAD_HEADER: u32 = libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH;
const LOAD_BEHIND: u32 = libc::BPF_LD | libc::BPF_H | libc::BPF_IND;
const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const ANY_OF: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;
const RETURN: u16 = 0x06;
/// [`LOAD_BYTE`], where the part of IPv6 begins.
const V6_BEGINS: u32 = LOAD_BYTE | 0x1_0000;

fn steps(ports: &[u16]) -> Vec<Step> {
    let mut steps = vec![
        load(LOAD_WORD, beside(libc::SKF_AD_PKTTYPE)),
        when(OUTGOING, To::Next, To::Over),
        load(LOAD_WORD, beside(libc::SKF_AD_HATYPE)),
        // A kind of packet (0 to 7) that was not loaded over is no kind of interface.
        when(LOOPBACK, To::Leave, To::Next),
        load(LOAD_WORD, beside(libc::SKF_AD_PROTOCOL)),
        when(IPV6, To::V6, To::Next),
    ];
    steps.extend(VLANS.map(|vlan| when(vlan, To::Take, To::Next)));
    steps.extend([
        when(IPV4, To::Next, To::Leave),
        load(LOAD_BYTE, 9),
        when(TRANSPORTS[0], To::Over, To::Next),
        when(TRANSPORTS[1], To::Next, To::Leave),
    ]);
    if ports.is_empty() {
        steps.push(load(LOAD_BYTE, 9));
        steps.push(when(u32::MAX, To::Next, To::Take));
    } else {
        // A later fragment has no ports.
        steps.push(load(LOAD_HALF, 6));
        steps.push(Step { code: ANY_OF, yes: To::Take, no: To::Next, value: 0x1FFF });
        steps.push(load(LOAD_HEADER, 0));
        either_port(&mut steps, LOAD_BEHIND, [0, 2], ports);
    }
    steps.push(load(V6_BEGINS, 6));
    steps.extend(EXTENSIONS.map(|kind| when(kind, To::Take, To::Next)));
    steps.push(when(TRANSPORTS[0], To::Over, To::Next));
    steps.push(when(TRANSPORTS[1], To::Next, To::Leave));
    if !ports.is_empty() {
        either_port(&mut steps, LOAD_HALF, [40, 42], ports);
    }
    steps
}

/// Takes it if the source's or the destination's port is one of these, or leaves it.
fn either_port(steps: &mut Vec<Step>, code: u32, places: [u32; 2], ports: &[u16]) {
    for place in places {
        steps.push(load(code, place));
        steps.extend(ports.iter().map(|port| when(u32::from(*port), To::Take, To::Next)));
    }
    if let Some(last) = steps.last_mut() {
        last.no = To::Leave;
    }
}

fn load(code: u32, place: u32) -> Step {
    Step { code, yes: To::Next, no: To::Next, value: place }
}

fn when(value: u32, yes: To, no: To) -> Step {
    Step { code: EQUAL, yes, no, value }
}

/// Where the kernel keeps what it knows of a packet besides its bytes.
fn beside(what: libc::c_int) -> u32 {
    (libc::SKF_AD_OFF + what).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::{MOST, program};

    #[test]
    fn every_jump_stays_within_reach() {
        let most: Vec<u16> = (1..=u16::try_from(MOST).unwrap()).collect();
        assert!(program(&most).len() < 200);
        assert_eq!(program(&[]).len(), program(&(1..100).collect::<Vec<_>>()).len());
    }
}
