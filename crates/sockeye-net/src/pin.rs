//! A pin: the SHA-256 of the one certificate (its DER form) that is accepted. It is what
//! `openssl x509 -fingerprint -sha256` prints.

use std::fmt;
use std::str::FromStr;

/// The fingerprint of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl FromStr for Pin {
    type Err = String;

    /// `sha256:` and 64 hex digits, with or without colons between the bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        let form = "a pin is `sha256:` and 64 hex digits";
        let digits = text.strip_prefix("sha256:").ok_or(form)?.replace(':', "");
        let bytes = sockeye_text::hex::decode(&digits).map_err(|_| form.to_owned())?;
        let plain = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match <[u8; 32]>::try_from(bytes) {
            Ok(bytes) if plain => Ok(Self(bytes)),
            _ => Err(form.to_owned()),
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_and_what_openssl_prints() {
        let pin = Pin(std::array::from_fn(|index| u8::try_from(index * 7).unwrap()));
        assert_eq!(pin.to_string().parse(), Ok(pin));
        let colons: Vec<String> = pin.0.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(format!("sha256:{}", colons.join(":")).parse(), Ok(pin));
    }

    #[test]
    fn refuses_another_digest_and_another_length() {
        for text in ["", "sha1:00", "sha256:", "sha256:zz", &format!("sha256:{}", "0".repeat(66))] {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
