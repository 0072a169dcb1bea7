//! Random secrets, written as text that needs no escaping, and compared in constant time.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::workbench::refusal::Refusal;

/// What is kept of a secret: whoever reads it has not got the secret.
#[derive(Clone, Copy)]
pub(super) struct Hash([u8; 32]);

impl Hash {
    /// Of a secret as it is written.
    pub(super) fn of(secret: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, secret).as_ref());
        Self(hash)
    }

    /// Whether both are of one secret; takes as long whatever they are.
    pub(super) fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    /// In lower-case hex.
    pub(super) fn hex(&self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _taken = write!(text, "{byte:02x}");
            text
        })
    }

    /// Read back from [`Hash::hex`].
    pub(super) fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        let lower = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.as_bytes().iter().all(lower) {
            return None;
        }
        for (byte, place) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// A new secret of so many random bytes, in base64url.
pub(super) fn fresh<const BYTES: usize>() -> Result<String, Refusal> {
    random::<BYTES>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// A new number that nobody else has, in hex. No secret.
pub(super) fn unique() -> Result<String, Refusal> {
    random().map(|bytes| format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], Refusal> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| {
        Refusal::too_many("this machine gives no random numbers: no secret can be made")
    })?;
    Ok(bytes)
}
